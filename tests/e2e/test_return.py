"""A return on the customer's side, in a real browser: few taps, without scripts as well, in both languages, and labels that print."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e import customer, returns
from tests.e2e.hand import Hand
from tests.e2e.house import PREFIXES

MOST_TAPS = 4


@pytest.fixture(scope="module")
def orders(house):
    return iter(returns.free_orders(house, 8))


def test_from_the_page_of_an_order_to_a_submitted_return(house, orders):
    order_id, _number = next(orders)
    with house.visitor(size="phone") as page:
        hand = Hand(page)
        hand.taps += 1  # the button beside the order, on a page of the shop's own
        page.goto(f"/return/?order={house.order_link(order_id)}")
        number = returns.apply_from_order(hand)

    assert (hand.taps <= MOST_TAPS, hand.typed) == (True, 0)
    assert house.value("SELECT order_id FROM workflows_case WHERE number = %s", number) == order_id


def test_from_ones_own_complaint_to_a_submitted_return(house, orders):
    order_id, _number = next(orders)
    with house.visitor(size="phone") as page:
        complain(page, house.order_link(order_id))
        page.goto("/")
        hand = Hand(page)
        with page.expect_navigation():
            hand.tap(page.locator("a.links__link[href*='/c/']").first)
        with page.expect_navigation():
            hand.tap(page.locator("#after-sales .button--primary"))
        hand.tap(page.locator(".reason:has([value=changed_mind])"))
        customer.go_on(hand)
        assert returns.read_case(page)

    assert (hand.taps <= MOST_TAPS, hand.typed) == (True, 0)


def complain(page, signed: str) -> None:
    """File a complaint about an order, as somebody who wants to send it back."""
    page.goto(f"/file/?order={signed}&category=refund.no_reason")
    hand = Hand(page)
    hand.tap(page.locator("label:has([name=wish][value=return_refund])"))
    customer.go_on(hand)
    customer.go_on(hand)
    assert customer.read_number(page)


def test_two_taps_on_the_button_are_one_case(house, orders):
    order_id, _number = next(orders)
    with house.visitor(size="phone") as page:
        page.goto(f"/return/?order={house.order_link(order_id)}")
        returns.choose_return(Hand(page))
        with page.expect_navigation():
            page.evaluate("() => { const form = document.querySelector('#apply'); form.requestSubmit(); form.requestSubmit(); }")
        returns.read_case(page)

    assert house.value("SELECT count(*) FROM workflows_case WHERE order_id = %s", order_id) == 1


@pytest.mark.parametrize("with_scripts", [True, False], ids=["scripts", "bare"])
@pytest.mark.parametrize("language", PREFIXES)
def test_a_return_goes_from_the_order_to_the_carrier(house, orders, language, with_scripts):
    order_id, _number = next(orders)
    prefix = PREFIXES[language]
    with house.visitor(size="phone", language=language, with_scripts=with_scripts) as page:
        page.goto(f"{prefix}/return/?order={house.order_link(order_id)}")
        hand = Hand(page)
        customer.go_on(hand)  # nothing chosen yet: the page says so and keeps the goods
        expect(page.locator("#error-summary")).to_be_visible()
        number = returns.apply_from_order(hand)
        returns.grant(house, number)
        page.goto(page.url)
        expect(page.locator(".code--qr")).to_be_visible()
        hand.fill(page.locator("[name=waybill]"), "12")
        press(hand, "#waybill-form .button--primary")
        expect(page.locator("#error-summary")).to_be_visible()
        hand.fill(page.locator("[name=waybill]"), f"TEST{order_id:09}")
        press(hand, "#waybill-form .button--primary")
        expect(page.locator("#way")).to_contain_text(f"TEST{order_id:09}")

    assert house.value(returns.STATE, number) == "in_transit"


def press(hand: Hand, selector: str) -> None:
    with hand.page.expect_navigation():
        hand.tap(hand.page.locator(selector))


def test_the_sum_follows_the_pieces(house):
    several = "SELECT order_id FROM orders_orderline GROUP BY order_id HAVING count(*) > 1 ORDER BY order_id LIMIT 1"
    with house.visitor(size="desk", language="en") as page:
        page.goto(f"/en/return/?order={house.order_link(house.value(several))}")
        first = page.locator(".goods:has(.stepper)").first
        assert page.locator("[data-total]").inner_text() == "¥0.00"
        first.locator(".stepper__more").click()
        total, line = page.locator("[data-total]").inner_text(), first.locator(".goods__price").inner_text()

        assert total == line
        first.locator(".stepper__less").click()
        expect(page.locator("[data-total]")).to_have_text("¥0.00")


def test_labels_print_on_one_sheet_of_their_paper(house, orders):
    order_id, _number = next(orders)
    with house.visitor(size="phone") as page:
        page.goto(f"/return/?order={house.order_link(order_id)}")
        returns.grant(house, returns.apply_from_order(Hand(page)))
        label = page.url.partition("?")[0] + "label/"
        sheets = {size: print_label(page, f"{label}?size={size}") for size in ("76x130", "100x150")}
        page.emulate_media(media="print")
        seen = page.locator("body").inner_text()

    assert sheets == {"76x130": [(76, 130)], "100x150": [(100, 150)]}
    assert "退货组" in seen
    assert "返回申请" not in seen


def print_label(page, address: str) -> list[tuple[int, ...]]:
    """The sheets that a printer would take, in millimetres."""
    page.goto(address)
    boxes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]", page.pdf(prefer_css_page_size=True))
    return [tuple(round(float(side) * 25.4 / 72) for side in box) for box in boxes]
