"""States that end by themselves, each once and never early."""

from datetime import timedelta

import pytest
from django.utils import timezone

from complaints import guards
from complaints.lifecycle import Status
from complaints.models import Complaint
from complaints.services.timers import run_timers
from foundation.exceptions import Reason
from tests.complaints.builders import codes, fresh, nodes
from tests.factories import make_complaint

pytestmark = pytest.mark.django_db

ENDS = {Status.WAITING_CUSTOMER: Status.OPEN, Status.SNOOZED: Status.OPEN, Status.RESOLVED: Status.CLOSED}


def make_due(complaint: Complaint, *, seconds: int = 1) -> Complaint:
    """The database's own clock decides, so the row moves instead of the clock."""
    Complaint.objects.filter(pk=complaint.pk).update(timer_at=timezone.now() - timedelta(seconds=seconds))
    return complaint


@pytest.mark.parametrize(("status", "after"), ENDS.items())
def test_a_due_timer_ends_its_state_once(status, after):
    complaint = make_due(make_complaint(status))

    assert run_timers() == 1
    assert run_timers() == 0
    assert (fresh(complaint).status, fresh(complaint).timer_at) == (after, None)


@pytest.mark.parametrize("status", ENDS)
def test_a_timer_is_never_early(status):
    complaint = make_complaint(status)
    Complaint.objects.filter(pk=complaint.pk).update(timer_at=timezone.now() + timedelta(seconds=30))

    assert run_timers() == 0
    assert fresh(complaint).status == status


def test_a_missed_answer_is_remembered_and_told():
    complaint = make_due(make_complaint(Status.WAITING_CUSTOMER))

    run_timers()

    assert fresh(complaint).no_reply
    assert "no_answer" in nodes(complaint, state="queued")
    assert nodes(complaint, state="queued", node__startswith="reminder") == []


def test_no_objection_closes_as_unobjected():
    complaint = make_due(make_complaint(Status.RESOLVED))

    run_timers()

    assert codes(complaint, "cycle.confirmed")["how"] == "unobjected"


def test_a_thousand_due_at_once_all_end():
    complaint = make_complaint(Status.RESOLVED)
    for _ in range(4):
        make_due(make_complaint(Status.RESOLVED, category=complaint.category))
    make_due(complaint)

    worked = [run_timers(limit=2) for _ in range(4)]

    assert worked == [2, 2, 1, 0]


def test_one_that_fails_is_put_off_and_holds_up_nobody():
    broken, whole = make_due(make_complaint(Status.RESOLVED), seconds=60), make_due(make_complaint(Status.RESOLVED))

    def refuse_one(complaint, _by):
        return [Reason("x", "x")] if complaint.pk == broken.pk else []

    guards.register("confirm", refuse_one)
    try:
        worked = run_timers()
    finally:
        guards.unregister("confirm", refuse_one)

    assert worked == 1
    assert (fresh(broken).status, fresh(whole).status) == (Status.RESOLVED, Status.CLOSED)
    assert fresh(broken).timer_at > timezone.now() + timedelta(minutes=9)


def test_finding_due_timers_uses_the_index_whatever_the_number(django_assert_num_queries):
    make_complaint(Status.RESOLVED)

    with django_assert_num_queries(1):
        run_timers()
