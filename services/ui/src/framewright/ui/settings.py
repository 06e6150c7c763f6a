"""What the ui service reads from its environment."""

from pathlib import Path

from framewright.chassis.settings import ProcessSettings


class UiSettings(ProcessSettings, frozen=True, kw_only=True):
    """Settings of the ui service."""

    web_auth_token: str = ""
    """The operators' token; a generated one in `auth.json` under config_dir when empty."""
    auth_method: str = "internal"
    """internal, or external when a proxy or a VPN already decides who gets here."""
    media_root: str = "/"
    """Folder under which the ownership check may look whether a path exists, and Plex may be told what NFO files say."""
    cors_origins: str = ""
    """Origins of other sites whose scripts may call the API with a token, separated by commas; `*` for any."""
    https: bool = False
    """Whether browsers reach this service by HTTPS only; the session cookie is then never sent without it."""
    plex_tv_url: str = "https://plex.tv"
    """Where plex.tv is; another place only in tests."""
    plex_clients_url: str = "https://clients.plex.tv"
    """Where clients.plex.tv is; another place only in tests."""
    state_dir: str = ""
    """Where `ui.db` lies; config_dir when empty."""

    @property
    def database_file(self) -> Path:
        """The projection's file."""
        return Path(self.state_dir or self.config_dir) / "ui.db"
