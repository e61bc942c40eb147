"""An order whose complaint was merged into one about another order was complained about all the same."""

from datetime import UTC, datetime

import pytest

from analytics.ledger.deliveries import OrderGroup, fold_delivery
from analytics.ledger.entries import Entry
from analytics.ledger.filling import refold
from analytics.models import Arrival
from complaints.models import Complaint
from complaints.services import merge_complaints, unmerge_complaint
from complaints.services.act import RELATED, Act
from tests.analytics.ledger.stories import SETTINGS
from tests.factories import make_complaint, make_order, make_user

pytestmark = pytest.mark.django_db
ANY = {"expected_version": None}
AT = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)


def complained(order) -> list[tuple[int, int]]:
    arrivals = tuple(Arrival.objects.filter(source=0, order_id=order.pk))
    told = (Entry(AT, order.pk, 1, "order.delivered", None, "system", {"merchant": order.merchant_id}),)
    return [(each.complained, each.complained_net) for each in fold_delivery(OrderGroup(order.pk, told, arrivals), SETTINGS)]


@pytest.fixture
def orders():
    return make_order(), make_order()


@pytest.fixture
def merged(orders):
    agent, (child, survivor) = make_user(), (make_complaint(order=order) for order in orders)
    merge_complaints(child, into=survivor, by=agent, **ANY)
    refold({child.pk, survivor.pk})
    child.refresh_from_db()
    return child, survivor, agent


def test_both_orders_of_a_merge_are_complained_about(merged, orders):
    assert [complained(order) for order in orders] == [[(1, 1)], [(1, 1)]]


def test_the_merged_complaint_still_leaves_the_count_of_complaints(merged, orders):
    assert sum(Arrival.objects.filter(source=0).values_list("arrived", flat=True)) == 1


def test_undoing_the_merge_counts_each_order_once(merged, orders):
    child, survivor, agent = merged
    unmerge_complaint(child, by=agent, **ANY)
    refold({child.pk, survivor.pk})

    assert [complained(order) for order in orders] == [[(1, 1)], [(1, 1)]]


def test_what_is_left_out_of_every_figure_complains_of_no_order(merged, orders):
    _child, survivor, agent = merged
    act = Act(Complaint.objects.select_related(*RELATED).get(pk=survivor.pk), by=agent)
    act.note("excluded.set", codes={"exclusion": "test"})
    act.finish()
    refold({survivor.pk})

    assert [complained(order) for order in orders] == [[(0, 0)], [(0, 0)]]
