"""The ledger follows the feed: facts by difference, sums by days, and nothing depends on when it was computed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from analytics.ledger.filling import fill_from_complaints, fill_from_orders, fill_sums
from analytics.models import Arrival, ArrivalRollup, DirtyNode
from complaints.models import Event, EventFeed
from complaints.services import post_reply
from foundation.events import sequence_feed
from tests.complaints.builders import later
from tests.factories import make_calendar, make_complaint, make_user

pytestmark = pytest.mark.django_db


def fill():
    while sequence_feed(Event, EventFeed):
        continue
    while fill_from_complaints() or fill_from_orders() or fill_sums():
        continue


def test_a_reply_makes_the_first_response_time_known():
    make_calendar()
    agent = make_user("agent")
    complaint = make_complaint(assignee=agent)
    with later(minutes=10):
        post_reply(complaint, body="您好", by=agent, expected_version=None)

    fill()

    fact = Arrival.objects.get(root_id=complaint.pk)
    assert (fact.answered, fact.frt_s, fact.agent) == (1, 600, agent.pk)


def test_the_sums_of_all_merchants_are_those_of_their_facts():
    make_calendar()
    for _number in range(3):
        make_complaint()

    fill()

    rows = ArrivalRollup.objects.filter(grain=0, level=0, merchant=-1)
    assert [(row.arrived, row.waiting) for row in rows] == [(3, 3)]
    assert list(ArrivalRollup.objects.filter(grain=0, level=12, merchant=-1).values_list("arrived", flat=True)) == [3]
    assert not DirtyNode.objects.exists()


def test_a_patient_fill_makes_days_new_and_leaves_longer_spans_for_later():
    make_calendar()
    make_complaint()
    fill()

    make_complaint()
    fill_patiently()

    assert arrived(level=0) == 2
    assert [arrived(level=level) for level in (1, 12)] == [1, 1]


def test_a_span_that_is_due_is_made_from_halves_that_are_up_to_date():
    make_calendar()
    make_complaint()
    fill_patiently()
    DirtyNode.objects.filter(level=3).update(due_at=timezone.now() - timedelta(seconds=1))

    fill_patiently()

    assert [arrived(level=level) for level in range(5)] == [1, 1, 1, 1, None]
    assert set(DirtyNode.objects.values_list("level", flat=True)) == set(range(4, 13))


def fill_patiently():
    while sequence_feed(Event, EventFeed):
        continue
    while fill_from_complaints() or fill_sums(is_patient=True):
        continue


def arrived(level: int) -> int | None:
    return ArrivalRollup.objects.filter(grain=0, level=level, merchant=-1).values_list("arrived", flat=True).first()
