"""The modules of the desk in a real browser, under the site's own content security policy."""

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import open_browser
from tests.ui.site import Site

COMPOSING = "(node, key) => node.dispatchEvent(new KeyboardEvent('keydown', {key, isComposing: true, bubbles: true, cancelable: true}))"


@pytest.fixture(scope="module")
def browser():
    with open_browser() as browser:
        yield browser


@pytest.fixture
def site(settings):
    settings.LANGUAGE_CODE = "en"
    site = Site()
    yield site
    site.stop()


@pytest.fixture
def page(browser, site):
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" and not is_expected(message.text) else None)
    page.goto(site.url)
    page.wait_for_function("customElements.get('cmd-palette') !== undefined")
    yield page
    context.close()
    assert errors == []


def is_expected(text: str) -> bool:
    """Chromium reports refused uploads and a lost network by itself; the tests that cause them look at the page instead."""
    return "status of 422" in text or "ERR_INTERNET_DISCONNECTED" in text


def hash_of(page) -> str:
    return page.evaluate("location.hash")


def test_a_key_clicks_its_control(page):
    page.keyboard.press("c")

    assert hash_of(page) == "#claimed"


def test_a_sequence_of_keys_clicks_its_control(page):
    page.keyboard.press("g")
    page.keyboard.press("q")

    assert hash_of(page) == "#queue"


def test_a_key_focuses_its_field_and_types_nothing(page):
    page.keyboard.press("r")

    expect(page.get_by_label("Reply")).to_be_focused()
    expect(page.get_by_label("Reply")).to_have_value("")


def test_keys_are_text_inside_a_field(page):
    page.get_by_label("Reply").press("c")

    assert hash_of(page) == ""
    expect(page.get_by_label("Reply")).to_have_value("c")


def test_a_hidden_control_has_no_key(page):
    page.keyboard.press("h")

    assert hash_of(page) == ""


def test_a_composing_key_is_no_command(page):
    page.locator("body").evaluate(COMPOSING, "c")

    assert hash_of(page) == ""


def test_keys_can_be_switched_off(page):
    page.evaluate("document.documentElement.dataset.shortcuts = 'off'")

    page.keyboard.press("c")

    assert hash_of(page) == ""


@pytest.mark.parametrize("key", ["?", "？"])
def test_the_question_mark_of_either_width_lists_the_keys(page, key):
    page.locator("body").evaluate("(body, key) => body.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}))", key)

    expect(page.get_by_role("dialog")).to_contain_text("Claim")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_j_and_k_walk_through_the_list_and_x_selects(page):
    for key in ("j", "j", "k", "x"):
        page.keyboard.press(key)

    expect(page.get_by_role("link", name="Row 1")).to_be_focused()
    expect(page.get_by_role("checkbox", name="1")).to_be_checked()


def test_shift_x_selects_the_range(page):
    for key in ("j", "x", "j", "j", "Shift+X"):
        page.keyboard.press(key)

    assert page.locator("[data-nav] input").evaluate_all("boxes => boxes.map(box => box.checked)") == [True, True, True]


def test_a_slash_at_the_start_of_a_line_offers_replies_and_enter_inserts(page):
    area = page.get_by_label("Reply")
    area.focus()
    page.keyboard.type("Hello\n/b")
    expect(page.get_by_role("option")).to_have_count(1)

    page.keyboard.press("Enter")

    expect(area).to_have_value("Hello\nWe are sorry.")
    expect(page.get_by_role("listbox")).to_have_count(0)
    assert page.locator("input[name=canned_reply]").input_value() == "bq@3"


def test_a_slash_inside_a_line_is_text(page):
    page.get_by_label("Reply").focus()
    page.keyboard.type("and/or")

    expect(page.get_by_role("listbox")).to_have_count(0)


def test_arrows_preview_the_text_and_escape_gives_back_what_was_typed(page):
    area = page.get_by_label("Reply")
    area.focus()
    page.keyboard.type("/")
    expect(page.get_by_role("option")).to_have_count(2)

    page.keyboard.press("ArrowDown")

    expect(page.locator(".picker__preview")).to_have_text("We are sorry.")
    page.keyboard.press("Escape")
    expect(area).to_have_value("/")
    expect(area).to_be_focused()


def test_an_enter_that_ends_a_composition_inserts_nothing(page):
    area = page.get_by_label("Reply")
    area.focus()
    page.keyboard.type("/")
    expect(page.get_by_role("option")).to_have_count(2)

    area.evaluate(COMPOSING, "Enter")

    expect(area).to_have_value("/")


def test_an_open_name_stops_the_sending_and_is_selected(page, site):
    area = page.get_by_label("Reply")
    area.focus()
    page.keyboard.type("/t")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")

    page.locator("#send").click()

    assert area.evaluate("area => area.value.slice(area.selectionStart, area.selectionEnd)") == "{amount}"
    expect(page.locator("[data-draft-state]")).to_have_text("{amount} is still open")
    assert site.posts("/sent/") == []


def test_control_enter_sends_from_inside_the_field_once(page, site):
    area = page.get_by_label("Reply")
    area.fill("Done")

    with page.expect_request("**/sent/"):
        area.press("Control+Enter")
    page.evaluate("document.querySelector('form[action=\"/sent/\"]').requestSubmit()")

    assert len(site.posts("/sent/")) == 1


