"""How few taps and keys the two main acts take: filing a complaint on a phone, and answering one at the desk (ux.md B3, B9)."""

import pytest
from playwright.sync_api import expect

from tests.e2e import agent, customer
from tests.e2e.hand import Hand
from tests.e2e.orders import fresh_orders
from tests.e2e.pages import AGENT
from tests.foundation.pictures import picture


@pytest.fixture(scope="module")
def orders(house):
    return iter(fresh_orders(house, 3))


@pytest.fixture
def photos(tmp_path):
    paths = [tmp_path / "one.jpg", tmp_path / "two.jpg"]
    for path, colour in zip(paths, ("red", "green"), strict=True):
        path.write_bytes(picture(size=(900, 700), colour=colour))
    return paths


def test_a_signed_link_needs_four_taps_and_no_typing(house, orders):
    order_id, number = next(orders)
    with house.visitor(size="phone") as page:
        page.goto(f"/file/?order={house.order_link(order_id)}")
        hand = file_known_order(page)

    assert (hand.taps <= 4, hand.typed) == (True, 0)
    assert house.value("SELECT count(*) FROM complaints_complaint WHERE order_id = %s", order_id) == 1


def test_two_photos_make_it_nine_taps(house, orders, photos):
    order_id, _number = next(orders)
    with house.visitor(size="phone") as page:
        page.goto(f"/file/?order={house.order_link(order_id)}")
        hand = file_known_order(page, photos)
        expect(page.locator(".evidence img")).to_have_count(2)

    assert hand.taps <= 9


def file_known_order(page, photos=()) -> Hand:
    hand = Hand(page)
    customer.choose_problem(hand, category="logistics.stalled", wish="feedback")
    if photos:
        customer.add_photos(hand, photos)
    customer.go_on(hand)
    customer.go_on(hand)
    assert customer.read_number(page)
    return hand


def test_a_stranger_needs_six_taps_an_order_number_and_a_phone(house, orders):
    _order_id, number = next(orders)
    phone = "13800138000"
    with house.visitor(size="phone") as page:
        page.goto("/")
        hand = Hand(page)
        with page.expect_navigation():
            hand.tap(page.locator("a[href$='category=logistics.stalled']"))
        hand.tap(page.locator("label:has([name=wish][value=feedback])"))
        customer.name_order(hand, number=number, phone=phone)
        customer.go_on(hand)
        customer.go_on(hand)
        assert customer.read_number(page)

    assert (hand.taps <= 6, hand.typed) == (True, len(number) + len(phone))


def test_a_canned_answer_takes_eight_keys_from_the_queue_to_the_next_complaint(house):
    with house.staff(AGENT, size="desk") as page:
        page.goto(f"{agent.DESK}?view=mine")
        row = page.locator("[data-nav-item]:has(.status--ours)").first
        row.locator(".row__subject").focus()
        number = row.get_attribute("data-number")
        hand = Hand(page)
        with page.expect_navigation():
            hand.press("Enter")
        text = agent.write_canned_by_keyboard(hand, "js")
        hand.press("Control+Shift+Enter")
        expect(page.locator(".toast[data-until]")).to_contain_text(number)
        expect(page.locator("[data-complaint]")).not_to_have_attribute("data-complaint", number)

    sent = """
        SELECT m.body FROM complaints_message m JOIN complaints_complaint c ON c.id = m.complaint_id
        WHERE c.number = %s ORDER BY m.id DESC
    """
    assert hand.keys <= 8
    assert house.value(sent, number) == text
