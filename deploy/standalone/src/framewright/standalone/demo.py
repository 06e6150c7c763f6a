"""`make demo`: simulated Plex, Emby and Jellyfin servers that own the same library, each under its own spelling of the paths.

One file then visibly lands in three formats (and the folder server's own), and each server's API is called.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from framewright.chassis.broker import free_port
from framewright.standalone.processes import Child, module

TOKEN = "demo-only-token"  # noqa: S105 - opens nothing but the simulators of this machine
INDEX_DELAY = "1"

# What each server calls the library; none of them spells it as this machine does.
REMOTE_ROOTS = {"plex": "/data", "emby": "/mnt/share", "jellyfin": "/media"}
SECTIONS = (("Movies", "movie"), ("TV", "show"))

Log = Callable[[str], Path | None]


def demo_children(home: Path, media: str, log: Log) -> list[Child]:
    """The simulators, not yet started; each listens on a free loopback port."""
    children: list[Child] = []
    for vendor, remote in REMOTE_ROOTS.items():
        arguments = ["--port", str(free_port()), "--token", TOKEN, "--index-delay", INDEX_DELAY]
        if vendor == "plex":
            (home / "demo/plex/Media/localhost").mkdir(parents=True, exist_ok=True)
            arguments += ["--config-folder", str(home / "demo/plex")]
        for name, kind in _sections(media):
            arguments += ["--library", f"{name}={kind}={remote}/{name}={media}/{name}"]
        command = [*module("framewright.standalone.cli"), "simulate", vendor, *arguments]
        children.append(Child(f"simulated-{vendor}", command, {}, log(f"simulated-{vendor}")))
    return children


def demo_servers(home: Path, media: str, children: Sequence[Child]) -> list[dict[str, object]]:
    """The configuration of the simulated servers, as an operator would enter it."""
    return [
        {
            "id": f"demo-{vendor}",
            "type": vendor,
            "name": f"{vendor.capitalize()} (simulated)",
            "url": f"http://127.0.0.1:{_port(children, vendor)}",
            "auth": {"method": "token", "token": TOKEN}
            if vendor == "plex"
            else {"method": "api_key", "api_key": TOKEN},
            "libraries": [
                {"id": str(number), "name": name, "kind": kind, "remote_paths": [f"{remote}/{name}"]}
                for number, (name, kind) in enumerate(_sections(media), start=1)
            ],
            "path_mappings": [{"remote_prefix": remote, "local_prefix": media}],
            "output": {"plex_config_folder": str(home / "demo/plex")} if vendor == "plex" else {},
        }
        for vendor, remote in REMOTE_ROOTS.items()
    ]


def _sections(media: str) -> list[tuple[str, str]]:
    """The sections whose folders exist; with MEDIA_PATH of another layout there may be none of ours."""
    return [(name, kind) for name, kind in SECTIONS if (Path(media) / name).is_dir()]


def _port(children: Sequence[Child], vendor: str) -> str:
    command = next(child.command for child in children if child.name == f"simulated-{vendor}")
    return command[command.index("--port") + 1]
