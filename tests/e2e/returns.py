"""A return in the running house: applied for in the browser, granted by an agent through the services."""

import re

from tests.e2e import customer
from tests.e2e.hand import Hand
from tests.e2e.house import House
from tests.stack import wait_for

# Orders of one kind of goods that were paid and delivered and that nobody has complained about; an agent may grant their refund alone.
FREE_ORDERS = """
    UPDATE orders_order SET status = 'delivered', delivered_at = now() - interval '1 day' WHERE id IN (
        SELECT o.id FROM orders_order o JOIN orders_orderline l ON l.order_id = o.id
         WHERE o.id NOT IN (SELECT order_id FROM complaints_complaint WHERE order_id IS NOT NULL)
           AND o.id IN (SELECT order_id FROM orders_payment WHERE status = 'captured' AND amount_fen > 0) AND o.total_fen <= 50000
         GROUP BY o.id HAVING count(*) = 1 ORDER BY o.id DESC LIMIT %s) RETURNING id, number
"""
GRANT = """
from accounts.models import User
from orders.models import Warehouse
from workflows.access import roles_of
from workflows.cases.proposals import proposal_for
from workflows.models import Case
from workflows.services.review import approve_case
for place in Warehouse.objects.all():
    if not place.address:
        place.address, place.contact, place.phone = "浙江省杭州市余杭区仓前街道 1 号", "退货组", "0571-00000000"
        place.save()
case = Case.objects.select_related("complaint", "policy", "order").get(number="{number}")
by = next(user for user in User.objects.filter(is_active=True).order_by("pk") if "agent" in roles_of(user, case))
approve_case(case, proposal=proposal_for(case, list(case.units.select_related("unit"))), by=by, override_reason="已核对")
"""
# Somebody of the demo shop who has something to send back already.
AWAITED = """
    SELECT c.number FROM workflows_case w JOIN complaints_complaint c ON c.id = w.complaint_id
     WHERE w.state = 'awaiting_return' ORDER BY w.id LIMIT 1
"""
STATE = "SELECT state FROM workflows_case WHERE number = %s"
CASE = re.compile(r"A\d{15}")


def free_orders(house: House, count: int) -> list[tuple[int, str]]:
    return house.rows(FREE_ORDERS, count)


def choose_return(hand: Hand, *, kind: str = "return_no_reason", reason: str = "changed_mind") -> None:
    """What is wanted, and why; the goods of an order of one kind are chosen already."""
    hand.tap(hand.page.locator(f".card:has([name=kind][value={kind}])"))
    hand.tap(hand.page.locator(f".reason:has([name=reason-{kind}][value={reason}])"))


def apply_from_order(hand: Hand) -> str:
    """Fill in and send the application that is open; gives the number of the case."""
    choose_return(hand)
    customer.go_on(hand)
    return read_case(hand.page)


def read_case(page) -> str:
    return CASE.search(page.locator("#number").inner_text())[0]


def grant(house: House, number: str) -> None:
    """Wait until the rules have granted the case or handed it to a person, and let one grant it then."""
    taken_in = ("in_review", "awaiting_return")
    wait_for(lambda: house.value(STATE, number) in taken_in, within=90, what=lambda: house.value(STATE, number))
    if house.value(STATE, number) == "awaiting_return":
        return
    house.run(GRANT.replace("{number}", number))
