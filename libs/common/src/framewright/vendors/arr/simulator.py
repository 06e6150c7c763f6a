"""A simulated Sonarr or Radarr: its status and its history, after the v3 API of both; the key comes in a header or argument."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec
from fastapi import FastAPI, Response
from starlette.requests import HTTPConnection

from framewright.vendors.simulation.gate import guarded
from framewright.vendors.simulation.instruments import Instruments

API_KEY = "simulator"


@dataclass
class ArrState:
    """What the simulated program says of itself, and its history; entries are told with `imported`, `deleted`, `renamed`."""

    app: str
    item: str
    file_word: str
    version: str = "4.0.15.2941"
    api_key: str = API_KEY
    entries: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    instruments: Instruments = field(default_factory=Instruments)

    def imported(self, at: datetime, path: str, item: int = 1) -> None:
        """A file came into the library."""
        data = {"fileId": "1", "droppedPath": "/downloads/x.mkv", "importedPath": path, "downloadClient": "client"}
        self._tell(at, "downloadFolderImported", "A.Release-GROUP", item, data)

    def deleted(self, at: datetime, path: str, reason: str = "Manual", item: int = 1) -> None:
        """A file left the library."""
        self._tell(at, f"{self.file_word}FileDeleted", path, item, {"reason": reason})

    def renamed(self, at: datetime, path: str, before: str, item: int = 1) -> None:
        """A file got another name."""
        self._tell(at, f"{self.file_word}FileRenamed", before, item, {"sourcePath": before, "path": path})

    def grabbed(self, at: datetime, item: int = 1) -> None:
        """A download began, which is about no file."""
        self._tell(at, "grabbed", "A.Release-GROUP", item, {"indexer": "one"})

    def _tell(self, at: datetime, kind: str, title: str, item: int, data: dict[str, str]) -> None:
        date = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        known = {"id": len(self.entries) + 1, "date": date, "eventType": kind, "sourceTitle": title, "data": data}
        self.entries.append({**known, self.item: item})


def create_app(state: ArrState) -> FastAPI:
    """The program over this state; its control panel is below `/_simulator`."""
    app = FastAPI(title=f"Simulated {state.app}", openapi_url=None)

    @app.get("/api/v3/system/status")
    async def status() -> Response:
        return _json({"appName": state.app, "instanceName": state.app, "version": state.version})

    @app.get("/api/v3/history/since")
    async def history(date: datetime) -> Response:
        moment = date if date.tzinfo else date.replace(tzinfo=UTC)
        return _json([one for one in state.entries if datetime.fromisoformat(one["date"]) >= moment])

    def guard(request: HTTPConnection) -> Response | None:
        key = request.headers.get("x-api-key") or request.query_params.get("apikey")
        return None if key == state.api_key else _json({"error": "Unauthorized"}, 401)

    return guarded(app, state.instruments, guard)


def _json(body: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(body), status, media_type="application/json; charset=utf-8")
