"""The wallboard on a wall: it keeps the screen awake, is dim at night, and names nobody who did not ask to be named."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from tests.e2e.pages import LEAD

TV = "/admin/desk/wall/?tv=1"
# The browser's own part, which a screen without a head does not have. It only notes what was asked of it.
WAKE_LOCK = """
    window.asked = [];
    Object.defineProperty(navigator, "wakeLock", {value: {request: async (kind) => { window.asked.push(kind); return {release() {}}; }}});
"""
REFUSED = """
    const refuse = async () => { window.asked = true; throw new DOMException("battery"); };
    Object.defineProperty(navigator, "wakeLock", {value: {request: refuse}});
"""


@pytest.fixture
def screen(house):
    with house.staff(LEAD, size="desk") as page:
        yield page


def moment(hour: int, minute: int) -> datetime:
    return datetime(2026, 11, 24, hour, minute, tzinfo=ZoneInfo("Asia/Shanghai"))


def at_hour(page, hour: int, minute: int = 30) -> None:
    """Let it be that hour where the screen hangs, before the page is opened."""
    page.clock.set_fixed_time(moment(hour, minute))


def brightness(page) -> str:
    return page.locator(".tv__main").evaluate("main => getComputedStyle(main).filter")


def test_the_screen_is_kept_awake_and_asked_for_again_when_it_was_hidden(screen):
    screen.add_init_script(WAKE_LOCK)

    screen.goto(TV)
    screen.wait_for_function("window.asked.length === 1")
    screen.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    screen.wait_for_function("window.asked.length === 2")

    assert screen.evaluate("window.asked") == ["screen", "screen"]


def test_a_browser_that_refuses_to_stay_awake_still_shows_the_board(screen):
    screen.add_init_script(REFUSED)

    screen.goto(TV)
    screen.wait_for_function("window.asked === true")

    expect(screen.locator(".figure").first).to_be_visible()


def test_the_page_of_a_desk_keeps_no_screen_awake(screen):
    screen.add_init_script(WAKE_LOCK)

    screen.goto("/admin/desk/wall/")
    expect(screen.locator(".figure").first).to_be_visible()
    # The script has run when the board counts its own age.
    screen.wait_for_function("document.readyState === 'complete'")

    assert screen.evaluate("window.asked") == []


@pytest.mark.parametrize(("hour", "is_night"), [(6, True), (7, False), (12, False), (20, False), (21, True), (23, True)])
def test_it_is_dim_and_dark_at_night_alone(screen, hour, is_night):
    at_hour(screen, hour)
    screen.goto(TV)
    expect(screen.locator("[data-tv-clock]")).to_have_text(f"{hour:02}:30")

    assert (brightness(screen) == "brightness(0.55)") == is_night
    assert (screen.locator("html").get_attribute("data-theme") == "dark") == is_night


def test_it_grows_light_again_in_the_morning_without_being_touched(screen):
    screen.clock.install(time=moment(6, 59))
    screen.goto(TV)
    expect(screen.locator("html[data-night]")).to_have_count(1)

    screen.clock.run_for(90_000)

    expect(screen.locator("html[data-night]")).to_have_count(0)
    assert brightness(screen) == "none"


def test_names_stand_there_only_when_asked_for_and_go_again(screen, house):
    names = [name for (name,) in house.rows("SELECT name FROM accounts_user WHERE name <> ''")]
    screen.goto(TV)
    hidden = screen.locator("main").inner_text()
    screen.locator(".tv__links a", has=screen.locator("[href='#i-eye']")).click()
    shown = screen.locator("main").inner_text()
    screen.locator(".tv__links a", has=screen.locator("[href='#i-eye-off']")).click()

    assert [name for name in names if name in hidden] == []
    assert any(name in shown for name in names)
    expect(screen.locator("[href='#i-eye']")).to_have_count(1)


def test_nothing_scrolls_in_full_hd(screen):
    screen.set_viewport_size({"width": 1920, "height": 1080})
    screen.goto(TV)

    height, width = screen.evaluate("[document.documentElement.scrollHeight, document.documentElement.scrollWidth]")
    assert (height, width) == (1080, 1920)
