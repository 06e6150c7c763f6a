"""Who may call a simulated server: the forms in which a token comes, and password logins."""

import re
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import msgspec
from fastapi import Response
from starlette.requests import HTTPConnection

_FIELD = re.compile(r'(?P<name>\w+)="?(?P<value>[^",]*)"?')

OPEN = frozenset({"/System/Info/Public", "/Users/AuthenticateByName", "/System/Ping", "/health"})
"""Paths that need no token."""


class Login(msgspec.Struct):
    """The body of a password login."""

    username: str = msgspec.field(default="", name="Username")
    password: str = msgspec.field(default="", name="Pw")


@dataclass(slots=True)
class Doorkeeper:
    """The accepted tokens and the users; `header_forms` are header names, `query_forms` argument names.

    `schemes` are those of the `Authorization` header. Anything else is refused, as a strict server does.
    """

    token: str
    schemes: frozenset[str]
    header_forms: frozenset[str]
    query_forms: frozenset[str]
    users: dict[str, str] = field(default_factory=lambda: {"admin": "admin"})
    issued: dict[str, str] = field(default_factory=dict[str, str])

    def refusal(self, request: HTTPConnection) -> Response | None:
        """401 for a call without an accepted token, None for one that may pass."""
        if request.url.path.removeprefix("/emby") in OPEN:
            return None
        accepted = {self.token, *self.issued}
        return None if accepted.intersection(self._presented(request)) else Response(status_code=401)

    def is_user(self, request: HTTPConnection) -> bool:
        """Whether a token of the call belongs to somebody; an API key belongs to nobody."""
        return bool(self.issued.keys() & set(self._presented(request)))

    def login(self, login: Login) -> str | None:
        """A new token for the user, None when name or password are wrong."""
        if login.username not in self.users or self.users[login.username] != login.password:
            return None
        token = uuid.uuid4().hex
        self.issued[token] = login.username
        return token

    def _presented(self, request: HTTPConnection) -> list[str]:
        scheme, _, fields = request.headers.get("authorization", "").partition(" ")
        tokens = [_token_in(fields)] if scheme in self.schemes else []
        for name in self.header_forms:
            value = request.headers.get(name, "")
            tokens.append(_token_in(value.partition(" ")[2]) if "authorization" in name else value)
        tokens += [request.query_params.get(name, "") for name in self.query_forms]
        return [token for token in tokens if token]


def login_answer(user: str, token: str, server_id: str) -> dict[str, Any]:
    """The body that answers a login."""
    user_id = uuid.uuid5(uuid.NAMESPACE_OID, user).hex
    about = {"Name": user, "ServerId": server_id, "Id": user_id, "HasPassword": True}
    return {"User": about, "AccessToken": token, "ServerId": server_id}


def _token_in(fields: str) -> str:
    found = {match["name"]: unquote(match["value"]) for match in _FIELD.finditer(fields)}
    return found.get("Token", "")
