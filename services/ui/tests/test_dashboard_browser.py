"""The dashboard in a real Chromium: signed in, live, quiet in the console, and talking to nobody else."""

import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, async_playwright, expect

from framewright.chassis.clock import now
from framewright.chassis.outgoing import Later, Outgoing
from framewright.contracts.catalogue import DUE
from framewright.contracts.devices import DeviceState, DeviceStatus, RescanDevicesV1
from framewright.contracts.media import MediaChangedV1
from framewright.domain.outcome import ChangeKind, Outcome

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.integration,
    pytest.mark.skipif(
        not CHROMIUM.exists() and "FRAMEWRIGHT_REQUIRE_BROWSER" not in os.environ,
        reason=f"NO BROWSER TEST: there is no {CHROMIUM} on this machine",
    ),
]


@pytest.fixture
async def page():
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield await browser.new_page()
        await browser.close()


def watched(page: Page) -> tuple[list[str], set[str]]:
    """Complaints in the console and hosts that were asked, as they grow."""
    complaints: list[str] = []
    hosts: set[str] = set()
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    return complaints, hosts


async def sign_in(page: Page, url: str) -> None:
    await page.goto(url)
    await page.get_by_label("Token").fill("operators-token")
    await page.get_by_role("button", name="Sign in").click()
    await page.locator("#live[data-state=on]").wait_for()


async def test_a_job_is_seen_to_complete_live(page, ui, tell, facts, put_pack):
    complaints, hosts = watched(page)
    await put_pack()
    await sign_in(page, ui.url)
    await page.get_by_text("No jobs yet").wait_for()

    await tell(facts.classified(), facts.created(event_id="event1"), facts.routed(servers={"a": Outcome.WAITING}))
    await tell(facts.started(), facts.extracted())
    await page.locator("[data-job=job1][data-status=running]").wait_for()
    await tell(facts.settled(9, Outcome.PUBLISHED, "a", reason="all is well"))
    done = page.locator("[data-job=job1][data-status=completed]")
    await done.wait_for()

    await done.get_by_text("all is well").wait_for()  # the newest finished job stands open
    await done.locator("summary").press("Enter")
    await done.get_by_text("all is well").wait_for(state="hidden")
    await done.locator("summary").press("Enter")
    strip = done.locator(".strip img")
    await strip.scroll_into_view_if_needed()
    await expect(strip).to_have_js_property("naturalWidth", 320)
    await done.get_by_role("link", name="Details").click()
    await page.get_by_role("heading", name="Film", level=1).wait_for()
    await page.get_by_role("button", name="Sign out").click()
    await page.wait_for_url("**/login")
    assert complaints == []
    assert hosts == {urlsplit(ui.url).netloc}


async def test_the_page_fits_a_phone_in_either_light(page, ui, tell, facts):
    await tell(
        facts.created(title="A title of many words that goes on for longer than a phone is wide"), facts.routed()
    )
    await ui.until("/api/jobs/job1", lambda _job: True)
    await page.set_viewport_size({"width": 360, "height": 740})
    await sign_in(page, ui.url)

    grounds = []
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        grounds.append(await page.evaluate("getComputedStyle(document.body).backgroundColor"))

    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert len(set(grounds)) == 2


async def test_a_failed_device_shows_its_reason(page, ui, announce, presence):
    failed = DeviceStatus(
        device="/dev/dri/renderD128", name="UHD 630", type="intel", status=DeviceState.FAILED, error="no permission"
    )
    await sign_in(page, ui.url)
    await page.get_by_text("No extractor is running").wait_for()

    await announce(presence("attic-7", failed, warnings=("there is no slot at all",)))

    row = page.locator("[data-device='/dev/dri/renderD128']")
    await row.get_by_text("no permission").wait_for()
    await row.locator(".pill[data-tone=bad]", has_text="failed").wait_for()
    await row.get_by_text("attic").wait_for()
    await page.locator("#devices .alert", has_text="there is no slot at all").wait_for()


async def test_slots_that_are_changed_on_the_page_are_stored(page, ui, announce, presence):
    away = {"device": "cuda:9", "name": "Lent card", "type": "nvidia", "workers": 5}
    await ui.http.post("/api/settings", json={"gpu_config": [away], "cpu_threads": 1})
    await announce(presence("attic-7"))
    complaints, _ = watched(page)
    await sign_in(page, ui.url)
    row = page.locator("[data-device='cuda:0']")

    await row.get_by_label("Slots").fill("4")
    await row.get_by_label("Use it").uncheck()
    await page.locator("[data-cpu]").get_by_label("Slots").fill("3")
    await page.get_by_role("button", name="Save").click()
    await page.locator("#devices").get_by_text("Saved.").wait_for()

    settings = await ui.json("/api/settings")
    stored = {entry["device"]: (entry["enabled"], entry["workers"]) for entry in settings["gpu_config"]}
    assert (stored, settings["cpu_threads"]) == ({"cuda:9": (True, 5), "cuda:0": (False, 4)}, 3)
    await page.get_by_role("button", name="Forget").click()
    await page.locator("[data-device='cuda:9']").wait_for(state="detached")
    assert complaints == []


