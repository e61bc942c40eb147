"""What moved a figure: the value of a dimension that made the difference, and nothing where there are too few to say."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from analytics.ledger.families import FAMILIES
from analytics.ledger.filling import fill_sums
from analytics.ledger.storing import mark_days
from analytics.metrics.buckets import bucket
from analytics.metrics.movers import find_movers
from analytics.metrics.questions import Filters, Span
from analytics.metrics.registry import metric
from analytics.models import Arrival
from tests.factories import make_merchant

pytestmark = pytest.mark.django_db
FIRST = date(2026, 3, 2)
NOW = Span(FIRST + timedelta(7), FIRST + timedelta(13))
AS_OF = datetime.combine(NOW.last, time(20), ZoneInfo("Asia/Shanghai"))


def arrive(day: date, carrier: str, seconds: int, number: int) -> None:
    """So many answered complaints of one carrier, each after as many seconds."""
    merchant, first = make_merchant(), Arrival.objects.count()
    shared = {"merchant": merchant.pk, "day": day, "at": AS_OF, "carrier": carrier, "source": 0, "ordinal": 0}
    answered = {"arrived": 1, "waits": 1, "answered": 1, "replied": 1, "frt_s": seconds, "frt_s_b": bucket(seconds)}
    Arrival.objects.bulk_create(Arrival(root_id=first + place + 1, **shared, **answered) for place in range(number))
    mark_days(FAMILIES["arrival"], 0, [day])
    while fill_sums():
        continue


def test_the_carrier_that_became_slow_moved_the_figure():
    for carrier in ("sf", "zto"):
        arrive(NOW.before().first, carrier, 100, 20)
    arrive(NOW.first, "sf", 100, 20)
    arrive(NOW.first, "zto", 10_000, 20)

    (first, *others), _counted = find_movers(metric("frt"), NOW, Filters(), "carrier", as_of=AS_OF)

    assert (first.value, others) == ("zto", [])
    assert first.contribution == pytest.approx(10_000 - 100, rel=0.04)


def test_too_few_on_either_side_say_nothing():
    arrive(NOW.before().first, "zto", 100, 29)
    arrive(NOW.first, "zto", 10_000, 40)

    movers, _counted = find_movers(metric("frt"), NOW, Filters(), "carrier", as_of=AS_OF)
    assert movers == []
