"""A conversation between a customer on a phone and an agent at the desk: in one tap, line by line, and through a dead server."""

import secrets

import pytest
from playwright.sync_api import expect

from tests.e2e import agent, customer
from tests.e2e.conversation import PATIENCE, accept, answer, ask_for_person, said, write
from tests.e2e.hand import Hand
from tests.e2e.house import PREFIXES
from tests.e2e.orders import fresh_orders
from tests.e2e.test_keys import InputMethod
from tests.faults.harness import kill_all
from tests.stack import wait_for

AGENT = "lin.agent"
LINES = (
    "SELECT m.body FROM complaints_message m JOIN complaints_complaint c ON c.id = m.complaint_id"
    " WHERE c.number = %s AND m.kind = 'public' ORDER BY m.id"
)
STATE = "SELECT s.state FROM complaints_chatsession s JOIN complaints_complaint c ON c.id = s.complaint_id WHERE c.number = %s"
MOST_STOPS = 12


@pytest.fixture
def desk(house):
    """An agent who is there; nobody else is, and nobody waits from before, so every conversation is theirs."""
    house.rows("UPDATE complaints_chatsession SET state = 'abandoned', timer_at = NULL WHERE state IN ('queued', 'offered', 'active')")
    house.rows("UPDATE complaints_assignmentrequest SET state = 'cancelled' WHERE state = 'waiting' AND chat_id IS NOT NULL")
    house.rows("UPDATE accounts_presence SET state = 'away'")
    house.set_presence(AGENT, "ready")
    with house.staff(AGENT, size="desk") as page:
        page.goto(f"{agent.DESK}?view=mine")
        yield page
    house.set_presence(AGENT, "away")


def test_a_conversation_from_the_first_tap_to_the_rating(house, desk):
    word = secrets.token_hex(3)
    with house.visitor(size="phone") as mine:
        mine.goto("/file/")
        number = ask_for_person(mine, f"杯子碎了 {word}")
        accept(desk, number)
        expect(mine.locator("#standing[data-state=active]")).to_be_visible()
        answer(desk, f"您好，我是客服 {word}")
        expect(said(mine, f"您好，我是客服 {word}")).to_be_visible()
        write(mine, f"两个都碎了 {word}")
        expect(desk.locator("#thread")).to_contain_text(f"两个都碎了 {word}")
        answer(desk, f"今天补发 {word}")
        expect(said(mine, f"今天补发 {word}")).to_have_count(1)
        with desk.expect_navigation():
            desk.locator("[data-chatbar] button").click()
        expect(mine.locator(".chat__rate")).to_be_visible()
        with mine.expect_navigation():
            mine.locator(".chat__scale [value='5']").click()
        assert house.rows(LINES, number) == [
            (f"杯子碎了 {word}",), (f"您好，我是客服 {word}",), (f"两个都碎了 {word}",), (f"今天补发 {word}",),
        ]  # fmt: skip
        assert house.value(STATE, number) == "ended"
        assert house.value("SELECT rating FROM complaints_chatsession ORDER BY id DESC LIMIT 1") == 5


def test_a_dead_server_loses_and_doubles_no_line(house, desk):
    word = secrets.token_hex(3)
    with house.visitor(size="phone") as mine:
        mine.goto("/")
        number = ask_for_person(mine, f"第一句 {word}")
        accept(desk, number)
        desk.goto("about:blank")  # or htmx would tell its console of every news that it could not have
        kill_all([house.stack.pid("web"), *[each.pid for each in house.stack.inner("web")]])
        write(mine, f"第二句 {word}")
        expect(mine.locator(".message--waiting")).to_have_count(1)
        write(mine, f"第三句 {word}")
        wait_for(house.stack.is_ready, within=PATIENCE, what=house.stack.describe)

        for words in ("第二句", "第三句"):
            expect(said(mine, f"{words} {word}")).to_have_count(1, timeout=PATIENCE * 1000)
        expect(mine.locator(".message--waiting")).to_have_count(0)
        desk.goto(f"{agent.DESK}c/{number}/?view=mine")
        expect(desk.locator("[data-chatbar]")).to_be_visible()
        answer(desk, f"都看到了 {word}")
        expect(said(mine, f"都看到了 {word}")).to_have_count(1)
        mine.reload()
        expect(said(mine, f"第三句 {word}")).to_have_count(1)

    assert house.rows(LINES, number) == [(f"{words} {word}",) for words in ("第一句", "第二句", "第三句", "都看到了")]


