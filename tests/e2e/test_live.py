"""What happens elsewhere shows on the pages that are open: who is there, what is new, and drafts; with every kind of browser."""

import secrets

import pytest
from playwright.sync_api import TimeoutError, expect

from tests.e2e import agent
from tests.e2e.browser import SIZES
from tests.e2e.pages import AGENT, LEAD
from tests.e2e.samples import Samples

AGENT_ID = f"SELECT id FROM accounts_user WHERE username = '{AGENT}'"
MINE = (
    "SELECT number FROM complaints_complaint WHERE status = 'open' AND channel = 'web' AND erased_at IS NULL"
    f" AND assignee_id = ({AGENT_ID})"
)
OPEN = f"{MINE} ORDER BY id LIMIT 1 OFFSET %s"
OPEN_OF = f"{MINE} AND number = ANY(%s) ORDER BY id LIMIT 1"
NOTES = (
    "SELECT count(*) FROM complaints_message m JOIN complaints_complaint c ON c.id = m.complaint_id WHERE c.number = %s AND body = ANY(%s)"
)
NOTE = "[data-composer-form=note]"
# Whoever leaves goes at once. If the word of it is lost, what stands in Valkey ends after 75 s and each page asks again every minute.
GONE_MS = (75 + 60) * 1000 + 20_000
STRIP = "#pulse-news [data-refresh]"
# What a browser may lack; the pages must hear of everything all the same.
LACKS = {
    "nothing": "",
    "shared workers": "delete self.SharedWorker",
    "workers and locks": "delete self.SharedWorker; delete self.BroadcastChannel",
}


@pytest.fixture(autouse=True)
def _patience():
    """The bars are seconds, but not on a machine that does ten other things."""
    expect.set_options(timeout=20_000)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture
def desk(house):
    with house.staff(AGENT, size="desk") as page:
        yield page


@pytest.fixture
def colleague(house):
    with house.staff(LEAD, size="desk") as page:
        yield page


@pytest.fixture
def number(house, request) -> str:
    """A complaint of the agent's on which nothing waits unsent; another one for each test, as far as there are some."""
    house.rows("DELETE FROM complaints_replydraft")
    return house.value(OPEN, sum(map(ord, request.node.name)) % 3) or house.value(OPEN, 0)


def open_complaint(page, number: str) -> None:
    page.goto(f"{agent.DESK}c/{number}/")
    expect(page.locator(agent.REPLY)).to_be_visible()


def write_note(page, words: str) -> None:
    page.locator("[data-composer=note]").click()
    page.locator(f"{NOTE} textarea").fill(words)
    page.locator(f"{NOTE} .button--primary").click()
    expect(page.locator("#thread")).to_contain_text(words)


def test_a_colleague_shows_in_the_list_and_on_the_complaint_and_goes_again(house, desk, colleague):
    colleague.goto(f"{agent.DESK}?view=all&status=open&channel=web&assignee={house.value(AGENT_ID)}")
    number = house.value(OPEN_OF, colleague.locator(".row").evaluate_all("rows => rows.map((row) => row.dataset.number)"))
    row = colleague.locator(f"#here-{number}")
    expect(row).to_be_attached()

    open_complaint(desk, number)

    expect(row.locator(".presence")).to_be_visible()
    open_complaint(colleague, number)
    pen = colleague.locator("#pulse-news use[href='#i-pen']")
    for _line in range(6):  # who types goes on typing; a page that is just being opened may miss the first letters
        desk.locator(agent.REPLY).press_sequentially("您好")
        if is_shown(pen):
            break
    expect(pen).to_be_visible()
    desk.goto("about:blank")
    expect(colleague.locator("#pulse-news .presence")).to_have_count(0, timeout=GONE_MS)


def is_shown(mark) -> bool:
    try:
        mark.wait_for(timeout=6_000)
    except TimeoutError:
        return False
    return True


@pytest.mark.parametrize("lacking", LACKS)
def test_a_change_of_a_colleague_shows_at_once_on_every_page(lacking, desk, colleague, number):
    desk.context.add_init_script(LACKS[lacking])
    second = desk.context.new_page()
    for page in (desk, second):
        open_complaint(page, number)
    open_complaint(colleague, number)

    write_note(colleague, f"看一下 {secrets.token_hex(4)}")

    for page in (desk, second):
        expect(page.locator(STRIP)).to_be_visible()


def test_ones_own_change_is_no_news(desk, number):
    open_complaint(desk, number)

    write_note(desk, f"自己写的 {secrets.token_hex(4)}")
    write_note(desk, f"又写一句 {secrets.token_hex(4)}")

    expect(desk.locator(STRIP)).to_have_count(0)


