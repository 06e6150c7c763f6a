"""A Plex Media Server as a client of a metadata provider: the calls that its documents say it makes, in their order."""

import re
from dataclasses import dataclass
from typing import Any

import httpx

KEY = re.compile(r"[A-Za-z0-9_-]+")
REQUIRED = {"ratingKey", "key", "guid", "type", "title", "originallyAvailableAt"}
ABOVE = {f"parent{one}" for one in ("RatingKey", "Key", "Guid", "Type", "Title")} | {"index"}
FAR_ABOVE = {f"grandparent{one}" for one in ("RatingKey", "Key", "Guid", "Type", "Title")} | {"parentIndex"}
MUST_SAY = {"movie": REQUIRED, "show": REQUIRED, "season": REQUIRED | ABOVE, "episode": REQUIRED | ABOVE | FAR_ABOVE}


@dataclass
class PlexClient:
    """Knows nothing but the address it was given, as a server does; every answer is checked against the documents."""

    http: httpx.AsyncClient
    address: str
    root: dict[str, Any]

    @classmethod
    async def added(cls, http: httpx.AsyncClient, address: str) -> "PlexClient":
        answer = await http.get(address)
        assert answer.status_code == 200, answer.text
        root = answer.json()["MediaProvider"]
        assert re.fullmatch(r"tv\.plex\.agents\.custom\.[A-Za-z0-9.]+", root["identifier"])
        assert all(one["Scheme"] == [{"scheme": root["identifier"]}] for one in root["Types"])
        return cls(http, address, root)

    def feature(self, kind: str) -> str:
        """Keys of features are relative to the address."""
        return self.address + next(one["key"] for one in self.root["Feature"] if one["type"] == kind)

    async def match(self, kind: int, filename: str = "", **hints: Any) -> list[dict[str, Any]]:
        body = {"type": kind, "filename": filename, "title": "What the scanner made of it", **hints}
        found = await self.post(body)
        assert found.status_code == 200, found.text
        return self.checked(found.json())["Metadata"]

    async def post(self, body: Any) -> httpx.Response:
        return await self.http.post(self.feature("match"), json=body, headers={"X-Plex-Language": "en-US"})

    async def get(self, key: str, below: str = "", **query: Any) -> httpx.Response:
        return await self.http.get(f"{self.feature('metadata')}/{key}{below}", params=query)

    async def metadata(self, key: str, **query: Any) -> dict[str, Any]:
        answer = await self.get(key, **query)
        assert answer.status_code == 200, answer.text
        (found,) = self.checked(answer.json())["Metadata"]
        return found

    async def pages(self, key: str, below: str, size: int) -> list[dict[str, Any]]:
        """Everything below, page by page."""
        found: list[dict[str, Any]] = []
        while True:
            page = {"X-Plex-Container-Start": len(found), "X-Plex-Container-Size": size}
            container = self.checked((await self.get(key, f"/{below}", **page)).json())
            assert container["offset"] == len(found)
            found += container["Metadata"]
            if len(found) >= container["totalSize"]:
                return found

    def checked(self, answer: dict[str, Any]) -> dict[str, Any]:
        container = answer["MediaContainer"]
        assert container["identifier"] == self.root["identifier"]
        assert container["size"] == len(container["Metadata"]) <= container["totalSize"]
        for one in container["Metadata"]:
            self.check(one)
        return container

    def check(self, one: dict[str, Any]) -> None:
        assert set(one) >= MUST_SAY[one["type"]]
        assert KEY.fullmatch(one["ratingKey"])
        assert one["guid"] == f"{self.root['identifier']}://{one['type']}/{one['ratingKey']}"
        for child in one.get("Children", {"Metadata": []})["Metadata"]:
            self.check(child)