def test_lines_wait_for_a_dropped_line_and_keep_their_order(house):
    word = secrets.token_hex(3)
    with house.visitor(size="phone") as mine:
        mine.goto("/")
        number = ask_for_person(mine, f"第一句 {word}")
        mine.context.set_offline(True)
        for words in ("二", "三", "四"):
            write(mine, f"{words} {word}")
        expect(mine.locator(".message--waiting")).to_have_count(3)
        mine.context.set_offline(False)
        expect(mine.locator(".message--waiting")).to_have_count(0)

    assert house.rows(LINES, number) == [(f"{words} {word}",) for words in ("第一句", "二", "三", "四")]


def test_what_was_not_sent_outlives_a_reload(house):
    word = secrets.token_hex(3)
    with house.visitor(size="phone") as mine:
        mine.goto("/")
        number = ask_for_person(mine, f"第一句 {word}")
        mine.route("**/chat/", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
        write(mine, f"第二句 {word}")
        mine.locator("#body").fill("写了一半")
        mine.unroute("**/chat/")
        mine.reload()
        expect(said(mine, f"第二句 {word}")).to_have_count(1)
        expect(mine.locator("#body")).to_have_value("写了一半")

    assert house.rows(LINES, number) == [(f"第一句 {word}",), (f"第二句 {word}",)]


def test_enter_of_an_input_method_never_sends_a_line(house):
    with house.visitor(size="desk") as mine:
        mine.goto("/")
        number = ask_for_person(mine, "第一句")
        field = mine.locator("#body")
        field.focus()
        method = InputMethod(mine)
        method.compose("nihao")
        method.press_enter()
        method.press_enter(with_control=True)
        method.commit("你好")
        expect(field).to_have_value("你好")
        assert len(house.rows(LINES, number)) == 1

        mine.keyboard.press("Shift+Enter")
        mine.keyboard.type("x")
        expect(field).to_have_value("你好\nx")
        mine.keyboard.press("Enter")
        expect(said(mine, "你好")).to_have_count(1)

    assert house.rows(LINES, number) == [("第一句",), ("你好\nx",)]


def test_enter_is_a_new_line_where_there_is_no_keyboard(house):
    with house.visitor(size="phone") as mine:
        mine.goto("/")
        number = ask_for_person(mine, "第一句")
        mine.evaluate("self.matchMedia = (query) => ({ matches: String(query).includes('coarse') })")
        mine.locator("#body").fill("上")
        mine.locator("#body").press("Enter")
        expect(mine.locator("#body")).to_have_value("上\n")

    assert len(house.rows(LINES, number)) == 1


@pytest.mark.parametrize("language", PREFIXES)
@pytest.mark.parametrize("path", ["/", "/file/", "/link/", "/privacy/"])
def test_a_person_is_two_acts_away_by_keyboard(house, language, path):
    with house.visitor(size="desk", language=language) as mine:
        mine.goto(PREFIXES[language] + path)
        tab_to(mine, ".head__human")
        with mine.expect_navigation():
            mine.keyboard.press("Enter")
        expect(mine.locator("#description")).to_be_focused()
        mine.keyboard.insert_text("包裹没到")
        tab_to(mine, "main .button--primary")
        with mine.expect_navigation():
            mine.keyboard.press("Enter")
        expect(mine.locator("#standing[data-live-session]")).to_be_visible()


def tab_to(page, selector: str) -> None:
    for _stop in range(MOST_STOPS):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} is not within {MOST_STOPS} stops")


def test_without_scripts_it_is_a_page_with_a_form(house, desk):
    word = secrets.token_hex(3)
    with house.visitor(size="phone", with_scripts=False) as mine:
        mine.goto("/")
        mine.locator(".head__human").click()
        mine.locator("#description").fill(f"没有脚本 {word}")
        mine.locator(".bar .button--primary").click()
        number = mine.locator("chat-room").get_attribute("data-number")
        accept(desk, number)
        answer(desk, f"也能聊 {word}")
        mine.locator(".chat__refresh button").click()
        expect(said(mine, f"也能聊 {word}")).to_have_count(1)
        mine.locator("#body").fill(f"好的 {word}")
        mine.locator("#line .button--primary").click()
        expect(said(mine, f"好的 {word}")).to_have_count(1)
        mine.locator("form[action$='/end/'] button").click()
        expect(mine.locator(".chat__rate")).to_be_visible()

    assert [body for (body,) in house.rows(LINES, number)] == [f"{words} {word}" for words in ("没有脚本", "也能聊", "好的")]


RUNNING = (
    "UPDATE complaints_clockrun SET due_at = now() + %s * interval '1 second'"
    " WHERE state = 'running' AND kind IN ('first', 'contact', 'next')"
    " AND complaint_id = (SELECT id FROM complaints_complaint WHERE number = %s)"
)
CLOCK = ".dock__talk .dock__clock"
HIDE = "hidden => Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden })"


def look(page, *, hidden: bool) -> None:
    """The page goes behind another one, or comes to the front."""
    page.evaluate(HIDE, hidden)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def line(page, words: str):
    return page.locator("#thread [data-mine]", has_text=words).locator("[data-state]")


