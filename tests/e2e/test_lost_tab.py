"""A tab that is lost while the customer talks: what was typed is offered again, and gone once it is filed."""

import pytest
from playwright.sync_api import expect

from tests.e2e import agent
from tests.e2e.pages import AGENT

NEW = f"{agent.DESK}new/"
WORDS = "客户说包裹三天没动，正说到一半"


@pytest.fixture
def desk(house):
    with house.staff(AGENT, size="desk") as page:
        yield page


def test_a_lost_tab_loses_nothing_that_was_typed_for_a_customer(house, desk):
    desk.goto(NEW)
    desk.locator("[name=category]").select_option("logistics.stalled")
    desk.locator("[name=q_needed_by]").wait_for()
    desk.locator("[name=description]").press_sequentially(WORDS)
    desk.locator("[name=phone]").press_sequentially("13900004321")
    expect(desk.locator("draft-box")).to_have_attribute("data-state", "saved")
    again = desk.context.new_page()
    desk.close()

    again.goto(NEW)
    expect(again.locator("[name=description]")).to_have_value("")
    with again.expect_navigation():
        again.locator("button[value=resume]").click()

    expect(again.locator("[name=description]")).to_have_value(WORDS)
    expect(again.locator("[name=category]")).to_have_value("logistics.stalled")
    expect(again.locator("[name=q_needed_by]")).to_be_visible()
    with again.expect_navigation():
        again.locator("button[value=file]").click()
    again.goto(NEW)
    expect(again.locator("button[value=resume]")).to_have_count(0)
    assert house.value("SELECT count(*) FROM complaints_complaint WHERE description = %s", WORDS) == 1
