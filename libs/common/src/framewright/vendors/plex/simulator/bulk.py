"""The bulk section of a simulated Plex: described page by page, as every other item is."""

from fastapi import Request, Response

from framewright.vendors.plex.simulator.describe import describe
from framewright.vendors.plex.simulator.elements import Node, Value, answer
from framewright.vendors.plex.simulator.items import Item
from framewright.vendors.plex.simulator.state import PlexState
from framewright.vendors.simulation.bulk import Bulk, page_of

FIRST_KEY = 10_000_000
"""The rating key of the first film; other items have smaller ones."""


def bulk_answer(request: Request, state: PlexState, section: str, bulk: Bulk) -> Response:
    """The asked page; of the filters only the type and the day of coming are known."""
    query = {**request.headers, **request.query_params}
    start, size = page_of(query, "X-Plex-Container-Start", "X-Plex-Container-Size")
    among = bulk.since(float(query["addedAt>>"])) if "addedAt>>" in query else bulk.count
    among = among if query.get("type", "1") == "1" else 0
    numbers = bulk.numbers(query.get("sort", "").endswith(":asc"), start, size, among)
    nodes = [describe(state, _item(section, bulk, number)) for number in numbers]
    counts: dict[str, Value] = {"size": len(nodes), "totalSize": among, "offset": start}
    return answer(request, Node("MediaContainer", counts, nodes))


def _item(section: str, bulk: Bulk, number: int) -> Item:
    file = bulk.file(number)
    key, added = str(FIRST_KEY + number), file.mtime_ns // 1_000_000_000
    return Item(key, "movie", section, bulk.title(number), added, year=2000, files=(file,))