async def test_a_refresh_keeps_what_is_typed_and_follows_what_is_stored(page, ui, announce, presence):
    await announce(presence("attic-7"))
    await sign_in(page, ui.url)
    row = page.locator("[data-device='cuda:0']")
    await row.get_by_label("Slots").fill("7")

    await ui.http.post("/api/settings", json={"cpu_threads": 9})
    await expect(page.locator("[data-field=cpu_threads]")).to_have_value("9")

    assert await row.get_by_label("Slots").input_value() == "7"
    await page.get_by_role("button", name="Save").click()
    await page.locator("#devices").get_by_text("Saved.").wait_for()
    await ui.http.post("/api/settings", json={"gpu_config": [{"device": "cuda:0", "workers": 3}]})
    await expect(row.get_by_label("Slots")).to_have_value("3")


async def test_a_refused_setting_is_explained(page, ui, announce, presence):
    await announce(presence("attic-7"))
    await sign_in(page, ui.url)
    slots = page.locator("[data-device='cuda:0']").get_by_label("Slots")
    await slots.evaluate("field => field.removeAttribute('max')")
    await slots.fill("99")

    await page.get_by_role("button", name="Save").click()

    refusal = page.locator("#devices [data-said][data-tone=bad]", has_text="gpu_config")
    await refusal.wait_for()
    assert await slots.input_value() == "99"
    assert (await ui.json("/api/settings"))["gpu_config"] == []


async def test_the_rescan_button_asks_every_extractor(page, ui, bus, announce, presence):
    await announce(presence("attic-7"))
    await sign_in(page, ui.url)
    await page.locator("[data-device='cuda:0']").wait_for()

    async with bus.listening(RescanDevicesV1.HEAD) as asked:
        await page.get_by_role("button", name="Rescan").click()
        await anext(asked)
        await page.get_by_text("Looking for devices").wait_for()
        await announce(presence("attic-7", DeviceStatus(device="cuda:1", name="New card", type="nvidia"), scanned=1))

    await page.get_by_text("1 GPU found.").wait_for()
    await page.locator("[data-device='cuda:1'] .name", has_text="New card").wait_for()


async def test_a_hostile_device_stays_text_and_can_be_set(page, ui, announce, presence):
    name = "\"><img src=x onerror='document.title=1'>'\\]"
    complaints, _ = watched(page)
    await announce(presence("attic-7", DeviceStatus(device=name, name=name, type="nvidia")))
    await sign_in(page, ui.url)

    await page.locator("#devices .name", has_text="onerror").wait_for()
    await page.locator("#devices").get_by_label("CPU threads").fill("6")
    await page.get_by_role("button", name="Save").click()
    await page.locator("#devices").get_by_text("Saved.").wait_for()

    entry = (await ui.json("/api/settings"))["gpu_config"][0]
    assert (entry["device"], entry["ffmpeg_threads"]) == (name, 6)
    assert await page.locator("#devices img").count() == 0
    assert complaints == []


async def test_the_job_page_reports_how_the_frames_were_made(page, ui, tell, facts):
    told = {"bytes_read": 50_000_000, "file_bytes": 1_000_000_000, "cpu_s": 4.1, "wall_s": 2.2, "holes": 1}
    said = {"device": "cpu", "warnings": ("cuda:0 could not decode hevc/Main 10",), "refused": "hevc/Main 10"}
    await tell(facts.created(), facts.routed(), facts.extracted(partial=True, **told, **said), facts.settled(9))
    await ui.until("/api/jobs/job1", lambda job: job["status"] == "completed")
    await sign_in(page, f"{ui.url}/jobs/job1")

    line = page.locator(".table-rows > li")
    await line.locator("summary .chip[data-tone=warn]", has_text="partial").wait_for()
    await line.locator("summary .chip[data-tone=warn]", has_text="CPU fallback").wait_for()
    await line.locator("summary").click()

    report = " ".join((await line.locator(".report").inner_text()).split())
    assert "Path index Device cpu Slots 12, 1 hole Decoded 12 pictures" in report
    assert "Read 50 MB of 1 GB (5.0 %) CPU 4.1 s Took 2.2 s" in report
    await line.locator(".warnings").get_by_text("cuda:0 could not decode hevc/Main 10").wait_for()
    await line.locator(".warnings").get_by_text("The end of the file could not be read").wait_for()


