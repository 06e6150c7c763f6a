"""What a person should notice about the frames of a file before reading the whole report."""

from dataclasses import dataclass

from framewright.ui.domain.views import FileView


@dataclass(frozen=True, slots=True)
class Remark:
    """A word for a badge, and the reason behind it."""

    word: str
    reason: str


def remarks(file: FileView) -> list[Remark]:
    """The badges of a file: partial, the CPU that stepped in for a device, else that there are warnings at all."""
    found = (
        [Remark("partial", "the end of the file could not be read; what is there was published")]
        if file.partial
        else []
    )
    report = file.report
    if report is None or not report.warnings:
        return found
    if report.refused:
        return [*found, Remark("CPU fallback", report.warnings[0])]
    if file.partial:
        return found
    count = len(report.warnings)
    return [Remark("1 warning" if count == 1 else f"{count} warnings", "; ".join(report.warnings))]
