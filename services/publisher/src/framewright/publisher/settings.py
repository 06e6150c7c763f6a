"""What the publisher reads from the environment."""

from framewright.chassis.settings import ProcessSettings


class PublisherSettings(ProcessSettings, frozen=True, kw_only=True):
    """Which servers this process serves."""

    publisher_types: str = ""
    """Server types, separated by commas (plex,emby,jellyfin,folder); empty serves every type."""
    publisher_concurrency: int = 2
    """Requests of one server in work at once, over every replica."""

    @property
    def types(self) -> frozenset[str]:
        """The types as a set; empty means all."""
        return frozenset(word.strip() for word in self.publisher_types.split(",") if word.strip())
