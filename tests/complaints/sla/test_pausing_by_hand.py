"""Pauses by hand: three reasons, each for whom it is meant, only for the solution, with an end of their own."""

from datetime import timedelta

import pytest
from django.utils import timezone

from complaints.models import Clock, ClockRun
from complaints.services.clocks import run_due_clocks
from complaints.services.pauses import pause_clock, resume_clock
from foundation.exceptions import NotAllowedError, RefusedError
from tests.complaints.builders import codes
from tests.factories import make_complaint, make_merchant, make_user

pytestmark = pytest.mark.django_db


def solution(complaint) -> ClockRun:
    return ClockRun.objects.get(complaint=complaint, kind="resolution")


def soon(**span) -> dict:
    return {"until": timezone.now() + timedelta(**(span or {"days": 2}))}


def test_the_assignee_pauses_until_the_day_that_the_customer_asked_for():
    agent = make_user()
    complaint = make_complaint("open", assignee=agent)

    pause_clock(complaint, reason="customer_date", by=agent, **soon())

    assert (solution(complaint).state, solution(complaint).due_at) == ("paused", None)
    assert codes(complaint, "clock.paused")["reason"] == "customer_date"
    others = ClockRun.objects.filter(complaint=complaint).exclude(kind="resolution")
    assert not others.filter(state="paused").exists()


@pytest.mark.parametrize(
    ("role", "reason", "may"),
    [
        ("agent", "customer_date", False),
        ("agent", "regulator", False),
        ("lead", "customer_date", True),
        ("lead", "regulator", True),
        ("lead", "disaster", True),
        ("agent", "disaster", False),
        ("manager", "disaster", True),
    ],
)
def test_each_reason_has_its_people(role, reason, may):
    complaint = make_complaint("open", assignee=make_user())
    person = make_user(role, shops=[make_merchant()])

    if may:
        assert pause_clock(complaint, reason=reason, by=person, **soon())
    else:
        with pytest.raises(NotAllowedError):
            pause_clock(complaint, reason=reason, by=person, **soon())


@pytest.mark.parametrize(
    ("reason", "span"), [("disaster", {"days": 8}), ("customer_date", {"days": 61}), ("regulator", {"minutes": -1}), ("lunch", {"days": 1})]
)
def test_a_pause_has_a_known_reason_and_an_end_in_time(reason, span):
    with pytest.raises(RefusedError):
        pause_clock(make_complaint(), reason=reason, by=None, **soon(**span))


def test_what_is_paused_is_not_paused_again():
    complaint = make_complaint()
    pause_clock(complaint, reason="regulator", by=None, **soon())

    with pytest.raises(RefusedError):
        pause_clock(complaint, reason="disaster", by=None, **soon())


def test_a_pause_ends_by_itself():
    complaint = make_complaint()
    pause_clock(complaint, reason="regulator", by=None, **soon())
    Clock.objects.filter(run=solution(complaint), threshold=Clock.Rung.RESUME).update(due_at=timezone.now() - timedelta(seconds=1))

    run_due_clocks()

    assert solution(complaint).state == "running"


def test_a_pause_is_ended_by_whoever_may_pause_and_by_nobody_else():
    complaint = make_complaint()
    pause_clock(complaint, reason="regulator", by=None, **soon())

    with pytest.raises(NotAllowedError):
        resume_clock(complaint, by=make_user())
    resume_clock(complaint, by=make_user("lead"))

    assert solution(complaint).state == "running"


def test_what_nobody_paused_by_hand_is_not_ended_by_hand():
    with pytest.raises(RefusedError):
        resume_clock(make_complaint("waiting_customer"), by=make_user("lead"))
