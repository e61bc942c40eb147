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


@pytest.fixture
def preview(desk):
    """The steps of an article beside the complaint, about to be inserted."""
    desk.keyboard.press("b")
    expect(desk.locator("[data-article-search]")).to_be_focused()
    desk.keyboard.type("退款")
    desk.locator("[data-article-hit]:has(mark)").first.click()
    expect(desk.locator("dialog[open] [data-article-preview] h2")).to_be_focused()
    yield desk
    desk.unroute("**/articles/*/steps/**")


def test_what_the_server_refuses_is_not_inserted(preview):
    area, form = preview.locator("[data-composer-form=reply] textarea"), preview.locator("dialog[open] form[data-quote]").first
    before, refused = area.input_value(), form.get_attribute("data-refused")
    preview.route("**/articles/*/steps/**", lambda route: route.fulfill(status=404))

    preview.keyboard.press("i")

    expect(preview.locator("[data-toasts]")).to_contain_text(refused)
    assert area.input_value() == before


def test_without_a_network_the_words_go_in_all_the_same(preview):
    area, form = preview.locator("[data-composer-form=reply] textarea"), preview.locator("dialog[open] form[data-quote]").first
    words = form.get_attribute("data-quote")
    preview.route("**/articles/*/steps/**", lambda route: route.abort())

    preview.keyboard.press("i")

    expect(area).to_be_focused()
    assert words in area.input_value()


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