def test_a_draft_is_saved_after_typing_stops(page, site):
    page.get_by_label("Reply").type("Draft")

    expect(page.locator("[data-draft-state]")).to_have_text("Draft saved")
    assert site.posts("/draft/")[-1] == {"text": b"Draft"}


def test_what_was_sent_is_not_saved_as_a_draft_again(page, site):
    page.clock.install()
    area = page.get_by_label("Reply")
    area.type("Sent")

    with page.expect_request("**/sent/"):
        area.press("Control+Enter")
    area.blur()
    page.clock.run_for(5_000)

    assert page.locator("draft-box").get_attribute("data-state") is None


def test_a_draft_that_could_not_be_saved_says_so_and_goes_when_the_network_is_back(page, site):
    page.context.set_offline(True)
    page.get_by_label("Reply").type("Later")
    expect(page.locator("[data-draft-state]")).to_have_text("Not saved yet, trying again")
    assert site.posts("/draft/") == []

    page.context.set_offline(False)

    expect(page.locator("[data-draft-state]")).to_have_text("Draft saved", timeout=15_000)
    assert site.posts("/draft/")[-1] == {"text": b"Later"}


def test_chosen_files_are_sent_at_once_and_their_ids_travel_with_the_form(page, site):
    page.locator("file-drop input[type=file]").set_input_files(
        [{"name": f"{n}.txt", "mimeType": "text/plain", "buffer": b"x"} for n in "ab"]
    )

    expect(page.locator("[data-file] input[type=hidden]")).to_have_count(2)
    assert sorted(page.locator("[data-file] input[type=hidden]").evaluate_all("all => all.map(one => one.value)")) == ["f1", "f2"]
    expect(page.locator(".drop__count")).to_have_text("2/3")
    assert {fields["file"] for fields in site.posts("/upload/")} == {b"x"}


def test_a_refused_file_says_why_and_can_be_tried_again(page, site):
    site.refuse_uploads = True
    page.locator("file-drop input[type=file]").set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"x"})
    expect(page.locator(".drop__state")).to_have_text("Too large")

    site.refuse_uploads = False
    page.get_by_role("button", name="Try again").click()

    expect(page.locator("[data-file] input[type=hidden]")).to_have_value("f2")


def test_a_removed_file_is_gone_here_and_there(page, site):
    page.locator("file-drop input[type=file]").set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"x"})
    expect(page.locator("[data-file] input[type=hidden]")).to_have_value("f1")

    with page.expect_request("**/remove/"):
        page.get_by_role("button", name="Remove a.txt").click()

    expect(page.locator("[data-file]")).to_have_count(0)
    expect(page.locator(".drop__count")).to_have_text("0/3")


def test_files_past_the_limit_are_left_out_and_it_says_so(page):
    page.locator("file-drop input[type=file]").set_input_files(
        [{"name": f"{n}.txt", "mimeType": "text/plain", "buffer": b"x"} for n in "abcd"]
    )

    expect(page.locator("[data-file] input[type=hidden]")).to_have_count(3)
    expect(page.locator(".drop__count")).to_have_text("At most 3 files")


def test_the_palette_finds_commands_of_the_page_and_runs_them(page):
    page.keyboard.press("Control+k")
    page.keyboard.type("clai")
    expect(page.get_by_role("option").first).to_contain_text("Claim")

    page.keyboard.press("Enter")

    assert hash_of(page) == "#claimed"
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_palette_shows_what_the_server_finds(page):
    page.keyboard.press("Control+k")
    page.keyboard.type("zzz")

    page.get_by_role("option", name="C42").click()

    assert hash_of(page) == "#found"


def test_escape_closes_the_palette_and_returns_the_focus(page):
    link = page.get_by_role("link", name="Row 2")
    link.focus()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox")).to_be_focused()

    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(link).to_be_focused()


def test_a_clock_counts_down_by_the_time_of_the_server(browser, site):
    context = browser.new_context()
    page = context.new_page()
    page.clock.install(time="2020-01-01T00:00:00Z")  # a phone that is years wrong
    page.goto(site.url)
    page.wait_for_function("customElements.get('sla-clock') !== undefined")

    page.clock.fast_forward("30:00")

    expect(page.locator("sla-clock")).to_contain_text("29 min left")
    expect(page.locator("sla-clock")).to_have_class("clock clock--soon")
    context.close()


def test_a_toast_of_the_server_can_be_undone(page, site):
    page.evaluate("document.body.dispatchEvent(new CustomEvent('toast', {detail: {text: 'Sent', undo: '/undo/', seconds: 10}}))")

    with page.expect_request("**/undo/"):
        page.get_by_role("button", name="Undo").click()

    expect(page.get_by_role("status").filter(has_text="Undone")).to_be_visible()


def test_panes_of_a_narrow_desk_change_without_loading(page):
    page.set_viewport_size({"width": 390, "height": 800})
    page.get_by_role("link", name="List").click()

    expect(page.get_by_role("link", name="Row 1")).to_be_visible()
    expect(page.get_by_role("heading", name="Scripts")).to_be_hidden()
