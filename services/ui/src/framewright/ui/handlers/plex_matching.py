"""From what a Plex server says of a file to the thing it is, and from things to what Plex is told of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from framewright.ui.domain.plex_provider import picture_url
from framewright.ui.domain.shelf import Card, Hint, Thing
from framewright.ui.domain.whereabouts import candidates
from framewright.ui.handlers.desk import Desk
from framewright.vendors import PlexItem, PlexItemKind, PlexPicture, PlexProvider, PlexWish, plex_own_key


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of a server that knew the secret: to which provider, and under which name it reached us.

    `known` is what was described so far: the season and the show above a page of episodes are described once.
    """

    desk: Desk
    provider: PlexProvider
    origin: str
    known: dict[Thing, PlexItem] = field(default_factory=dict[Thing, PlexItem])

    async def thing(self, key: str) -> Thing | None:
        """What a key stands for; None for one that is unknown, or of the other provider."""
        thing = await self.desk.metadata.door.thing(key)
        return thing if thing and thing.kind in self.provider.kinds else None

    async def item(self, thing: Thing) -> PlexItem | None:
        """A thing with its key and the addresses of its pictures; None when its files are gone or no good."""
        card = await self.desk.metadata.shelf.card(thing)
        return await self._labelled(card) if card else None

    async def items(self, things: Iterable[Thing]) -> list[PlexItem]:
        """Several things; those whose files are gone or no good are left out."""
        return [await self._labelled(card) for card in await self.desk.metadata.shelf.cards(things)]

    async def children(self, thing: Thing) -> list[PlexItem]:
        """Everything one level below."""
        return await self.items(await self.desk.metadata.shelf.below(thing))

    async def _labelled(self, card: Card) -> PlexItem:
        if card.thing not in self.known:
            self.known[card.thing] = PlexItem(
                provider=self.provider,
                kind=card.thing.kind,
                key=await self.desk.metadata.door.key(card.thing),
                title=card.title,
                nfo=card.nfo,
                premiered=card.premiered,
                index=card.thing.season if card.thing.kind is PlexItemKind.SEASON else card.thing.episode,
                pictures=await self._pictures(card),
                parent=await self._labelled(card.parent) if card.parent else None,
            )
        return self.known[card.thing]

    async def _pictures(self, card: Card) -> tuple[PlexPicture, ...]:
        """Those that are pictures; every change of a file gives it another address, so that Plex fetches it again."""
        metadata = self.desk.metadata
        stamps = [(kind, path, await metadata.files.stamp(path)) for kind, path in card.art]
        named = [(kind, await metadata.door.picture_name(path, one.version)) for kind, path, one in stamps if one]
        return tuple(PlexPicture(kind, picture_url(self.origin, name)) for kind, name in named)


async def matched(visit: Visit, wish: PlexWish) -> Thing | None:
    """The thing that is meant: by its file, else by a GUID that was given here before."""
    episode = wish.kind is PlexItemKind.EPISODE
    hint = Hint(
        kind=wish.kind,
        paths=candidates(visit.desk.config.servers, wish.filename),
        season=wish.parent_index if episode else wish.index,
        episode=wish.index if episode else None,
        day=wish.date,
    )
    return await visit.desk.metadata.shelf.find(hint) or await _by_guid(visit, wish, hint)


async def _by_guid(visit: Visit, wish: PlexWish, hint: Hint) -> Thing | None:
    thing = await visit.thing(plex_own_key(visit.provider, wish.guid))
    if thing is not None and thing.kind is PlexItemKind.SHOW:
        return await visit.desk.metadata.shelf.within(thing, hint)
    return thing if thing and thing.kind is wish.kind else None
