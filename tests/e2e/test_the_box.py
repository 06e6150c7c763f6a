"""What an operator meets at the terminal and what a collector sees: refusals in one line, and one trace for one file."""

import socket
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from framewright.chassis.broker import free_port
from framewright.chassis.testing.media import MediaSpec, make_video

pytestmark = [pytest.mark.e2e, pytest.mark.integration, pytest.mark.timeout(120)]

FRAMEWRIGHT = str(Path(sys.executable).with_name("framewright"))


class Collector:
    """An OTLP/HTTP endpoint that keeps span names by trace id."""

    def __init__(self) -> None:
        self.traces: dict[str, set[str]] = defaultdict(set)
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                request = ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["Content-Length"])))
                for scope in (scope for resource in request.resource_spans for scope in resource.scope_spans):
                    for span in scope.spans:
                        collector.traces[span.trace_id.hex()].add(span.name)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    thread = threading.Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


def test_one_trace_leads_from_the_webhook_to_the_published_file(make_system: Any, collector: Collector) -> None:
    system = make_system(OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, OTEL_BSP_SCHEDULE_DELAY="500")
    system.start()
    film = system.media / "Movies" / "Traced (2024)" / "Traced (2024).mkv"
    film.parent.mkdir()
    make_video(film, MediaSpec(seconds=6, width=320, height=180))

    system.download(str(film), "Traced")
    system.until(lambda: system.finished("Traced"), 60)

    wanted = {
        "POST /api/webhooks/radarr",
        "process ingest.v1",
        "process due.v1",
        "process jobs.v1",
        "process publish.v1",
    }
    assert system.until(lambda: [trace for trace in collector.traces.values() if trace >= wanted], 20)


def test_a_second_system_on_the_same_state_is_refused_in_one_line(make_system: Any) -> None:
    system = make_system(SCAN_ON_START="false")
    system.start()

    second = run_up(system, WEB_PORT=str(free_port()))

    assert second.returncode == 1
    assert second.stderr.startswith("framewright: another Framewright runs with CONFIG_DIR")
    assert system.get("/api/health") == {"status": "healthy"}


def test_a_taken_port_is_named_before_anything_is_started(make_system: Any) -> None:
    system = make_system()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        refused = run_up(system, WEB_PORT=str(taken.getsockname()[1]))

    assert refused.returncode == 1
    assert "WEB_PORT" in refused.stderr
    assert not (system.home / "nats").exists()


def test_explain_names_owner_reason_and_outputs_and_does_nothing(make_system: Any) -> None:
    system = make_system("--demo", SCAN_ON_START="false")
    system.start()
    film = "/mnt/share/Movies/Film (2024)/Film (2024).mkv"

    told = subprocess.run(
        [FRAMEWRIGHT, "explain", film], env=environment(system), capture_output=True, text=True, check=False, timeout=30
    )

    assert told.returncode == 0, told.stderr
    assert "would write" in told.stdout
    assert "Emby (simulated) (emby): owned" in told.stdout
    assert system.jobs() == []


def run_up(system: Any, **changes: str) -> subprocess.CompletedProcess[str]:
    variables = {**environment(system), **changes}
    return subprocess.run([FRAMEWRIGHT, "up"], env=variables, capture_output=True, text=True, check=False, timeout=60)


def environment(system: Any) -> dict[str, str]:
    return {
        "PATH": "/usr/bin:/bin",
        "CONFIG_DIR": str(system.home),
        "WEB_PORT": str(system.port),
        "MEDIA_PATH": str(system.media),
        "WEB_AUTH_TOKEN": "an-end-to-end-token",
    }
