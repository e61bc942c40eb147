"""Handling time as a browser measures it: of the complaint in front, whether it was opened or swapped in, told on leaving."""

from tests.e2e.pages import AGENT
from tests.stack import wait_for

MINE = "/admin/desk/?view=mine"
REPORTED = "SELECT count(*) FROM complaints_workstretch w JOIN complaints_complaint c ON c.id = w.complaint_id WHERE c.number = %s"


def test_work_is_measured_on_the_complaint_that_is_in_front(house):
    with house.staff(AGENT, size="desk") as page:
        page.goto(MINE)
        with page.expect_navigation():
            page.locator(".row__subject").first.click()
        first = page.locator("#main [data-complaint]").get_attribute("data-complaint")
        page.keyboard.press("Shift")
        page.locator("script[src*=effort]").first.wait_for(state="attached")
        page.keyboard.press("Shift")
        row = page.locator("#list-pane [data-number]:not([aria-current]) .row__subject").first
        second = row.locator("xpath=ancestor::li").get_attribute("data-number")
        row.click()
        page.locator(f"#main [data-complaint='{second}']").wait_for()
        page.locator("#main textarea").first.press_sequentially("您好，我们查到了")
        page.goto("about:blank")

        assert first != second
        wait_for(lambda: house.value(REPORTED, first) and house.value(REPORTED, second), within=20)
