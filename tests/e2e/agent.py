"""What an agent does on the desk: by keyboard alone, or with a mouse and plain forms where scripts are off."""

from playwright.sync_api import Locator, Page, expect

from tests.e2e.hand import Hand

DESK = "/admin/desk/"
MOST_TABS = 60
# Ask now what is asked every minute in case something was lost.
POLL = "() => document.body.dispatchEvent(new CustomEvent('live:poll'))"
REPLY = "[data-composer-form=reply] [name=body]"


def open_by_keyboard(hand: Hand, number: str) -> None:
    """From the queue to one complaint: search for its number, step onto the row, open it."""
    page = hand.page
    hand.press("/")
    expect(page.locator("[name=q]")).to_be_focused()
    page.keyboard.type(number)
    with page.expect_navigation():
        hand.press("Enter")
    if number not in page.url:
        hand.press("j")
        with page.expect_navigation():
            hand.press("Enter")
    expect(page.locator(f"[data-complaint='{number}']")).to_be_visible()


def claim_by_keyboard(hand: Hand) -> None:
    """Press c; the dialog asks once."""
    hand.press("c")
    expect(hand.page.locator("#desk-dialog [data-act-form]")).to_be_visible()
    hand.press("Control+Enter")
    expect(hand.page.locator("#desk-dialog")).to_be_hidden()
    expect(hand.page.locator("[data-shortcut=c]:visible")).to_have_count(0)


def write_canned_by_keyboard(hand: Hand, asked: str) -> str:
    """Put the first canned reply for these letters into the reply; returns its text."""
    page = hand.page
    hand.press("r")
    expect(page.locator(REPLY)).to_be_focused()
    hand.press("/", *asked)
    expect(page.locator(".picker [role=option][aria-selected=true]")).to_contain_text(asked)
    hand.press("Enter")
    expect(page.locator(".picker")).to_have_count(0)
    return page.locator(REPLY).input_value()


def tab_to(hand: Hand, selector: str) -> None:
    """Press Tab until the focus is there."""
    for _each in range(MOST_TABS):
        if hand.page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        hand.press("Tab")
    raise AssertionError(f"{selector} is not within {MOST_TABS} tabs of {hand.page.evaluate('document.activeElement.outerHTML')[:200]}")


def resolve_by_keyboard(hand: Hand, words: str) -> None:
    """Answer and resolve in one go: another way of sending asks for the reason and who caused it, then sends."""
    page = hand.page
    hand.press("r")
    expect(page.locator(REPLY)).to_be_focused()
    page.keyboard.insert_text(words)
    tab_to(hand, "[data-composer-form=reply] .menu > summary")
    hand.press("Enter")
    tab_to(hand, "button[name=then][value=resolve]")
    hand.press("Enter")
    expect(page.locator("[name=reason_code]")).to_be_focused()
    hand.press("ArrowDown")
    tab_to(hand, "[name=liability]")
    hand.press("ArrowDown", "Control+Enter")


def open_by_mouse(page: Page, number: str) -> None:
    page.locator("[name=q]").fill(number)
    with page.expect_navigation():
        page.locator("[name=q]").press("Enter")
    if number not in page.url:
        with page.expect_navigation():
            page.locator(f"[data-number='{number}'] .row__subject").click()


def do_act(page: Page, name: str, **answers: str) -> None:
    """Open an act, in its dialog or on its own page, fill it and confirm it."""
    page.locator(f"a[href*='/act/{name}/']:visible").first.click()
    form = page.locator("[data-act-form]:visible")
    for field, answer in answers.items():
        fill_field(form.locator(f"[name={field}]"), answer)
    form.locator(".button--primary").click()
    expect(page.locator("[data-act-form]:visible")).to_have_count(0)


def reply_and_resolve(page: Page, words: str) -> None:
    """With a pointer. Scripts open the two questions where they are wanted; without scripts they stand folded under the reply."""
    form = page.locator("[data-composer-form=reply]")
    form.locator("[name=body]").fill(words)
    way = form.locator("button[name=then][value=resolve]:visible")
    if form.locator("[data-resolve] > summary").is_visible():
        form.locator("[data-resolve] > summary").click()
    else:
        form.locator(".menu > summary").click()
        way.first.click()
    form.locator("[name=reason_code]").select_option(index=1)
    form.locator("[name=liability]").select_option("carrier")
    if not way.count():
        form.locator(".menu > summary").click()
    way.last.click()


def fill_field(field: Locator, answer: str) -> None:
    if field.evaluate("node => node.localName") == "select":
        field.select_option(answer)
    else:
        field.fill(answer)