async def test_work_is_paused_and_resumed_from_the_keyboard(page, ui):
    complaints, _ = watched(page)
    await sign_in(page, ui.url)

    await page.get_by_role("button", name="Pause all work").press("Enter")
    await page.get_by_text("Work is paused").wait_for()
    paused = await ui.json("/api/processing/state")
    await page.get_by_role("button", name="Resume").press("Enter")
    await page.get_by_role("button", name="Pause all work").wait_for()

    assert paused["paused"] is True
    assert (await ui.json("/api/processing/state"))["paused"] is False
    assert complaints == []


async def test_a_job_is_cancelled_repeated_and_forgotten_on_its_page(page, ui, tell, facts):
    complaints, _ = watched(page)
    wait = facts.settled(4, Outcome.WAITING, "a", next_try=facts.at(60), code="NOT_INDEXED")
    await tell(facts.created(), facts.routed(servers={"a": Outcome.WAITING}), wait)
    await ui.until("/api/jobs/job1", lambda job: job["attempts"]["waiting"] == 1)
    await sign_in(page, f"{ui.url}/jobs/job1")
    page.on("dialog", lambda dialog: dialog.accept())

    await page.get_by_role("button", name="Retry now").click()
    await page.get_by_text("0 waits were cut short").wait_for()
    await page.get_by_role("button", name="Cancel").press("Enter")
    await page.locator(".head .pill", has_text="cancelled").wait_for()
    await page.get_by_role("button", name="Do it again").click()
    await page.get_by_text("an earlier job").click()
    await page.wait_for_url("**/jobs/job1")
    await page.get_by_role("button", name="Delete").click()
    await page.wait_for_url(f"{ui.url}/")

    assert (await ui.http.get("/api/jobs/job1")).status_code == 404
    assert complaints == []


async def test_a_webhook_in_its_quiet_time_is_let_go_on_the_dashboard(page, ui, bus, tell, facts):
    key = "0" * 32
    change = MediaChangedV1(
        event_id="event1",
        key=key,
        source="radarr",
        kind=ChangeKind.ADDED,
        path="/m/<b>Film.mkv",
        observed_at=facts.at(0),
    )
    await sign_in(page, ui.url)
    await Outgoing(bus).send(Later(change, now() + timedelta(hours=1)))
    await tell(facts.classified())

    await page.locator("#pending").get_by_text("<b>Film.mkv").first.wait_for()
    await page.locator("#pending").get_by_role("button", name="Now").press("Enter")

    await page.locator(f"#pending-{key}").wait_for(state="detached")
    assert list(await bus.subjects(DUE.name, ">")) == [change.subject()]


async def test_a_scan_says_what_it_counted_and_why_it_is_held(page, ui, tell, facts):
    scan = facts.created(kind="full_library", title="Films", total=0, source="schedule")
    await tell(scan, facts.scanned(1, total=1500, up_to_date=1488, queued=0))
    await ui.http.post("/api/processing/pause")
    await ui.until("/api/jobs/job1", lambda job: job["scan"])
    await sign_in(page, ui.url)

    card = page.locator("[data-job=job1]")
    await card.get_by_text("1,488 looked at: 1,488 up to date").wait_for()
    await card.get_by_text("processing is paused").wait_for()
    await page.get_by_role("button", name="Resume").press("Enter")
    await card.get_by_text("processing is paused").wait_for(state="detached")

    assert await page.evaluate("document.activeElement.id") == "switch"
    await tell(facts.scanned(2, page=2, total=1488, up_to_date=1488, finished=True))
    await page.goto(f"{ui.url}/jobs/job1")
    await page.get_by_text("No file needed anything.").wait_for()


async def test_jobs_beyond_those_on_the_page_are_counted(page, ui, tell, facts):
    await tell(*(facts.created(at, job=f"job{at}") for at in range(22)))
    await ui.until("/api/jobs/stats", lambda counts: counts["pending"] == 22)

    await sign_in(page, ui.url)

    await page.get_by_text("and 2 more in work or waiting").wait_for()


async def test_names_of_files_stay_readable_beside_many_servers(page, ui, tell, facts):
    servers = dict.fromkeys(("living-room", "attic", "cellar", "friends-house", "garage"), Outcome.WAITING)
    await tell(facts.created(), facts.routed(servers=servers), *(facts.settled(9, server=one) for one in servers))
    await ui.until("/api/jobs/job1", lambda job: job["status"] == "completed")
    await sign_in(page, ui.url)

    name = page.locator("[data-job=job1] .file .name")
    for width in (1280, 390):
        await page.set_viewport_size({"width": width, "height": 800})
        await expect(name).to_be_visible()
        assert await name.evaluate("line => line.scrollWidth <= line.clientWidth")
