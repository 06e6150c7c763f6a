"""What servers are asked to look at, in their own spelling of it."""

from collections.abc import Iterator

from framewright.chassis.clock import now
from framewright.chassis.outgoing import Answer
from framewright.chassis.refreshes import joined_refresh
from framewright.contracts.publish import ChangedPath
from framewright.contracts.refreshing import refresh_wanted
from framewright.contracts.server import wanted_rendition
from framewright.domain.outcome import ChangeKind
from framewright.router.domain import requests
from framewright.router.domain.deciding import Decision
from framewright.router.handlers.given import Router


def wishes(router: Router, decision: Decision, cause: ChangeKind) -> Iterator[Answer]:
    """That every owner that can be told looks at the path, in each spelling under which one of its libraries holds it."""
    settings, at = router.settings(), now()
    for owner in decision.owners:
        server = router.server(owner.server.id)
        if not server.url:
            continue  # a folder of files has nobody who could look
        target = requests.target(owner, wanted_rendition(server, settings.thumbnail_interval))
        for path in requests.seen_paths(owner):
            wanted = refresh_wanted(target, ChangedPath(path, cause), at)
            yield joined_refresh(wanted, settings.refresh, at)
