"""What a round costs follows the last day and the candidates, not what the house has ever had."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics.models import Arrival
from analytics.spikes.counting import earlier_counts, members_of, recent_counts
from analytics.spikes.series import Series
from analytics.spikes.windows import Window, compared_with
from tests.analytics.spikes.builders import NOW, ZONE

pytestmark = pytest.mark.django_db
DAYS, EACH = 200, 100
SERIES = Series("category", "logistics.c1")


@pytest.fixture
def house():
    """So many complaints on each of many days."""
    facts = [fact_of(day, number) for day in range(DAYS) for number in range(EACH)]
    Arrival.objects.bulk_create(facts, batch_size=2000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE analytics_arrival")


def fact_of(day: int, number: int) -> Arrival:
    at = NOW - timedelta(days=day, minutes=number)
    where = {"category": f"logistics.c{number % 5}", "sku": f"TEA{number % 9}"}
    return Arrival(root_id=day * EACH + number, at=at, day=at.astimezone(ZONE).date(), arrived=1, **where)


def plans_of(work) -> list[str]:
    """The plans of the queries of facts that something asks."""
    with CaptureQueriesContext(connection) as asked:
        work()
    with connection.cursor() as cursor:
        found = []
        for query in asked.captured_queries:
            cursor.execute(f"EXPLAIN {query['sql']}")
            found.append("\n".join(row[0] for row in cursor.fetchall()))
    return [plan for plan in found if "analytics_arrival" in plan]


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize(
    "work",
    [
        lambda window: recent_counts(window, ZONE, has_shops=False),
        lambda window: members_of([SERIES], window, ZONE),
        lambda window: earlier_counts([SERIES], compared_with(window, promotions=(), first_at=NOW - timedelta(days=99), zone=ZONE), ZONE),
    ],
    ids=["last day", "members", "weeks"],
)
def test_facts_are_found_by_their_day(work):
    (plan,) = plans_of(lambda: work(Window(NOW)))

    assert "analytics_arrival_day" in plan
    assert "Seq Scan on analytics_arrival" not in plan
