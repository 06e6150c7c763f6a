"""The bodies of the commands that need the rest of the system."""

import argparse
import subprocess
import sys

from framewright.chassis.settings import from_environment
from framewright.domain.errors import FramewrightError
from framewright.standalone.box import Box
from framewright.standalone.explain import explain
from framewright.standalone.processes import module
from framewright.standalone.settings import BoxSettings


def run(arguments: argparse.Namespace) -> int:
    """Run `up`, `explain` or `provision`; 1 with one readable line when it cannot be done."""
    try:
        settings = from_environment(BoxSettings)
        if arguments.command == "up":
            return Box(settings, demo=arguments.demo, logs=arguments.logs).run()
        if arguments.command == "explain":
            return explain(settings, arguments.path, as_json=arguments.json)
        return subprocess.run(module("framewright.standalone.prepare"), input=b"{}", check=False).returncode  # noqa: S603
    except FramewrightError as error:
        print(f"framewright: {error}", file=sys.stderr)  # noqa: T201
        return 1
