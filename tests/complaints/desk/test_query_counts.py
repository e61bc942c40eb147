"""What a page asks of the database does not grow with what there is to show."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from complaints.services import post_customer_message, set_tags
from tests.factories import make_complaint, make_order

PAGES = {
    "queue": lambda complaint: ("queue", [], {"view": "mine"}),
    "team": lambda complaint: ("queue", [], {"view": "team"}),
    "watched": lambda complaint: ("queue", [], {"view": "watched"}),
    "filtered": lambda complaint: ("queue", [], {"view": "team", "status": "open"}),
    "workspace": lambda complaint: ("complaint", [complaint.number], {}),
    "other orders": lambda complaint: ("customer", [complaint.number, "orders"], {}),
    "other complaints": lambda complaint: ("customer", [complaint.number, "complaints"], {}),
    "notes": lambda complaint: ("customer", [complaint.number, "notes"], {}),
    "search by order": lambda complaint: ("search", [], {"q": complaint.order.number}),
    "search by phone": lambda complaint: ("search", [], {"q": complaint.contact_phone}),
}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_asks_as_much_for_twenty_as_for_two(page, desk, url, agent):
    complaint = fill(agent, 2)
    few = count(desk, url, PAGES[page](complaint))

    complaint = fill(agent, 18, order=complaint.order)
    many = count(desk, url, PAGES[page](complaint))

    assert many == few


def fill(agent, number: int, *, order=None):
    """Complaints of one customer with tags, several orders and words from both sides."""
    order = order or make_order(merchant=agent.merchant_memberships.get().merchant)
    for position in range(number):
        about = make_order(merchant=order.merchant, customer=order.customer) if position % 2 else order
        complaint = make_complaint("open", assignee=agent, order=about, customer=order.customer, contact_phone="13800138000")
        set_tags(complaint, names=["赠品", f"批次{position % 3}"], by=agent, expected_version=None)
        for _each in range(number):
            post_customer_message(complaint, body="还没有消息吗？")
    return complaint


def count(desk, url, place) -> int:
    name, arguments, query = place
    desk.get(url(name, *arguments), query)  # what a process reads once is not the page's
    with CaptureQueriesContext(connection) as asked:
        response = desk.get(url(name, *arguments), query)
    assert response.status_code in (200, 302)
    return len(asked)
