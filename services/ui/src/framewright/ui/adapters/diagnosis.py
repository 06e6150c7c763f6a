"""Puts together what explains and examines paths: the vendors' own descriptions, the servers' lists, the folders here."""

from framewright.chassis.bus import Bucket
from framewright.contracts.libraries import LIBRARIES_PREFIX, LibrariesRead, decode_libraries_read
from framewright.contracts.server import Server
from framewright.domain.libraries import ListedFile
from framewright.ui.adapters.ground import MediaGround
from framewright.ui.adapters.surroundings import recognised
from framewright.ui.domain.diagnosis import Diagnosis
from framewright.ui.domain.explanation import Foresight
from framewright.ui.domain.path_doctor import Doctor
from framewright.vendors import Recogniser, listed_files, planned_calls, planned_outputs


def diagnosis(config: Bucket, media_root: str, recogniser: Recogniser) -> Diagnosis:
    """The diagnosis over the bucket `config` and the folders below `media_root`; only recognised servers are asked."""

    async def libraries_read(server_id: str) -> LibrariesRead | None:
        entry = await config.get(LIBRARIES_PREFIX + server_id)
        return decode_libraries_read(entry.value) if entry and entry.value else None

    async def listed(server: Server, limit: int) -> list[ListedFile]:
        async with recognised(server, recogniser) as (hasty, http):
            return await listed_files(hasty, http, limit)

    return Diagnosis(
        Foresight(planned_outputs, planned_calls, libraries_read), Doctor(listed, MediaGround(), media_root)
    )
