"""`framewright explain PATH`: asks the running system who owns a path and why; nothing is queued, written or called."""

import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

from framewright.chassis.security import load_token
from framewright.domain.errors import Reject, Retry
from framewright.standalone.settings import BoxSettings


def explain(settings: BoxSettings, path: str, *, as_json: bool) -> int:
    """Print every server's verdict with its steps and the outputs that would be written; 0 when somebody owns the path.

    Raises:
        Retry: the system does not run on WEB_PORT.
        Reject: it refuses the path or the token.
    """
    answer = _ask(settings, path)
    if as_json:
        _say(json.dumps(answer, indent=2, ensure_ascii=False))
    else:
        _tell(answer)
    return 0 if answer["owners"] else 1


def _ask(settings: BoxSettings, path: str) -> dict[str, Any]:
    query = urllib.parse.urlencode({"path": path})
    url = f"http://127.0.0.1:{settings.web_port}/api/servers/owners?{query}"
    token = load_token(settings.web_auth_token, str(settings.home))
    request = urllib.request.Request(url, headers={"X-Auth-Token": token})
    try:
        with urllib.request.urlopen(request, timeout=15) as answer:  # noqa: S310
            return json.load(answer)
    except urllib.error.HTTPError as error:
        reason = json.loads(error.read() or b"{}").get("error", error.reason)
        raise Reject(str(reason), code="REFUSED") from error
    except OSError as error:
        raise Retry(f"no Framewright answers on port {settings.web_port}; start it with `framewright up`") from error


def _tell(answer: dict[str, Any]) -> None:
    _say(f"path        {answer['path']}")
    _say(f"local path  {answer['canonical_path']}")
    for verdict in answer["verdicts"]:
        _say(f"\n{verdict['server_name'] or verdict['server_id']} ({verdict['server_type']}): {verdict['verdict']}")
        for step in verdict.get("steps", ()):
            _say(f"  because {step}")
        for remote in verdict.get("remote_paths", ())[:1]:
            _say(f"  it calls the file {remote}")
        for output in verdict.get("outputs", ()):
            _say(f"  would write {output}")


def _say(line: str) -> None:
    print(line)  # noqa: T201 - this command's whole purpose
