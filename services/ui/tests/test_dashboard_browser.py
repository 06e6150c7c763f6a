"""The dashboard in a real Chromium: signed in, live, quiet in the console, and talking to nobody else."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, async_playwright

from framewright.domain.outcome import Outcome

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
    await page.wait_for_function("document.querySelector('.strip img').naturalWidth === 320")
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
