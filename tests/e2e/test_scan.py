"""The warehouse's screens in a real browser: guns under an input method, no network, dead servers, and how many taps a good piece takes."""

import io
import os
import signal
from contextlib import contextmanager

import psutil
import pytest
import segno
from playwright.sync_api import expect

from tests.e2e.browser import find_axe_violations, find_shape_faults
from tests.e2e.hand import Hand
from tests.e2e.traffic import listen
from tests.e2e.warehouse import (
    PACKER,
    PATIENCE,
    SCREEN,
    fire,
    make_case,
    make_codes,
    open_screen,
    taken,
    wait_for_waiting,
    wait_until_kept,
    wait_until_sent,
)
from tests.stack import wait_for

PDA = {"width": 320, "height": 480}


@pytest.fixture
def page(house):
    with house.staff(PACKER, size="phone") as page:
        yield page


def test_five_hundred_codes_under_an_input_method_are_all_there_once(house, page):
    codes = make_codes(500)
    open_screen(page)
    page.locator("#code").focus()
    page.context.new_cdp_session(page).send("Input.imeSetComposition", {"text": "ni", "selectionStart": 2, "selectionEnd": 2})

    fire(page, *codes)
    wait_until_sent(page)

    assert taken(house, codes) == codes
    expect(page.locator("#code")).to_be_focused()
    assert not any(code in page.locator("#code").input_value() for code in codes)


def test_a_field_keeps_its_text_and_its_focus_while_somebody_scans(house, page):
    (code,) = make_codes(1)
    open_screen(page)
    page.locator("#code").fill("half typed")

    fire(page, code, ending="Tab")
    wait_until_sent(page)

    assert taken(house, [code]) == [code]
    expect(page.locator("#code")).to_be_focused()
    expect(page.locator("#code")).to_have_value("half typed")


def test_a_real_burst_leaves_no_letters_in_the_field(house, page):
    """Keys as the browser itself makes them: they do land in the field, and are taken out of it again."""
    (code,) = make_codes(1)
    open_screen(page)
    page.locator("#code").fill("half")
    page.evaluate("document.querySelector('#code').setSelectionRange(4, 4)")
    page.evaluate(
        "code => { const field = document.querySelector('#code'); for (const sign of code) {"
        " field.dispatchEvent(new KeyboardEvent('keydown', {code: /\\d/.test(sign) ? `Digit${sign}` : `Key${sign}`, key: sign,"
        " shiftKey: /[A-Z]/.test(sign), bubbles: true, cancelable: true}));"
        " field.setRangeText(sign, field.selectionStart, field.selectionEnd, 'end'); }"
        " field.dispatchEvent(new KeyboardEvent('keydown', {code: 'Enter', key: 'Enter', bubbles: true, cancelable: true})); }",
        code,
    )
    wait_until_sent(page)

    assert taken(house, [code]) == [code]
    expect(page.locator("#code")).to_have_value("half")


def test_slow_typing_is_no_scan(house, page):
    open_screen(page)
    before = house.value("SELECT count(*) FROM workflows_warehousescan")

    page.evaluate(
        "async () => { for (const code of ['Digit1', 'Digit2', 'Digit3', 'Digit4', 'Digit5', 'Enter']) {"
        " document.body.dispatchEvent(new KeyboardEvent('keydown', {code, bubbles: true}));"
        " await new Promise(done => setTimeout(done, 60)); } }"
    )
    wait_until_sent(page)

    assert house.value("SELECT count(*) FROM workflows_warehousescan") == before


def test_the_same_code_twice_at_once_counts_once_and_says_so(house, page):
    (code,) = make_codes(1)
    open_screen(page)

    fire(page, code, code)

    wait_until_sent(page)
    assert taken(house, [code]) == [code]


def test_a_hundred_scans_without_a_network_arrive_in_order_after_a_reload_and_a_lost_tab(house, page):
    codes = make_codes(100)
    open_screen(page)
    wait_until_kept(page)
    page.context.set_offline(True)

    fire(page, *codes[:50])
    wait_for_waiting(page, 50)
    expect(page.locator("[data-waiting]").last).to_contain_text("50")
    page.reload()
    wait_for_waiting(page, 50)
    fire(page, *codes[50:])
    wait_for_waiting(page, 100)
    assert taken(house, codes) == []
    again = page.context.new_page()
    page.close()
    again.goto(SCREEN)
    wait_for_waiting(again, 100)
    again.context.set_offline(False)

    wait_until_sent(again)
    assert taken(house, codes) == codes


def test_the_screen_opens_while_the_server_is_silent(house, page):
    open_screen(page)
    wait_until_kept(page)
    with silence(house):
        page.reload()
        expect(page.locator("scan-box[data-live]")).to_be_visible()


def test_a_file_under_its_plain_name_is_there_while_the_server_is_silent(house, page):
    """Only a name that holds a digest says that the file did not change; without one the server is asked first, and not for ever."""
    plain = "/static/icon.svg"
    ask = "async path => (await fetch(path, {cache: 'no-store', signal: AbortSignal.timeout(15_000)})).status"
    open_screen(page)
    wait_until_kept(page)
    page.reload()  # from now on it is the worker that answers
    page.evaluate("path => navigator.serviceWorker.controller.postMessage({keep: [location.pathname, path]})", plain)
    wait_until_kept(page, plain)
    with silence(house):
        assert page.evaluate(ask, plain) == 200


@contextmanager
def silence(house):
    """The web server takes connections and answers nothing."""
    stopped = web_of(house)
    for each in stopped:
        os.kill(each, signal.SIGSTOP)
    try:
        yield
    finally:
        for each in stopped:
            os.kill(each, signal.SIGCONT)


