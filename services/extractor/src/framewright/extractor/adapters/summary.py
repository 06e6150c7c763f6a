"""What an extraction did and cost, for a person: a few lines at the end of `framewright extract`."""

from collections.abc import Iterator

from framewright.extractor.domain.request import Extraction
from framewright.formats.framepack import ExtractionReport

_MEGABYTE = 1e6


def summary_of(extraction: Extraction, title: str) -> str:
    """The report as text: a title, then one aligned line per subject and per warning, each ended by a newline."""
    lines = [f"  {subject:9} {text}" for subject, text in _subjects(extraction, extraction.report)]
    return "\n".join([*map(printable, (title, *lines)), ""])


def printable(text: str) -> str:
    """The text with a question mark for everything that would steer a terminal or cannot be encoded."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def _subjects(extraction: Extraction, report: ExtractionReport) -> Iterator[tuple[str, str]]:
    yield "pictures", _pictures(extraction, report)
    yield "path", f"{report.path}, {_count(report.decoded, 'frame')} decoded"
    yield "read", _read(report)
    yield "time", f"{report.wall_s:.2f} s, {report.cpu_s:.2f} s of CPU"
    yield "device", report.device
    for warning in report.warnings:
        yield "warning", warning


def _pictures(extraction: Extraction, report: ExtractionReport) -> str:
    sizes = ", ".join(f"{strip.width}x{strip.height}" for strip in extraction.strips)
    holes = f", {report.holes} without one of their own" if report.holes else ""
    return f"{len(extraction.strips[0].frames)} of {sizes} for {_count(report.slots, 'slot')}{holes}"


def _read(report: ExtractionReport) -> str:
    share = report.bytes_read / report.file_bytes if report.file_bytes else 0.0
    return f"{report.bytes_read / _MEGABYTE:.1f} of {report.file_bytes / _MEGABYTE:.1f} MB ({share:.1%})"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
