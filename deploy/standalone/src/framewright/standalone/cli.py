"""`framewright`: the command line. Every command imports only what it needs, so that `--help` is instant."""

import argparse
import importlib
import sys
from collections.abc import Sequence

EXTRACT = "framewright.extractor.adapters.command"
SIMULATED = ("plex", "emby", "jellyfin")


def main(argv: Sequence[str] | None = None) -> int:
    """Parse and run one command; answers the exit code."""
    given = list(sys.argv[1:] if argv is None else argv)
    if given[:1] == ["simulate"]:
        return _simulate(given[1:])
    parser = argparse.ArgumentParser(
        prog="framewright", description="Media previews and library sync for Plex, Emby and Jellyfin."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    up = commands.add_parser("up", help="run the whole system on this machine")
    up.add_argument("--demo", action="store_true", help="add simulated Plex, Emby and Jellyfin servers")
    up.add_argument("--logs", choices=("files", "console"), default="files", help="where the services' logs go")
    extract = commands.add_parser("extract", help="previews of one file, without the rest of the system")
    if given[:1] == ["extract"]:
        importlib.import_module(EXTRACT).add_arguments(extract)
    explain = commands.add_parser("explain", help="who owns a path and why, and what would be written; does nothing")
    explain.add_argument("path", metavar="PATH")
    explain.add_argument("--json", action="store_true", help="the answer as JSON")
    commands.add_parser("provision", help="create or update streams and buckets on the broker at NATS_URL")
    commands.add_parser("simulate", help=f"run a simulated media server: {' | '.join(SIMULATED)}")
    return _run(parser.parse_args(given))


def _run(arguments: argparse.Namespace) -> int:
    if arguments.command == "extract":
        return int(importlib.import_module(EXTRACT).run(arguments))
    return int(importlib.import_module("framewright.standalone.commands").run(arguments))


def _simulate(argv: Sequence[str]) -> int:
    if not argv or argv[0] not in SIMULATED:
        print(f"usage: framewright simulate {{{','.join(SIMULATED)}}} [options]", file=sys.stderr)  # noqa: T201
        return 2
    importlib.import_module(f"framewright.vendors.{argv[0]}.simulator").serve(argv[1:])
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
