"""What `framewright up` reads from the environment."""

import os
from pathlib import Path

from framewright.chassis.settings import ProcessSettings


class BoxSettings(ProcessSettings, frozen=True, kw_only=True):
    """Where the one port is and which folder is served."""

    web_port: int = 8080
    """The one HTTP port: dashboard, REST API, webhooks."""
    web_host: str = "127.0.0.1"
    """Address it binds to; 0.0.0.0 lets other machines in (the token protects it)."""
    web_auth_token: str = ""
    """A fixed token instead of the generated one."""
    media_path: str = ""
    """Folder of videos to serve; without one a small sample library is made."""
    scan_on_start: bool = True
    """Whether the folder is scanned when the system starts."""

    @property
    def home(self) -> Path:
        """The absolute state folder."""
        return Path(os.path.abspath(self.config_dir))  # noqa: PTH100 - links in the path are the operator's choice
