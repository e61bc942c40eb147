"""An article found, read and put into a reply by keyboard alone (ux.md A4)."""

import pytest
from playwright.sync_api import expect

from tests.e2e.pages import AGENT
from tests.e2e.samples import Samples


@pytest.fixture
def desk(house):
    with house.staff(AGENT, size="desk") as page:
        page.goto(f"/admin/desk/c/{Samples(house).numbers['open']}/")
        yield page


def test_an_article_goes_into_the_reply_by_keys_alone(desk):
    desk.keyboard.press("b")
    expect(desk.locator("[data-article-search]")).to_be_focused()

    desk.keyboard.type("退款")
    expect(desk.locator("[data-article-hit] mark").first).to_be_visible()
    desk.keyboard.press("ArrowDown")
    expect(desk.locator("[data-article-hit]").first).to_be_focused()
    desk.keyboard.press("Enter")
    title = desk.locator("dialog[open] [data-article-preview] h2")
    expect(title).to_be_focused()
    words = title.text_content()
    desk.keyboard.press("i")

    area = desk.locator("[data-composer-form=reply] textarea")
    expect(area).to_be_focused()
    assert words in area.input_value()
    expect(desk.locator("dialog[open]")).to_have_count(0)


def test_composing_does_not_search_before_it_ends(desk):
    desk.keyboard.press("b")
    field = desk.locator("[data-article-search]")
    expect(field).to_be_focused()
    asked = []
    desk.on("request", lambda request: asked.append(request.url) if "articles/?q=" in request.url else None)

    field.evaluate("f => { f.value = 'tui'; f.dispatchEvent(new InputEvent('input', { bubbles: true, isComposing: true })); }")
    desk.wait_for_timeout(400)
    assert asked == []
    field.evaluate("f => { f.value = '退款'; f.dispatchEvent(new CompositionEvent('compositionend', { bubbles: true })); }")

    expect(desk.locator("[data-article-hit] mark").first).to_be_visible()
    assert len(asked) == 1
