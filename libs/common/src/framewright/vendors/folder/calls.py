"""What the folder server would be told: nothing; pure."""

from framewright.contracts.server import Server
from framewright.domain.planning import PlannedCall, no_call
from framewright.domain.publishing import PublishTarget


def planned_calls(_server: Server, _target: PublishTarget) -> tuple[PlannedCall, ...]:
    """Nobody is told: whoever reads the folder sees the files."""
    return (no_call("nobody is told: the folder itself is the server"),)
