"""Every recorded payload: what it means, and whom the universal endpoint takes its sender for; docs/webhooks.md shows the table."""

import pytest

from framewright.vendors import SOURCES, recognise, source
from framewright.vendors.envelope import payload_of
from framewright.vendors.source import LONGEST_WORD, Status

from .recorded.row import Case, in_words, packed
from .recorded.table import CASES

each_case = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])


def _meaning(case: Case):
    return source(case.source).understand(payload_of(*packed(case)))


@each_case
def test_a_recorded_payload_means_what_the_table_says(case: Case):
    meaning = _meaning(case)

    status = case.status or case.answer.split()[1]
    assert (meaning.source, in_words(meaning), str(meaning.status)) == (case.source, case.means, status)
    assert max(map(len, (meaning.title, meaning.reason))) <= LONGEST_WORD


@each_case
def test_the_universal_endpoint_tells_the_senders_apart(case: Case):
    sender = recognise(payload_of(*packed(case)))

    assert (sender.name if sender else "nobody") == (case.taken_for or case.source)


def test_every_source_has_recorded_payloads_and_names_of_its_own():
    assert {case.source for case in CASES} == {one.name for one in SOURCES}
    assert len({case.name for case in CASES}) == len(CASES)


def test_what_is_not_done_has_a_reason():
    silent = [case.name for case in CASES if not (meaning := _meaning(case)).reason and not _acts(meaning.status)]

    assert silent == []


def _acts(status: Status) -> bool:
    return status in {Status.QUEUED, Status.TEST}


@pytest.mark.parametrize("payload", [{}, {"hello": "world"}, {"eventType": "Download"}, {"event": 5, "Metadata": {}}])
def test_a_shape_of_nobody_is_recognised_as_nobodys(payload):
    assert recognise(payload) is None
