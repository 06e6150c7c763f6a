"""Where Emby looks for previews: a BIF file beside the video; pure."""

from framewright.contracts.server import Server
from framewright.domain.frames import Rendition
from framewright.domain.publishing import Output, PublishTarget
from framewright.vendors.mediabrowser import layout


def sidecar(local_path: str, rendition: Rendition) -> Output:
    """`{dir}/{stem}-{width}-{interval}.bif`; the folder of the video must exist, nothing above it is created."""
    place = layout.beside(local_path)
    return layout.bif_sidecar(place, local_path, place, rendition)


def file_pattern(output: Output) -> str:
    """What every sidecar of the output's width is called: `{stem}-{width}-*.bif`."""
    name = output.path.rpartition("/")[2]
    return f"{name.rpartition('-')[0]}-*.bif"


def planned(_server: Server, target: PublishTarget) -> tuple[str, ...]:
    """Where the output would go."""
    return (sidecar(target.local_path, target.rendition).path,)
