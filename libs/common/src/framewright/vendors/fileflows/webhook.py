"""FileFlows' "Web Request" with a body of the user's: `{"path": …}`.

`{file.FullName}` may be the working file; the file that replaces the original is the one to name.
"""

from framewright.vendors.flat import changed_paths, content_changed, names_itself
from framewright.vendors.source import Payload, Source, Understood

NAME = "fileflows"


def understand(payload: Payload) -> Understood:
    """What a flow's request means: the file was replaced."""
    return changed_paths(NAME, payload, content_changed)


SOURCE = Source(NAME, "FileFlows", names_itself(NAME), understand)
