"""`framewright explain PATH`: asks the running system what would happen to a path; nothing is queued, written or called."""

import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

from framewright.chassis.security import load_token
from framewright.domain.errors import Reject, Retry
from framewright.standalone.settings import BoxSettings


def explain(settings: BoxSettings, path: str, *, as_json: bool) -> int:
    """Print every step: spellings, verdicts with reasons, outputs and calls that would follow; 0 when somebody owns the path.

    Raises:
        Retry: the system does not run on WEB_PORT.
        Reject: it refuses the path or the token.
    """
    answer = _ask(settings, path)
    if as_json:
        _say(json.dumps(answer, indent=2, ensure_ascii=False))
    else:
        _tell(answer)
    return 0 if any(server["verdict"] == "owned" for server in answer["servers"]) else 1


def _ask(settings: BoxSettings, path: str) -> dict[str, Any]:
    query = urllib.parse.urlencode({"path": path})
    url = f"http://127.0.0.1:{settings.web_port}/api/explain?{query}"
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
    _say(f"local path  {answer['canonical_path'] or 'none: ' + answer['reason']}")
    for spelling in answer["spellings"]:
        looked = {True: "it is there", False: "it is not there", None: "not looked for, nobody owns it"}
        _say(f"  may be {spelling['path']}: {spelling['because']}; {looked[spelling['exists']]}")
    for server in answer["servers"]:
        _tell_of(server)


def _tell_of(server: dict[str, Any]) -> None:
    _say(f"\n{server['server_name'] or server['server_id']} ({server['server_type']}): {server['verdict']}")
    for step in server["steps"]:
        _say(f"  because {step}")
    if server["libraries_read"] and server["libraries_read"]["reason"]:
        _say(f"  its libraries are those that are known: {server['libraries_read']['reason']}")
    for remote in server["remote_paths"][:1]:
        _say(f"  it calls the file {remote}")
    for output in server["outputs"]:
        _say(f"  would write {output}")
    for call in server["calls"]:
        _say(f"  would call {call['call']}\n    {call['when']}" if call["call"] else f"  {call['when']}")


def _say(line: str) -> None:
    print(line)  # noqa: T201 - this command's whole purpose