def test_a_server_that_is_killed_among_them_takes_each_scan_once(house, page):
    codes = make_codes(150)
    open_screen(page)
    fire(page, *codes)
    wait_for(lambda: taken(house, codes), within=60, what="the first scans of the batch")
    for each in web_of(house):
        os.kill(each, signal.SIGKILL)

    wait_until_sent(page)

    assert taken(house, codes) == codes


def web_of(house) -> list[int]:
    """The web server and its workers, the first process first, so that it starts no other."""
    first = psutil.Process(house.stack.pid("web"))
    return [first.pid, *(child.pid for child in first.children(recursive=True))]


def test_log_out_leaves_what_the_server_does_not_have(house):
    codes = make_codes(3)
    with house.visitor(size="phone") as page:
        from tests.e2e.house import enter_password

        page.goto("/admin/login/")
        enter_password(page, PACKER)
        open_screen(page)
        page.route("**/admin/scan/take/", lambda route: route.abort())
        fire(page, *codes)
        wait_for_waiting(page, 3)
        with page.expect_navigation():
            page.locator("form[action$='/logout/'] button").click()
        page.unroute("**/admin/scan/take/")
        page.goto("/admin/login/")
        enter_password(page, PACKER)
        open_screen(page)

        wait_until_sent(page)

    assert taken(house, codes) == codes


def test_what_was_not_sent_can_be_taken_back(house, page):
    first, second = make_codes(2)
    open_screen(page)
    page.context.set_offline(True)
    fire(page, first, second)
    wait_for_waiting(page, 2)

    page.locator("[data-undo]").click()
    wait_for_waiting(page, 1)
    page.context.set_offline(False)

    wait_until_sent(page)
    assert taken(house, [first, second]) == [first]


def test_what_was_sent_is_not_undone_but_told_to_somebody(house, page):
    (code,) = make_codes(1)
    open_screen(page)
    fire(page, code)
    wait_until_sent(page)
    expect(page.locator("[data-result]")).to_have_attribute("data-tone", "warn")

    page.locator("[data-undo]").click()

    expect(page.locator("[data-result-icon] use")).to_have_attribute("href", "#i-flag")
    assert taken(house, [code]) == [code]
    assert house.value("SELECT note FROM workflows_unclaimedparcel WHERE scan = %s", code)


def test_a_photo_of_a_code_is_read_in_the_browser(house, page):
    (code,) = make_codes(1)
    picture = io.BytesIO()
    segno.make(code, micro=False).save(picture, kind="png", scale=8, border=4)
    open_screen(page)

    page.locator("[data-photo]").set_input_files({"name": "code.png", "mimeType": "image/png", "buffer": picture.getvalue()})

    wait_for(lambda: taken(house, [code]), within=60, what=lambda: page.locator("[data-result]").inner_text())


def test_without_a_camera_the_code_is_typed(house, page):
    open_screen(page)
    page.locator("[data-camera]").click()
    expect(page.locator("[data-result]")).to_have_attribute("data-tone", "warn")

    (code,) = make_codes(1)
    page.locator("#code").fill(code)
    page.locator("#code").press("Enter")

    wait_until_sent(page)
    assert taken(house, [code]) == [code]


def test_scanning_works_without_scripts(house):
    (code,) = make_codes(1)
    with house.staff(PACKER, size="phone", with_scripts=False) as page:
        page.goto(SCREEN)
        page.locator("#code").fill(code)
        with page.expect_navigation():
            page.locator("#code").press("Enter")

        expect(page.locator("[data-result]")).to_have_attribute("data-tone", "warn")
        expect(page.locator("[data-result-code]")).to_have_text(code)
    assert taken(house, [code]) == [code]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_good_piece_takes_at_most_four_taps(house, language):
    number, waybill = make_case(house)
    with house.staff(PACKER, size="phone", language=language) as page:
        hand = Hand(page)
        open_screen(page)
        fire(page, waybill)
        expect(page.locator("[data-result]")).to_have_attribute("data-tone", "good", timeout=PATIENCE)
        with page.expect_navigation():
            hand.tap(page.locator("[data-result-links] a"))
        with page.expect_navigation():
            hand.tap(page.locator(".bench__good").first)
        with page.expect_navigation():
            hand.tap(page.locator("button[name=verb][value=pass]"))

    state = house.value("SELECT state FROM workflows_case WHERE number = %s", number)
    assert (hand.taps, hand.typed, hand.keys) == (3, 0, 0)
    assert state not in ("received", "inspecting", "exception")


def test_in_the_mode_of_inspection_a_scan_opens_the_piece_by_itself(house, page):
    _number, waybill = make_case(house)
    open_screen(page, mode="inspect")

    fire(page, waybill)

    page.wait_for_url("**/admin/scan/inspect/**", timeout=PATIENCE)
    expect(page.locator(".bench__good").first).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", ["phone", "desk", "pda"])
def test_the_screen_with_a_result_is_sound(house, size, language, scheme):
    (code,) = make_codes(1)
    with house.staff(PACKER, size="desk" if size == "desk" else "phone", language=language, scheme=scheme) as page:
        if size == "pda":
            page.set_viewport_size(PDA)
        open_screen(page)
        fire(page, code)
        wait_until_sent(page)
        expect(page.locator(".looks__row").first).to_be_visible()

        assert find_axe_violations(page) == []
        assert find_shape_faults(page) == []
        half = page.viewport_size["height"] / 2
        assert page.locator("[data-result]").bounding_box()["height"] >= half - 1


def test_the_screen_is_light(house):
    with house.staff(PACKER, size="desk") as page, listen(page) as traffic:
        open_screen(page)

    assert traffic.kilobytes <= 60, traffic.describe()
