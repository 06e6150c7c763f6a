"""Who is alive, what they decode on, and what deserves a badge."""

import msgspec

from framewright.contracts.devices import DeviceState, DeviceStatus
from framewright.contracts.settings import GpuConfig, Settings
from framewright.domain.outcome import Outcome
from framewright.formats.framepack import ExtractionReport
from framewright.ui.domain.devices import (
    SILENCE,
    Roster,
    cpu_panel,
    cpus,
    extractor_views,
    gpu_panels,
    gpus,
    rescanned,
    unscanned,
)
from framewright.ui.domain.remarks import remarks
from framewright.ui.domain.views import FileView

BROKEN = DeviceStatus(
    device="/dev/dri/renderD128", name="UHD 630", type="intel", status=DeviceState.FAILED, error="no permission"
)


def test_an_extractor_that_falls_silent_is_forgotten(presence):
    roster = Roster()
    roster.note("extractor.attic-7", presence(), 100.0)

    assert roster.present(100.0 + SILENCE - 1) == (presence(),)
    assert roster.present(100.0 + SILENCE) == ()


def test_an_extractor_that_takes_its_leave_is_forgotten_at_once(presence):
    roster = Roster()
    roster.note("extractor.attic-7", presence(), 100.0)

    roster.drop("extractor.attic-7")
    roster.drop("extractor.unknown")

    assert roster.present(100.0) == ()


def test_extractors_come_by_host_and_the_newest_word_counts(presence):
    roster = Roster()
    for at, one in enumerate((presence("cellar-1"), presence("attic-2"), presence("cellar-1", scanned=9))):
        roster.note(one.worker, one, float(at))

    found = roster.present(3.0)

    assert [(one.host, one.scanned_at.second) for one in found] == [("attic", 0), ("cellar", 9)]


def test_every_device_of_every_extractor_is_one_gpu_or_one_cpu(presence):
    present = (presence("attic-1"), presence("cellar-2", BROKEN))

    seen = gpus(present)

    assert [(view.device, view.host, view.status, view.error) for view in seen] == [
        ("cuda:0", "attic", "working", ""),
        ("/dev/dri/renderD128", "cellar", "failed", "no permission"),
    ]
    assert [(view.device, view.worker) for view in cpus(present)] == [("cpu", "attic-1")]


def test_what_an_extractor_warns_of_is_passed_on(presence):
    view = extractor_views([presence(warnings=("no slots at all",))])[0]

    assert (view.worker, view.host, view.warnings) == ("attic-7", "attic", ("no slots at all",))


def test_a_panel_shows_what_is_wanted_and_who_has_the_device(presence):
    wanted = Settings(gpu_config=(GpuConfig("cuda:0", enabled=False, workers=4, ffmpeg_threads=3),))

    (panel,) = gpu_panels((presence("attic-1"), presence("cellar-2")), wanted)

    assert (panel.name, panel.type) == ("GeForce RTX 3060", "nvidia")
    assert (panel.enabled, panel.workers, panel.ffmpeg_threads, panel.configured) == (False, 4, 3, True)
    assert [(view.host, view.workers) for view in panel.holders] == [("attic", 2), ("cellar", 2)]


def test_a_device_without_an_entry_shows_what_is_in_force(presence):
    (panel,) = gpu_panels((presence(),), Settings())

    assert (panel.enabled, panel.workers, panel.configured) == (True, 2, False)


def test_a_configured_device_that_nobody_has_stays_visible():
    wanted = Settings(gpu_config=(GpuConfig("cuda:1", name="Lent card"), GpuConfig("/dev/dri/renderD129")))

    panels = gpu_panels((), wanted)

    assert [(panel.name, panel.holders) for panel in panels] == [("/dev/dri/renderD129", ()), ("Lent card", ())]


def test_the_slots_of_the_cpu_are_those_of_the_settings(presence):
    panel = cpu_panel((presence(),), Settings(cpu_threads=3))

    assert (panel.workers, [view.workers for view in panel.holders]) == (3, [1])


def test_only_those_who_are_there_and_did_not_look_again_are_waited_for(presence):
    before = (presence("a-1", scanned=5), presence("b-2", scanned=50), presence("c-3"))
    after = (presence("a-1", scanned=6), presence("b-2", scanned=50), presence("d-4"))

    assert unscanned(before, after) == ("b-2",)


def test_a_rescan_says_what_it_left_open(presence):
    assert rescanned((), ()).note == "no extractor is running"
    assert rescanned((presence(),), ()).note == ""
    assert rescanned((presence(),), ("attic-7",)).note == "no answer in time from attic-7"


def seen(*, partial: bool = False, report: ExtractionReport | None = None) -> FileView:
    return FileView(
        path="/f.mkv", path_id="p", outcome=Outcome.PUBLISHED, reason="", servers=(), partial=partial, report=report
    )


def test_a_file_is_marked_with_what_a_person_should_know():
    quiet = ExtractionReport(path="index")
    stepped_in = ExtractionReport(warnings=("cuda:0 could not decode hevc", "3 damaged packets"), refused="hevc/Main")
    damaged = ExtractionReport(warnings=("3 damaged packets", "read from end to end"))

    told = [remarks(seen(report=one)) for one in (None, quiet, stepped_in, damaged)]

    assert told[:2] == [[], []]
    assert [(one.word, one.reason) for one in told[2]] == [("CPU fallback", "cuda:0 could not decode hevc")]
    assert [(one.word, one.reason) for one in told[3]] == [("2 warnings", "3 damaged packets; read from end to end")]


def test_a_partial_file_says_so_and_whether_the_cpu_stepped_in():
    cut = ExtractionReport(warnings=("the file is cut off",))
    both = msgspec.structs.replace(cut, refused="hevc/Main")

    words = [[one.word for one in remarks(seen(partial=True, report=report))] for report in (None, cut, both)]

    assert words == [["partial"], ["partial"], ["partial", "CPU fallback"]]
