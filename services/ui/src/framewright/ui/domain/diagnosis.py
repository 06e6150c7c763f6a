"""What the routes that explain and examine paths are given."""

from dataclasses import dataclass

from framewright.ui.domain.explanation import Foresight
from framewright.ui.domain.path_doctor import Doctor


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Telling what would happen to a path, and finding out why nothing does."""

    foresight: Foresight
    doctor: Doctor
