"""What ingest reads from the environment."""

from framewright.chassis.settings import ProcessSettings


class IngestSettings(ProcessSettings, frozen=True, kw_only=True):
    """Ports, credentials and what happens at start."""

    web_auth_token: str = ""
    """The operators' token, also good for webhooks; generated into CONFIG_DIR when empty."""
    server_pass: str = ""
    """Path of autoscan's route `POST /{SERVER_PASS}`; no such route when empty."""
    ui_upstream: str = ""
    """Base URL of the ui; what is not a webhook is passed on to it, so that one port serves both."""
    webhook_quiet_seconds: int = -1
    """Quiet time before an event is acted on, instead of the setting `webhook_delay`; 0 acts at once."""
    scan_on_start: bool = False
    """Whether every folder server is scanned when ingest starts."""
    flood_burst: int = 2000
    """Webhooks that one sender (address and credential) may bring at once before it is answered 429."""
    flood_rate: float = 200.0
    """Webhooks per second that one sender may bring in the long run; 0 limits nobody."""
    a_train_drives: str = ""
    """Where the drives of A-Train lie: `<drive id>=<folder>`, several separated by semicolons."""
