"""A tab that is lost while the customer talks: what was typed is offered again, and gone once it is filed."""

from random import randrange

import pytest
from playwright.sync_api import expect

from tests.e2e import agent
from tests.e2e.pages import AGENT

NEW = f"{agent.DESK}new/"
RESUME = "button[value=resume]"


@pytest.fixture
def desk(house):
    with house.staff(AGENT, size="desk") as page:
        yield page


def test_a_lost_tab_loses_nothing_that_was_typed_for_a_customer(house, desk):
    phone = f"139{randrange(10**8):08}"
    words = f"客户说包裹三天没动，正说到一半 {phone[-4:]}"
    desk.goto(NEW)
    desk.locator("[name=category]").select_option("logistics.stalled")
    desk.locator("[name=q_needed_by]").wait_for()
    desk.locator("[name=description]").press_sequentially(words)
    desk.locator("[name=phone]").press_sequentially(phone)
    expect(desk.locator("draft-box")).to_have_attribute("data-state", "saved")
    again = desk.context.new_page()
    desk.close()

    again.goto(NEW)
    expect(again.locator("[name=description]")).to_have_value("")
    offered = again.locator(RESUME).count()
    with again.expect_navigation():
        again.locator(RESUME).first.click()

    expect(again.locator("[name=description]")).to_have_value(words)
    expect(again.locator("[name=category]")).to_have_value("logistics.stalled")
    expect(again.locator("[name=q_needed_by]")).to_be_visible()
    with again.expect_navigation():
        again.locator("button[value=file]").click()
    again.goto(NEW)
    expect(again.locator(RESUME)).to_have_count(offered - 1)
    assert house.value("SELECT count(*) FROM complaints_complaint WHERE description = %s", words) == 1