def test_of_two_replies_at_once_one_goes_and_the_other_is_asked(house, desk, colleague, number):
    words = [f"第一种答复 {secrets.token_hex(4)}", f"第二种答复 {secrets.token_hex(4)}"]
    for page, text in zip((desk, colleague), words, strict=True):
        open_complaint(page, number)
        page.locator(agent.REPLY).fill(text)

    for page in (desk, colleague):
        page.locator("[data-composer-form=reply] .button--primary").click(no_wait_after=True)

    asked = [page.locator(".composer__notice--warn") for page in (desk, colleague)]
    expect(asked[0].or_(desk.locator("#thread", has_text=words[0]))).to_be_visible()
    expect(asked[1].or_(colleague.locator("#thread", has_text=words[1]))).to_be_visible()
    assert sorted(each.count() for each in asked) == [0, 1]
    assert house.value(NOTES, number, words) == 1
    loser = 0 if asked[0].count() else 1
    expect((desk, colleague)[loser].locator(agent.REPLY)).to_have_value(words[loser])


def test_what_arrives_is_counted_and_the_list_stays_as_it_is(house, colleague):
    colleague.goto(f"{agent.DESK}?view=team")
    before = colleague.locator(".row").evaluate_all("rows => rows.map((row) => row.dataset.number)")

    with house.visitor() as visitor:
        visitor.goto("/human/")
        visitor.locator("#description").fill(f"有人吗 {secrets.token_hex(4)}")
        with visitor.expect_navigation():
            visitor.locator(".button--primary:visible").last.click()

    expect(colleague.locator(".arrivals")).to_be_visible()
    assert colleague.locator(".row").evaluate_all("rows => rows.map((row) => row.dataset.number)") == before


def test_a_draft_of_another_page_appears_where_nothing_was_typed(desk, number):
    second = desk.context.new_page()
    words = f"在另一台设备上写的 {secrets.token_hex(4)}"
    for page in (desk, second):
        open_complaint(page, number)

    desk.locator(agent.REPLY).fill(words)

    expect(second.locator(agent.REPLY)).to_have_value(words)
    desk.locator(agent.REPLY).fill("")
    expect(second.locator(agent.REPLY)).to_have_value("")


def test_a_draft_of_another_page_never_takes_the_place_of_what_is_typed(desk, number):
    second = desk.context.new_page()
    here, there = f"这边正在写 {secrets.token_hex(4)}", f"那边先存了 {secrets.token_hex(4)}"
    for page in (desk, second):
        open_complaint(page, number)
    second.route("**/draft/", lambda route: route.abort() if route.request.method == "POST" else route.fallback())
    second.locator(agent.REPLY).press_sequentially(here)

    desk.locator(agent.REPLY).fill(there)

    notice = second.locator("[data-elsewhere]")
    expect(notice).to_be_visible()
    expect(second.locator(agent.REPLY)).to_have_value(here)
    notice.locator("summary").click()
    expect(notice).to_contain_text(there)
    notice.locator("[data-take-draft]").click()
    expect(second.locator(agent.REPLY)).to_have_value(there)
    expect(notice).to_have_count(0)


def test_what_is_typed_survives_a_look_at_what_is_new(desk, colleague, number):
    open_complaint(desk, number)
    open_complaint(colleague, number)
    words = f"还没写完 {secrets.token_hex(4)}"
    write_note(colleague, f"补充 {secrets.token_hex(4)}")
    expect(desk.locator(STRIP)).to_be_visible()

    desk.locator(agent.REPLY).press_sequentially(words)
    desk.locator(STRIP).click()

    expect(desk.locator(STRIP)).to_have_count(0)
    expect(desk.locator(agent.REPLY)).to_have_value(words)


def test_a_page_that_reaches_nobody_says_since_when(house, number):
    # Not the watched page of the other tests: htmx reports each lost request as an error.
    with house.browser.new_context(base_url=house.base_url, storage_state=house.log_in(AGENT), viewport=SIZES["desk"]) as context:
        page = context.new_page()
        open_complaint(page, number)
        stale = page.locator("[data-stale]")

        context.set_offline(True)
        page.evaluate(agent.POLL)
        expect(stale).to_be_visible()
        context.set_offline(False)
        page.evaluate(agent.POLL)

        expect(stale).to_have_count(0)


def test_without_a_stream_pages_ask_by_themselves(desk, colleague, number):
    desk.context.add_init_script("delete self.EventSource")
    desk.clock.install()
    open_complaint(desk, number)
    open_complaint(colleague, number)
    write_note(colleague, f"没有流也要看到 {secrets.token_hex(4)}")
    expect(desk.locator(STRIP)).to_have_count(0)

    desk.clock.fast_forward(16_000)

    expect(desk.locator(STRIP)).to_be_visible()


def test_the_customers_page_follows_the_complaint_and_keeps_what_is_typed(house, desk, number):
    token, words = Samples(house).make_link(number), f"我们已经补发 {secrets.token_hex(4)}"
    with house.visitor(size="phone") as mine:
        mine.goto(f"/t/{token}/")
        mine.locator("#reply [name=body]").fill("我还想说")
        open_complaint(desk, number)
        desk.locator(agent.REPLY).fill(words)
        desk.locator("[data-composer-form=reply] .button--primary").click()

        expect(mine.locator("#conversation")).to_contain_text(words, timeout=40_000)
        expect(mine.locator("#reply [name=body]")).to_have_value("我还想说")
