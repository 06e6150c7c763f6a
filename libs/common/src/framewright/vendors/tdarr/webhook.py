"""Tdarr's flow plugin "Send Web Request": `{"file_path": …}`, the working file at the place where the plugin stands.

It belongs after "Replace Original File"; before that the path is a temporary one, which no library holds. A flow fails when it is
refused, so it never is.
"""

from framewright.vendors.flat import changed_paths, content_changed, names_itself
from framewright.vendors.source import Payload, Source, Understood

NAME = "tdarr"


def understand(payload: Payload) -> Understood:
    """What a flow's request means: the file was replaced."""
    return changed_paths(NAME, payload, content_changed)


SOURCE = Source(NAME, "Tdarr", names_itself(NAME), understand)
