"""The decode test: a child process has a device decode a small clip and compares the pictures.

It runs apart from the service because a broken driver may crash or hang whoever touches it.
"""

import sys
import unicodedata

from framewright.extractor.adapters.children import ask
from framewright.extractor.adapters.discovery.host import Host
from framewright.extractor.domain.devices import Device

TEST_SECONDS = 20.0
"""A device that has not decoded a handful of small pictures after so long hangs."""

WORKS = "works"
"""What the child says of a device that decodes; anything else is the reason why it does not."""

TRIAL = "framewright.extractor.adapters.discovery.trial"

LONGEST_REASON = 200


async def decode_test(device: Device, host: Host, wait: float = TEST_SECONDS) -> str:
    """Empty when the device decodes right, else the reason in one line."""
    ways = (host.ffmpeg_path, host.choices.cuda)
    command = (sys.executable, "-m", TRIAL, device.device, device.acceleration, *ways)
    try:
        answer = await ask(command, wait)
    except OSError as error:
        return one_line(f"the decode test cannot be started: {error}")
    if answer.code is None:
        return f"the decode test did not end within {wait:g} s"
    said = [line for line in answer.said.splitlines() if line.strip()]
    if answer.code != 0 or not said:
        return f"the decode test crashed ({answer.ending})"
    return "" if said[-1] == WORKS else one_line(said[-1])


def one_line(text: str) -> str:
    """A reason fit to be shown: the first line that says something, without control characters, not too long."""
    line = next((line for line in text.splitlines() if line.strip()), "").strip()
    plain = "".join(letter for letter in line if unicodedata.category(letter)[0] != "C")
    return plain if len(plain) <= LONGEST_REASON else f"{plain[: LONGEST_REASON - 1]}…"
