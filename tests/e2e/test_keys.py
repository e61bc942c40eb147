"""The keyboard: where Tab leads, what Esc gives back, and that an input method keeps its own keys (ux.md B10, B12)."""

import pytest
from playwright.sync_api import expect

from tests.e2e import agent
from tests.e2e.pages import AGENT
from tests.e2e.samples import Samples

FOCUSED = "document.activeElement"
PLACES = ["/", "/file/", "/human/", "/link/"]


@pytest.fixture(scope="module")
def samples(house):
    return Samples(house)


@pytest.fixture
def desk(house):
    with house.staff(AGENT, size="desk") as page:
        yield page


def is_focused(page, selector: str) -> bool:
    return page.evaluate(f"selector => Boolean({FOCUSED}.closest(selector))", selector)


@pytest.mark.parametrize("path", PLACES)
def test_the_skip_link_is_the_first_stop_and_tab_leads_all_the_way_round(house, path):
    with house.visitor(size="desk") as page:
        page.goto(path)
        page.keyboard.press("Tab")
        assert is_focused(page, ".skip")
        page.keyboard.press("Enter")
        assert is_focused(page, "#main")

        stops = 0
        while not is_focused(page, ".skip"):
            stops += 1
            page.keyboard.press("Tab")
            assert stops < 150, f"Tab is trapped at {page.evaluate(FOCUSED + '.outerHTML')}"


def test_the_first_row_of_the_queue_is_two_stops_behind_the_skip_link(desk):
    desk.goto(f"{agent.DESK}?view=all")

    for key in ("Tab", "Enter", "Tab", "Tab"):
        desk.keyboard.press(key)

    assert is_focused(desk, "[data-nav-item]:first-child")


@pytest.mark.parametrize("keys", ["Control+k", "?"])
def test_escape_gives_the_focus_back(desk, keys):
    desk.goto(f"{agent.DESK}?view=all")
    desk.keyboard.press("j")
    assert is_focused(desk, "[data-nav-item]")

    desk.keyboard.press(keys)
    expect(desk.locator("dialog[open]")).to_be_visible()
    desk.keyboard.press("Escape")

    expect(desk.locator("dialog[open]")).to_have_count(0)
    assert is_focused(desk, "[data-nav-item]")


def test_escape_closes_the_canned_replies_and_keeps_the_text(desk, samples):
    desk.goto(f"{agent.DESK}c/{samples.numbers['open']}/")
    desk.locator(agent.REPLY).fill("")
    desk.locator(agent.REPLY).press("/")
    expect(desk.locator(".picker")).to_be_visible()

    desk.keyboard.press("Escape")

    expect(desk.locator(".picker")).to_have_count(0)
    expect(desk.locator(agent.REPLY)).to_be_focused()
    expect(desk.locator(agent.REPLY)).to_have_value("/")


def test_single_keys_can_be_switched_off(desk):
    set_shortcuts(desk, on=False)
    desk.goto(f"{agent.DESK}?view=all")
    desk.keyboard.press("j")
    moved_without = is_focused(desk, "[data-nav-item]")
    set_shortcuts(desk, on=True)
    desk.goto(f"{agent.DESK}?view=all")
    desk.keyboard.press("j")

    assert (moved_without, is_focused(desk, "[data-nav-item]")) == (False, True)


def set_shortcuts(page, *, on: bool) -> None:
    page.goto("/admin/profile/")
    page.locator("[name=shortcuts]").set_checked(on)
    with page.expect_navigation():
        page.locator("form:has([name=shortcuts]) .button--primary").click()


class InputMethod:
    """An input method as Chromium sees it: what is being composed, and keys that belong to it."""

    def __init__(self, page):
        self.session = page.context.new_cdp_session(page)

    def compose(self, text: str) -> None:
        self.session.send("Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)})

    def press_enter(self, *, with_control: bool = False) -> None:
        key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229, "modifiers": 2 if with_control else 0}
        for kind in ("rawKeyDown", "keyUp"):
            self.session.send("Input.dispatchKeyEvent", {"type": kind, **key})

    def commit(self, text: str) -> None:
        self.session.send("Input.insertText", {"text": text})


def test_enter_of_an_input_method_never_sends_a_reply(desk, samples, house):
    number = samples.numbers["open"]
    desk.goto(f"{agent.DESK}c/{number}/")
    written = "SELECT count(*) FROM complaints_message m JOIN complaints_complaint c ON c.id = m.complaint_id WHERE c.number = %s"
    before = house.value(written, number)
    reply = desk.locator(agent.REPLY)
    reply.fill("")
    reply.focus()
    method = InputMethod(desk)

    method.compose("nihao")
    method.press_enter(with_control=True)
    method.press_enter()
    method.commit("您好，我来跟进。")

    expect(reply).to_have_value("您好，我来跟进。")
    expect(desk.locator("[data-draft-state]").first).not_to_be_empty()
    assert house.value(written, number) == before


def test_enter_of_an_input_method_chooses_no_canned_reply(desk, samples):
    desk.goto(f"{agent.DESK}c/{samples.numbers['open']}/")
    reply = desk.locator(agent.REPLY)
    reply.fill("")
    reply.press("/")
    expect(desk.locator(".picker [role=option]").first).to_be_visible()
    method = InputMethod(desk)

    method.compose("tuikuan")
    method.press_enter()

    expect(desk.locator(".picker")).to_be_visible()
    method.commit("退款")
    expect(reply).to_have_value("/退款")


def test_letters_of_an_input_method_are_no_shortcuts(desk):
    desk.goto(f"{agent.DESK}?view=all")
    desk.locator("[name=q]").focus()
    method = InputMethod(desk)

    method.compose("c")
    method.press_enter()

    assert desk.url.endswith("?view=all")
    expect(desk.locator("[name=q]")).to_be_focused()
