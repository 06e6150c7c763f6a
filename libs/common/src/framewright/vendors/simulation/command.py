"""The command line that every simulator has, and how it is served."""

import argparse
from collections.abc import Sequence

import uvicorn
from fastapi import FastAPI

from framewright.vendors.simulation.disk import parse_shelf

HOST = "127.0.0.1"


def read_arguments(name: str, version: str, argv: Sequence[str] | None) -> argparse.Namespace:
    """port, library (list of Shelf), token, config_folder, index_delay, bulk, bulk_root and version; `version` is the default."""
    parser = argparse.ArgumentParser(prog=name, description="A simulated media server on loopback.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument(
        "--library", type=parse_shelf, action="append", default=[], metavar="NAME=KIND=REMOTE=LOCAL", help="repeatable"
    )
    parser.add_argument("--token", default="simulator", help="the only token that is accepted")
    parser.add_argument("--config-folder", default="", help="the server's data folder, where previews may lie")
    parser.add_argument("--index-delay", type=float, default=0.0, help="seconds until a scanned file is shown")
    parser.add_argument(
        "--bulk", type=int, default=0, metavar="N", help="one more library, of N films that lie nowhere"
    )
    parser.add_argument("--bulk-root", default="/bulk", help="the folder of these films")
    parser.add_argument("--version", default=version, help=f"the version to play, default {version}")
    return parser.parse_args(argv)


def run(app: FastAPI, port: int) -> None:
    """Serve until interrupted; only warnings are logged."""
    uvicorn.run(
        app,
        host=HOST,
        port=port,
        log_level="warning",
        access_log=False,
        ws="websockets-sansio",
        timeout_graceful_shutdown=1,  # a stream of events never ends by itself
    )
