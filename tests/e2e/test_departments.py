"""One return through three departments in a real browser: the desk grants it, the warehouse looks at it, finance pays it back."""

from collections.abc import Iterator
from random import randrange

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import warehouse
from tests.e2e.hand import Hand
from tests.e2e.house import House
from tests.e2e.pages import AGENT, FINANCE
from tests.stack import wait_for
from workflows.demo_gateway.ledger import read_facts

LANGUAGES = ("zh", "en")
PAID = "SELECT r.state FROM workflows_refund r JOIN workflows_case c ON c.id = r.case_id WHERE c.number = %s"
NUMBER_OF = "SELECT r.out_refund_no FROM workflows_refund r JOIN workflows_case c ON c.id = r.case_id WHERE c.number = %s"
STATE = "SELECT state FROM workflows_case WHERE number = %s"
WITHIN = 90
# A paid order whose customer wants one piece of it back, with an agent of the demo shop.
MAKE_CASE = """
from itertools import count
from django.db import transaction
from accounts.models import User
from complaints.models import Complaint
from orders.models import Warehouse
from tests import factories
from tests.workflows import builders
from tests.workflows.house import in_review, make_house
factories._numbers = count({seed}); builders._numbers = count({seed})
factories.make_merchant.__defaults__ = ("shop",)
with transaction.atomic():
    house = make_house(quantity=1)
    Complaint.objects.filter(pk=house.complaint.pk).update(assignee=User.objects.get(username="{agent}"))
    house.complaint.refresh_from_db()
    packer = User.objects.get(username="{packer}")
    house.warehouse = Warehouse.objects.filter(memberships__user=packer, merchant=house.order.merchant).order_by("name", "pk").first()
    house.warehouse.address = house.warehouse.address or "浙江省杭州市余杭区仓前街道 1 号"
    house.warehouse.save()
    print("case", in_review(house).number)
"""


@pytest.fixture(params=LANGUAGES)
def language(request) -> str:
    return request.param


@pytest.fixture
def number(house: House) -> str:
    """A case that waits for the desk."""
    script = MAKE_CASE.format(seed=randrange(10**7, 10**8), agent=AGENT, packer=warehouse.PACKER)
    done = house.stack.manage("shell", "-c", script)
    assert done.returncode == 0, done.stderr
    return done.stdout.split("case ")[-1].strip()


def test_a_return_is_granted_inspected_and_paid(house, number, language):
    waybill = grant(house, number, language)
    taps = inspect(house, number, waybill, language)
    assert house.value(PAID, number) == "pending_approval"

    sign(house, number, language)

    wait_until_paid(house, number)
    assert taps <= 4
    assert house.value(STATE, number) == "completed"


def test_what_finance_signed_before_leaves_with_the_inspection(house, number, language):
    waybill = grant(house, number, language)
    sign(house, number, language)
    assert house.value(PAID, number) == "armed"

    taps = inspect(house, number, waybill, language)

    wait_until_paid(house, number)
    assert taps <= 4
    assert house.value(STATE, number) == "completed"


def grant(house: House, number: str, language: str) -> str:
    """The desk grants what was asked for and notes the parcel; gives its waybill."""
    waybill = f"SF{randrange(10**12, 10**13)}"
    with house.staff(AGENT, size="desk", language=language) as page:
        page.goto(f"/admin/desk/cases/{number}/")
        for act, answers in (("approve", {"override_reason": "…"}), ("register_parcel", {"waybill": waybill, "request": "…"})):
            page.locator(f"a[href$='/{act}/']").first.click()
            dialog = page.locator("#desk-dialog[open]")
            for name, text in answers.items():
                dialog.locator(f"[name={name}]").fill(text)
            with page.expect_navigation():
                dialog.locator(".button--primary").click()
            expect(page.locator("h1")).to_be_visible()
    assert house.value(STATE, number) == "in_transit"
    return waybill


def inspect(house: House, number: str, waybill: str, language: str) -> int:
    """The warehouse scans the parcel and finds the piece good; gives how many taps that took."""
    with house.staff(warehouse.PACKER, size="phone", language=language) as page:
        hand = Hand(page)
        warehouse.open_screen(page)
        warehouse.fire(page, waybill)
        expect(page.locator("[data-result]")).to_have_attribute("data-tone", "good", timeout=warehouse.PATIENCE)
        for target in ("[data-result-links] a", ".bench__good", "button[name=verb][value=pass]"):
            with page.expect_navigation():
                hand.tap(page.locator(target).first)
    assert house.value(STATE, number) in ("settling", "completed")
    assert (hand.typed, hand.keys) == (0, 0)
    return hand.taps


def sign(house: House, number: str, language: str) -> None:
    """Finance finds the refund on its list, looks at it, and approves it with one key."""
    refund_no = house.value(NUMBER_OF, number)
    with house.staff(FINANCE, size="desk", language=language) as page:
        page.goto("/admin/")
        find_row(page, refund_no)
        expect(page.locator(".pay__sheet")).to_contain_text(number)
        with page.expect_navigation():
            page.keyboard.press("Control+Enter")
        expect(page.locator(".paytabs [aria-current]")).to_be_visible()
        assert page.locator(f".payrow a[href*='{refund_no}']").count() == 0


def find_row(page: Page, refund_no: str) -> None:
    """Turn the pages of the list until the refund is there, and look at it beside the list."""
    for _page in pages_of(page):
        look = page.locator(f".payrow__beside[href*='at={refund_no}']")
        if look.count():
            with page.expect_navigation():
                look.click()
            return
    raise AssertionError(f"{refund_no} is not on the list")


def pages_of(page: Page) -> Iterator[int]:
    for number in range(40):
        yield number
        onwards = page.locator(".pager a").last
        if not onwards.count():
            return
        with page.expect_navigation():
            onwards.click()


def wait_until_paid(house: House, number: str) -> None:
    """The worker has sent it and the provider's books have it, once."""
    wait_for(lambda: house.value(PAID, number) == "succeeded", within=WITHIN, what=lambda: house.value(PAID, number))
    refund_no = house.value(NUMBER_OF, number)
    facts = read_facts(house.stack.data / "gateway" / "ledger.jsonl")
    assert [fact["kind"] for fact in facts if fact.get("out_refund_no") == refund_no] == ["paid"]
