"""What an Unmanic plugin is told after post-processing: the files that were written, and whether processing and moving succeeded.

A script that calls the webhook passes these fields on as they are.
"""

import msgspec

from framewright.domain.outcome import ChangeKind
from framewright.vendors.source import (
    Change,
    Payload,
    Source,
    Status,
    Understood,
    ignored,
    quarantined,
    settled,
    shaped,
    word,
)

NAME = "unmanic"
FAILED = "the task failed; its files are as they were"


class FinishedTask(msgspec.Struct):
    """The fields that are used."""

    destination_files: list[str] = msgspec.field(default_factory=list[str])
    task_processing_success: bool = True
    file_move_processes_success: bool = True


def recognises(payload: Payload) -> bool:
    """The list of written files, or one of the flags."""
    return any(name in payload for name in FinishedTask.__struct_fields__)


def understand(payload: Payload) -> Understood:
    """What a finished task means."""
    event = word(payload.get("eventType"), "TaskFinished")
    if event == "Test":
        return Understood(NAME, Status.TEST, event)
    try:
        task = shaped(payload, FinishedTask)
    except msgspec.ValidationError as error:
        return quarantined(NAME, event, error)
    if not task.task_processing_success or not task.file_move_processes_success:
        return ignored(NAME, event, "", FAILED)
    return settled(NAME, event, "", tuple(Change(ChangeKind.CHANGED, path) for path in task.destination_files))


SOURCE = Source(NAME, "Unmanic", recognises, understand)
