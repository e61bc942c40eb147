"""The help centre as a customer uses it: without scripts, with an input method, and on the way to a complaint."""

import pytest
from playwright.sync_api import expect

from tests.e2e.samples import Samples
from tests.e2e.test_keys import InputMethod


@pytest.fixture(scope="module")
def samples(house):
    return Samples(house)


def votes(house) -> int:
    return house.value("SELECT count(*) FROM knowledge_articlevote")


def test_searching_reading_and_voting_need_no_scripts(house):
    before = votes(house)
    with house.visitor(size="phone", with_scripts=False) as page:
        page.goto("/help/")
        page.locator("[name=q]").fill("退款")
        page.locator("help-search button").click()
        page.locator(".hit a").first.click()
        page.locator("[name=helpful][value=no]").click()
        page.locator("#helpful textarea").fill("没写信用卡")
        page.locator("#helpful form button").click()
        expect(page.locator("#helpful")).to_contain_text("谢谢您的反馈")

    assert votes(house) == before + 1


def test_the_first_page_finds_articles_without_scripts_and_carries_words_into_the_form(house):
    with house.visitor(size="phone", with_scripts=False) as page:
        page.goto("/")
        page.locator("[name=words]").fill("退款")
        page.locator("help-search .search button").click()
        expect(page.locator("[data-hit]").first).to_be_visible()
        page.locator("button[name=to]").click()
        expect(page.locator("[name=description]")).to_have_value("退款")


def test_an_input_method_searches_what_is_chosen_and_keys_walk_through_the_hits(house):
    with house.visitor(size="desk") as page:
        page.goto("/help/")
        asked = []
        page.on("request", lambda request: asked.append(request.post_data) if "/instant/" in request.url else None)
        page.locator("[name=q]").focus()
        typing = InputMethod(page)
        typing.compose("tui kuan")
        page.wait_for_timeout(500)
        assert asked == []
        typing.commit("退款")
        expect(page.locator("[data-hit]").first).to_be_visible()

        page.keyboard.press("ArrowDown")
        expect(page.locator("[data-hit]").first).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator("[name=q]")).to_be_focused()
        expect(page.locator("[data-hits]")).to_be_hidden()


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_what_helps_opens_over_the_form_and_leaves_it_as_it_was(size, house):
    words = "快递一直不动，五天没有更新"
    with house.visitor(size=size) as page:
        page.goto("/file/")
        page.locator("[name=description]").fill(words)
        page.locator("article-suggest a").first.click()
        page.locator("dialog .solved button").click()
        expect(page.locator("dialog [data-vote]")).to_contain_text("谢谢您告诉我们")
        page.keyboard.press("Escape")

        expect(page.locator("dialog")).to_have_count(0)
        expect(page.locator("[name=description]")).to_have_value(words)
        expect(
            page.locator("button.button--primary[form=problem], #problem .button--primary").locator("visible=true").first
        ).to_be_enabled()


def test_a_reading_is_counted_once_and_only_by_a_script(house, samples):
    def views() -> int:
        return house.value("SELECT coalesce(sum(views), 0) FROM knowledge_articleday")

    before = views()
    with house.visitor(with_scripts=False) as page:
        page.goto(f"/help/{samples.guide}/")
    with house.visitor() as page:
        with page.expect_response(lambda answer: answer.url.endswith("/read/"), timeout=15_000):
            page.goto(f"/help/{samples.guide}/")
        page.goto(f"/help/{samples.guide}/")
        page.wait_for_timeout(5000)

    assert views() == before + 1