def test_both_sides_see_how_far_the_other_has_read(house, desk):
    word = secrets.token_hex(3)
    with house.visitor(size="phone") as mine:
        mine.goto("/")
        number = ask_for_person(mine, f"杯子碎了 {word}")
        tick = said(mine, f"杯子碎了 {word}").locator("[data-tick]")
        expect(tick).to_contain_text("已送达")
        accept(desk, number)
        expect(tick).to_have_class("chat__tick chat__tick--read")
        look(mine, hidden=True)
        answer(desk, f"您好 {word}")
        expect(line(desk, f"您好 {word}")).to_have_text("已送达")
        look(mine, hidden=False)
        expect(line(desk, f"您好 {word}")).to_have_text("已读")
        look(desk, hidden=True)
        write(mine, f"两个 {word}")
        expect(desk.locator("#thread")).to_contain_text(f"两个 {word}")
        expect(said(mine, f"两个 {word}").locator("[data-tick]")).to_have_class("chat__tick")
        look(desk, hidden=False)
        expect(said(mine, f"两个 {word}").locator("[data-tick]")).to_have_class("chat__tick chat__tick--read")


def test_a_line_that_waits_for_a_minute_calls_the_agent(house, desk):
    word = secrets.token_hex(3)
    with house.visitor(size="phone") as mine:
        mine.goto("/")
        number = ask_for_person(mine, f"第一句 {word}")
        accept(desk, number)
        answer(desk, f"您好 {word}")
        expect(desk.locator(CLOCK)).to_have_count(0)
        write(mine, f"在吗 {word}")
        expect(desk.locator("#thread")).to_contain_text(f"在吗 {word}")
        # At night the clock of the house stands still; here it runs at every hour of the day.
        house.rows(RUNNING, 170, number)
        desk.evaluate(agent.POLL)
        expect(desk.locator(CLOCK)).to_have_class("dock__clock")
        house.rows(RUNNING, 123, number)
        desk.evaluate(agent.POLL)

        expect(desk.locator(f"{CLOCK}.dock__clock--calls")).to_be_visible(timeout=PATIENCE * 1000)
        expect(desk.locator(".toast", has_text="等您回复已有一分钟")).to_have_count(1)
        expect(desk.locator("[data-chatbar] .dock__clock--calls")).to_contain_text("01:")
        answer(desk, f"在的 {word}")
        expect(desk.locator(CLOCK)).to_have_count(0)


def test_the_pinned_state_follows_and_a_withdrawal_ends_the_conversation(house, desk):
    word = secrets.token_hex(3)
    with house.visitor(size="phone") as mine:
        mine.goto("/")
        number = ask_for_person(mine, f"杯子碎了 {word}")
        pinned = mine.locator("[data-pin-status]")
        expect(pinned).to_have_text("待受理")
        accept(desk, number)
        answer(desk, f"您好 {word}")
        expect(pinned).not_to_have_text("待受理")
        other = mine.context.new_page()
        other.goto(f"/c/{number}/")
        form = other.locator("form[action$='/withdraw/']")
        form.evaluate("form => { for (const each of [form.closest('details')]) if (each) each.open = true }")
        with other.expect_navigation():
            form.locator("button").click()

        expect(pinned).to_have_text("已撤回")
        expect(mine.locator("#standing[data-state=ended]")).to_be_visible()
        expect(desk.locator(f"#chat-dock [data-chat='{number}']")).to_have_count(0)
        assert house.value(STATE, number) == "ended"


@pytest.mark.parametrize("with_scripts", [True, False])
def test_an_item_of_the_order_is_sent_as_a_card(house, desk, with_scripts):
    word = secrets.token_hex(3)
    [(order_id, _number)] = fresh_orders(house, 1)
    with house.visitor(size="phone", with_scripts=with_scripts) as mine:
        mine.goto(f"/file/?order={house.order_link(order_id)}")
        hand = Hand(mine)
        customer.choose_problem(hand, category="logistics.stalled", wish="feedback")
        customer.go_on(hand)
        customer.go_on(hand)
        number = customer.read_number(mine)
        mine.goto(f"/c/{number}/chat/")
        write(mine, f"有人吗 {word}")
        expect(mine.locator("#standing[data-live-session]")).to_be_visible()
        accept(desk, number)
        items = mine.locator("[data-items]")
        items.locator("summary").click()
        title = items.locator(".goods-card__title").first.inner_text()
        items.locator("button").first.click()

        expect(mine.locator("[data-log] [data-line] .goods-card__title", has_text=title)).to_have_count(1)
        expect(desk.locator("#thread .goods-card__title", has_text=title)).to_have_count(1)
