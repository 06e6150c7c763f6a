"""What the documents of other programs promise is there, and every endpoint of docs/api.md names a test that exists."""

import ast
from pathlib import Path

import pytest

from framewright.ingest.handlers.triggers import trigger_routes
from framewright.ingest.handlers.webhooks import webhook_routes

from .endpoints.row import AUTOSCAN, METARR, MPG, PLEX, Row
from .endpoints.table import TABLE

ROOT = Path(__file__).resolve().parents[3]

PROMISED: dict[str, tuple[str, ...]] = {
    AUTOSCAN: ("POST /{SERVER_PASS}",),
    METARR: (
        "POST /api/players",
        "GET /api/players",
        "POST /api/players/test",
        "GET /api/players/{player_id}",
        "PUT /api/players/{player_id}",
        "DELETE /api/players/{player_id}",
        "POST /api/players/{player_id}/test",
        "GET /api/players/{player_id}/sessions",
        "GET /api/groups",
        "POST /api/groups",
        "GET /api/groups/{group_id}",
        "PUT /api/groups/{group_id}",
        "PATCH /api/groups/{group_id}",
        "DELETE /api/groups/{group_id}",
        "POST /api/groups/{group_id}/sync",
        "GET /api/groups/{group_id}/sync/{sync_id}",
        "POST /api/webhooks/plex",
    ),
    PLEX: (
        "GET /plex-provider/{secret}/{provider}",
        "POST /plex-provider/{secret}/{provider}/library/metadata/matches",
        "GET /plex-provider/{secret}/{provider}/library/metadata/{key}",
        "GET /plex-provider/{secret}/{provider}/library/metadata/{key}/images",
        "GET /plex-provider/{secret}/{provider}/library/metadata/{key}/children",
        "GET /plex-provider/{secret}/{provider}/library/metadata/{key}/grandchildren",
    ),
    MPG: (
        "GET /api/servers",
        "POST /api/servers",
        "GET /api/servers/{server_id}",
        "PUT /api/servers/{server_id}",
        "PATCH /api/servers/{server_id}",
        "DELETE /api/servers/{server_id}",
        "PATCH /api/servers/{server_id}/enabled",
        "POST /api/servers/test-connection",
        "POST /api/servers/{server_id}/test-connection",
        "POST /api/servers/{server_id}/refresh-libraries",
        "GET /api/servers/owners",
        "GET /api/servers/{server_id}/output-status",
        "POST /api/servers/auth/{vendor}/password",
        "POST /api/servers/auth/{vendor}/quick-connect/initiate",
        "POST /api/servers/auth/{vendor}/quick-connect/poll",
        "POST /api/servers/auth/{vendor}/quick-connect/exchange",
        "GET /api/servers/{server_id}/health-check",
        "POST /api/servers/{server_id}/health-check/apply",
        "GET /api/servers/{server_id}/previews-readiness",
        "POST /api/servers/{server_id}/previews-readiness/dismiss",
        "POST /api/servers/{server_id}/previews-readiness/undismiss",
        "POST /api/servers/{server_id}/vendor-extraction",
        "GET /api/servers/{server_id}/vendor-extraction/status",
        "POST /api/servers/{server_id}/scheduled-trickplay",
        "POST /api/servers/{server_id}/install-plugin",
        "POST /api/servers/{server_id}/uninstall-plugin",
        "POST /api/plex/auth/pin",
        "GET /api/plex/auth/pin/{pin_id}",
        "GET /api/plex/servers",
        "GET /api/plex/libraries",
        "POST /api/plex/test",
        "POST /api/settings/plex_webhook/register",
        "POST /api/settings/plex_webhook/unregister",
        "GET /api/settings/plex_webhook/status",
        "POST /api/settings/plex_webhook/test",
        "GET /api/settings",
        "POST /api/settings",
        "GET /api/processing/state",
        "POST /api/processing/pause",
        "POST /api/processing/resume",
        "GET /api/jobs",
        "POST /api/jobs",
        "GET /api/jobs/{job_id}",
        "POST /api/jobs/{job_id}/cancel",
        "POST /api/jobs/{job_id}/pause",
        "POST /api/jobs/{job_id}/resume",
        "DELETE /api/jobs/{job_id}",
        "GET /api/schedules",
        "POST /api/schedules",
        "PUT /api/schedules/{schedule_id}",
        "DELETE /api/schedules/{schedule_id}",
        "POST /api/schedules/{schedule_id}/run",
        "POST /api/webhooks/incoming",
        "POST /api/webhooks/server/{server_id}",
        "POST /api/webhooks/radarr",
        "POST /api/webhooks/sonarr",
        "POST /api/webhooks/custom",
        "POST /api/webhooks/plex",
        "GET /api/webhooks/history",
        "DELETE /api/webhooks/history",
        "POST /login",
        "POST /logout",
        "POST /api/auth/login",
        "GET /api/auth/status",
        "POST /api/auth/logout",
        "GET /api/health",
        "GET /api/libraries",
        "GET /api/system/status",
        "GET /api/system/config",
    ),
}
"""The endpoints that each program's document names; without those of a wizard for setting up and of a viewer for previews."""


@pytest.fixture
async def calls(ui) -> frozenset[str]:
    """Everything that can be called, as "GET /path"."""
    document = await ui.json("/api/openapi.json")
    found = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}
    routes = [*webhook_routes(None, "{SERVER_PASS}"), *trigger_routes(None, {})]  # type: ignore[arg-type]
    sent = {f"{method} {route.path}" for route in routes for method in route.methods or ()}
    return frozenset({*found, *sent, "POST /login", "POST /logout"})


@pytest.mark.integration
async def test_every_promised_endpoint_is_there_and_tested(calls):
    tested = {f"{row.method} {row.path}": row.known for row in TABLE}

    missing = {program: [one for one in named if one not in calls] for program, named in PROMISED.items()}
    untested = [one for named in PROMISED.values() for one in named if one not in tested]

    assert {program: lost for program, lost in missing.items() if lost} == {}
    assert untested == []


@pytest.mark.integration
async def test_no_row_is_of_an_endpoint_that_is_gone(calls):
    assert [f"{row.method} {row.path}" for row in TABLE if f"{row.method} {row.path}" not in calls] == []


@pytest.mark.integration
async def test_browsers_can_sign_in_and_out(ui):
    answers = [await ui.http.post("/login"), await ui.http.post("/logout")]

    assert [one.status_code for one in answers] == [401, 200]


def test_every_row_names_a_test_that_exists():
    functions = {file: functions_of(ROOT / file) for file in {row.test.partition("::")[0] for row in TABLE}}

    assert [row.test for row in TABLE if not named(row, functions)] == []


def test_no_endpoint_is_listed_twice():
    named = [(row.method, row.path) for row in TABLE]

    assert sorted(named) == sorted(set(named))


def functions_of(file: Path) -> frozenset[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))


def named(row: Row, functions: dict[str, frozenset[str]]) -> bool:
    file, _, function = row.test.partition("::")
    return function in functions[file]
