"""What one row says of a matter: from its facts, its complaint, its cases, parcels and refunds, and nothing finer than bands."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analytics.models import Arrival, Cycle, Money, Round, Verdict
from analytics.research.columns import NAMES
from analytics.research.reading import read_matters
from complaints.services import post_reply
from orders.models import Warehouse
from tests.analytics.research.builders import JANUARY, make_arrivals
from tests.factories import make_complaint, make_merchant, make_order, make_user
from tests.workflows.builders import make_case, make_parcel, make_refund

pytestmark = pytest.mark.django_db


def make_matter(**arrival) -> Arrival:
    """A complaint with an order, whose arrival is in January as far as the facts know."""
    complaint = make_complaint(order=make_order(), amount_fen=25_050)
    return make_arrivals(1, root_id=complaint.pk, **arrival)[0]


def read(days: int = 31) -> list[dict[str, str]]:
    rows = read_matters(make_merchant(), JANUARY, JANUARY + timedelta(days=days))
    return [dict(zip(NAMES, row, strict=True)) for row in rows]


def test_the_arrival_says_when_where_and_how_it_came():
    make_matter(day=JANUARY + timedelta(days=7), province="广东省", channel="phone", frt_s=200, declined=1, solved=0)

    row = read()[0]

    known = tuple(row[name] for name in ("period", "province", "channel", "response", "outcome"))
    assert known == ("2026-01/W02", "CN-GD", "phone", "3-15min", "declined")


def test_an_amount_is_a_band_of_the_shops_currency_and_unknown_in_another():
    make_matter()
    complaint = make_complaint(order=make_order(), amount_fen=25_050, currency="USD")
    make_arrivals(1, root_id=complaint.pk)

    assert sorted(row["amount"] for row in read()) == ["", "200-499"]


def test_cycles_say_how_long_it_took_who_was_liable_and_how_often_it_came_back():
    root = make_matter().root_id
    at = {"source": 0, "root_id": root, "opened_at": timezone.now(), "began_at": timezone.now()}
    Cycle.objects.create(**at, ordinal=0, reopened=1)
    Cycle.objects.create(**at, ordinal=1, last=1, attributed=1, rt_full_s=100_000, by_carrier=70, by_shop=30)

    row = read()[0]

    assert (row["resolution"], row["liability"], row["reopenings"]) == ("1-2d", "carrier", "1")


@pytest.mark.parametrize(
    ("shares", "party"), [({"by_shop": 50, "by_carrier": 50}, "shared"), ({"by_nobody": 100}, "nobody"), ({"attributed": 0}, "")]
)
def test_liability_is_that_of_the_largest_share(shares, party):
    root = make_matter().root_id
    fields = {"attributed": 1, "last": 1, "opened_at": timezone.now(), "began_at": timezone.now()} | shares
    Cycle.objects.create(source=0, root_id=root, ordinal=0, **fields)

    assert read()[0]["liability"] == party


def test_money_messages_rounds_and_the_last_answer_are_bands():
    root = make_matter().root_id
    Money.objects.bulk_create(
        [
            Money(root_id=root, ordinal=0, kind="goods", currency="CNY", fen=9_900),
            Money(root_id=root, ordinal=1, kind="compensation", currency="CNY", fen=2_000),
            Money(root_id=root, ordinal=2, kind="recovery", currency="CNY", fen=90_000),
        ]
    )
    Round.objects.bulk_create([Round(root_id=root, ordinal=each, started_at=timezone.now(), rounds=1) for each in range(4)])
    Verdict.objects.bulk_create(
        [Verdict(root_id=root, ordinal=each, scale="csat", answered=1, sent=1, score=5 - each * 3) for each in (0, 1)]
    )
    complaint = make_user_reply(root)

    row = read()[0]

    assert (row["granted"], row["rounds"], row["csat"], row["messages"]) == ("100-199", "3-5", "1-2", str(complaint.messages.count()))


def make_user_reply(root: int):
    from complaints.models import Complaint

    complaint = Complaint.objects.get(pk=root)
    post_reply(complaint, body="您好", by=make_user("agent", shops=[complaint.merchant]), expected_version=None)
    return complaint


def test_a_case_says_what_it_was_how_it_came_out_and_how_long_goods_and_money_took():
    arrival = make_matter()
    complaint = make_user_reply(arrival.root_id)
    case = make_case(complaint=complaint, order=complaint.order, state="completed")
    now = timezone.now()
    make_parcel(case, first_scan_at=now - timedelta(days=5), signed_at=now - timedelta(days=3, hours=-1))
    make_refund(case, state="succeeded", created_at=now - timedelta(hours=3), settled_at=now)

    row = read()[0]

    known = (row["case_type"], row["case_result"], row["transit"], row["refund_time"])
    assert known == ("return_quality", "granted", "2-3d", "0-4h")


def test_a_draft_is_no_case():
    arrival = make_matter()
    complaint = make_user_reply(arrival.root_id)
    make_case(complaint=complaint, order=complaint.order, state="draft")

    assert (read()[0]["case_type"], read()[0]["case_result"]) == ("", "")


def test_warehouses_are_counted_not_named():
    house = [Warehouse.objects.create(merchant=make_merchant(), code=code, name=code) for code in ("b", "a")]
    make_matter(warehouse=house[1].pk)
    make_matter(warehouse=999_999)

    assert sorted(row["warehouse"] for row in read()) == ["", "W2"]


def test_what_lies_outside_the_days_is_not_read():
    make_matter(day=JANUARY + timedelta(days=9))

    assert (len(read(8)), len(read(9))) == (0, 1)


def test_three_matters_cost_as_many_statements_as_one():
    counts = []
    for number in (1, 2):
        for _each in range(number):
            make_matter()
        with CaptureQueriesContext(connection) as found:
            read()
        counts.append(len(found))

    assert counts[0] == counts[1]
