"""The days of the law, T13: whole days of the shop's zone, on both sides of midnight; neither a pause nor a holiday moves them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from complaints.models import LegalRule
from orders.models import Order
from tests.workflows.house import evidence_for, in_review, make_house
from tests.workflows.services.steps import law_of_refunds
from tests.workflows.settling.builders import within
from workflows.cases.windows import is_past
from workflows.models import CaseClock
from workflows.services.clocks import end_of_day, start_legal_clock
from workflows.services.review import provide_evidence, request_evidence

SHANGHAI = ZoneInfo("Asia/Shanghai")


def beijing(day: int, hour: int, minute: int = 0, *, month: int = 10) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize("days_later", range(9))
@pytest.mark.parametrize(("hour", "minute"), [(0, 0), (12, 0), (23, 59)])
def test_seven_days_end_with_the_seventh_whole_day_after_signing(days_later, hour, minute):
    order = Order(delivered_at=beijing(1, 23, 59))
    asked = beijing(1, hour, minute) + timedelta(days=days_later)

    assert is_past(order, 7, asked) == (days_later > 7)


@pytest.mark.parametrize(
    ("signed", "last_day"),
    [
        (beijing(1, 23, 59), 8),
        (beijing(2, 0, 0), 9),
        (datetime(2026, 10, 1, 15, 59, tzinfo=UTC), 8),
        (datetime(2026, 10, 1, 16, 0, tzinfo=UTC), 9),
    ],
)
def test_the_day_of_the_event_does_not_count_wherever_the_clock_hangs(signed, last_day):
    due = end_of_day(signed, 7).astimezone(SHANGHAI)

    assert (due.day, due.hour, due.minute) == (last_day, 23, 59)
    assert end_of_day(signed, 7) + timedelta(microseconds=1) == beijing(last_day + 1, 0)


def test_a_national_holiday_is_as_long_as_any_day():
    """1 to 8 October are no working days in 2026; natural days run on."""
    assert end_of_day(beijing(30, 12, month=9), 7) == beijing(8, 0) - timedelta(microseconds=1)


@pytest.mark.django_db
def test_a_pause_of_the_review_moves_no_legal_clock():
    law_of_refunds()
    house = make_house()
    case = in_review(house)
    begun = timezone.now()
    within(case, lambda act: start_legal_clock(act, "refund_7d", start=begun))

    case = request_evidence(case, items=["photo"], by=house.agent)
    paused = CaseClock.objects.get(case=case, kind="service", code="in_review")
    provide_evidence(case, items=[evidence_for(house).pk], as_customer=True)

    legal = CaseClock.objects.get(case=case, kind="legal")
    assert (paused.state, paused.due_at) == ("paused", None)
    assert (legal.state, legal.due_at, legal.paused_at) == ("running", end_of_day(begun, 7), None)


@pytest.mark.django_db
def test_a_clock_keeps_the_rule_that_it_began_with():
    old = law_of_refunds()
    case = in_review(make_house())
    begun = timezone.now()
    within(case, lambda act: start_legal_clock(act, "refund_7d", start=begun))

    told = {"platform": "law", "name_zh": "退款", "name_en": "refund", "unit": "days", "effective_from": "2026-01-01"}
    LegalRule.objects.create(code="refund_7d", version=2, amount=3, **told)
    within(case, lambda act: start_legal_clock(act, "refund_7d", start=begun))

    clock = CaseClock.objects.get(case=case, kind="legal")
    assert (clock.rule, clock.due_at) == (old, end_of_day(begun, 7))
