"""What Jellyfin would be told about a file: that it is there, and to look at its item without replacing anything; pure."""

import msgspec

from framewright.contracts.server import Server
from framewright.domain.planning import PlannedCall
from framewright.domain.publishing import PublishTarget
from framewright.vendors.jellyfin.client import REFRESH_FLAGS
from framewright.vendors.mediabrowser.dialect import spellings

REPORT = "once the tiles are written; before that only where they go into the server's data folder and it has no id yet"
REFRESH = "then, where Jellyfin knows the file"
REGISTER = "then for each width of the server, where the plugin Media Preview Bridge is installed"


def planned_calls(server: Server, target: PublishTarget) -> tuple[PlannedCall, ...]:
    """The report of the leaf file, the refresh of its item, the plugin's registration.

    Width, interval and place are those configured here; the server's own options win when it is asked.
    """
    body = msgspec.json.encode({"Updates": [{"Path": spellings(target)[0], "UpdateType": "Created"}]}).decode()
    wish = {
        "width": str(target.rendition.width),
        "intervalMs": str(target.rendition.interval_ms),
        "saveWithMedia": "true" if server.output.save_with_media else "false",
    }
    return (
        PlannedCall("POST", "/Library/Media/Updated", REPORT, body=body),
        PlannedCall("POST", "/Items/<item id>/Refresh", REFRESH, REFRESH_FLAGS),
        PlannedCall("POST", "/MediaPreviewBridge/Trickplay/<item id>", REGISTER, wish),
    )
