"""What Emby would be told about a file: that it changed, and to look at its item; pure."""

import msgspec

from framewright.contracts.server import Server
from framewright.domain.planning import PlannedCall
from framewright.domain.publishing import PublishTarget
from framewright.vendors.emby.client import REFRESH_FLAGS
from framewright.vendors.mediabrowser.dialect import spellings

REPORT = "once the preview file lies beside the video"
REFRESH = "then, where Emby knows the file, and again until it shows the previews"


def planned_calls(_server: Server, target: PublishTarget) -> tuple[PlannedCall, ...]:
    """The report of the leaf file, never of its folder, then the refresh of its item."""
    body = msgspec.json.encode({"Updates": [{"Path": spellings(target)[0], "UpdateType": "Modified"}]}).decode()
    return (
        PlannedCall("POST", "/Library/Media/Updated", REPORT, body=body),
        PlannedCall("POST", "/Items/<item id>/Refresh", REFRESH, REFRESH_FLAGS),
    )
