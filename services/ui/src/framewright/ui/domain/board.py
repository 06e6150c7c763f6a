"""Who works on what right now, as live progress tells it; forgotten when nothing is heard for a while."""

from framewright.contracts.progress import ProgressV1
from framewright.ui.domain.devices import CPU
from framewright.ui.domain.views import Worker, base_name

SILENCE = 30.0
"""Seconds without a word after which a file counts as no longer in work."""


class Board:
    """The last progress of every file in work; times are seconds of any one steady clock."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[ProgressV1, float]] = {}

    def note(self, progress: ProgressV1, at: float) -> None:
        """Remember a file's progress; a finished one is forgotten."""
        if progress.fraction >= 1:
            self._last.pop(progress.path_id, None)
        else:
            self._last[progress.path_id] = (progress, at)
        self._forget(at)

    def drop(self, path_id: str) -> None:
        """Forget a file whose frames are there or which is settled."""
        self._last.pop(path_id, None)

    def workers(self, at: float, job_id: str = "") -> list[Worker]:
        """Everyone at work (on one job), by worker."""
        self._forget(at)
        seen = (one for one, _ in self._last.values() if not job_id or job_id in one.job_ids)
        return [_worker(one) for one in sorted(seen, key=lambda one: (one.worker, one.path))]

    def live(self, at: float, job_id: str) -> float:
        """How much of the job's files in work is done, in files."""
        self._forget(at)
        return sum(one.fraction for one, _ in self._last.values() if job_id in one.job_ids)

    def _forget(self, at: float) -> None:
        for path_id in [path_id for path_id, (_, heard) in self._last.items() if at - heard > SILENCE]:
            del self._last[path_id]


def _worker(progress: ProgressV1) -> Worker:
    return Worker(
        id=progress.worker,
        type=_type(progress.device),
        device=progress.device,
        status="working",
        current_item=base_name(progress.path),
        path_id=progress.path_id,
        progress=int(progress.fraction * 100),
    )


def _type(device: str) -> str:
    """Empty when the extractor did not say what it decodes on."""
    if not device:
        return ""
    return CPU if device == CPU else "gpu"
