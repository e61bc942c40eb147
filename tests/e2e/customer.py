"""What a customer does, step by step, on whichever page is open."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.e2e.hand import Hand

NUMBER = re.compile(r"C\d{15}")


def main_act(page: Page) -> Locator:
    """The one filled button: in the bottom bar of a phone, under the form on a desk."""
    return page.locator("main .button--primary:visible, .bar .button--primary:visible").last


def choose_problem(hand: Hand, *, category: str, wish: str) -> None:
    """Page one: the kind of complaint and what would help, both whole cards."""
    hand.tap(hand.page.locator(f".card:has([name=category][value='{category}'])"))
    hand.tap(hand.page.locator(f"label:has([name=wish][value='{wish}'])"))


def name_order(hand: Hand, *, number: str, phone: str) -> None:
    hand.fill(hand.page.locator("[name=order_text]"), number)
    hand.fill(hand.page.locator("[name=phone]"), phone)


def add_photos(hand: Hand, paths: list) -> None:
    """Add photos; with scripts each is on the server before the form is sent, and its place in the list says so."""
    page = hand.page
    hand.pick_files(page.locator("input[type=file]"), paths)
    if page.locator("file-drop.drop--live").count():
        expect(page.locator("[data-file] input[type=hidden]")).to_have_count(len(paths))


def go_on(hand: Hand) -> None:
    with hand.page.expect_navigation():
        hand.tap(main_act(hand.page))


def read_number(page: Page) -> str:
    """The complaint's number on its receipt."""
    return NUMBER.search(page.locator("#number").inner_text())[0]


def send_message(hand: Hand, text: str) -> None:
    """Write on the tracker."""
    hand.fill(hand.page.locator("#reply [name=body]"), text)
    with hand.page.expect_navigation():
        hand.tap(hand.page.locator("#reply .button--primary"))
