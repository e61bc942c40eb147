"""The book of a complaint's clocks by itself: settled as often as one likes, whatever is owed, to the second."""

from datetime import timedelta
from itertools import combinations

import pytest

from complaints.lifecycle import Status
from complaints.models import Clock, ClockRun, Complaint, SlaPolicy
from complaints.services import post_reply, resolve_complaint, withdraw_complaint
from complaints.services.act import Act
from complaints.sla.policies import forget_policies
from foundation.verbs import lock
from tests.complaints.builders import codes, fresh, kinds
from tests.complaints.sla.builders import ANY, moment, pending, run_of, runs_of
from tests.factories import make_complaint
from tests.journeys import SOLVED

Kind, State = ClockRun.Kind, ClockRun.State
KINDS = ("first", "next", "resolution")
SUBSETS = [subset for size in range(4) for subset in combinations(KINDS, size)]


def act_on(complaint: Complaint, **options) -> Act:
    return Act(lock(complaint, "category", "customer"), by=None, **options)


def rows_of(complaint: Complaint) -> list[dict]:
    runs = ClockRun.objects.filter(complaint=complaint).order_by("pk").values()
    return [*runs, *Clock.objects.filter(complaint=complaint).order_by("pk").values()]


@pytest.mark.parametrize("status", [Status.NEW, Status.OPEN, Status.WAITING_CUSTOMER, Status.WAITING_INTERNAL, Status.RESOLVED])
def test_settling_twice_is_settling_once(day, agent, status):
    complaint = make_complaint(status, assignee=agent)
    before, told = rows_of(complaint), kinds(complaint)
    day.later(minutes=10)
    act = act_on(complaint)
    act.clocks.settle({"status", "priority", "needs_reply"})
    act.clocks.settle({"status", "priority", "needs_reply"})
    act.finish()

    assert (rows_of(complaint), kinds(complaint)) == (before, told)


def test_what_was_begun_by_the_first_settling_is_not_begun_by_the_second(day, agent):
    complaint = make_complaint(Status.OPEN, assignee=agent)
    day.later(minutes=10)
    act = act_on(complaint)
    act.owe_answer()
    act.clocks.settle({"needs_reply"})
    act.clocks.settle({"needs_reply"})
    act.finish()

    assert [run.started_at for run in runs_of(complaint, Kind.NEXT)] == [day.at]


def test_an_act_that_touches_nothing_reads_no_clocks(day, agent):
    act = act_on(make_complaint(Status.OPEN, assignee=agent))
    act.clocks.settle({"subject", "watcher_ids"})

    assert not act.clocks.is_open


@pytest.fixture(params=SUBSETS, ids=lambda subset: "+".join(subset) or "none")
def targets(day, request):
    """Every policy names only these; the others are left to what is usual."""
    for policy in SlaPolicy.objects.all():
        policy.targets = {kind: minutes for kind, minutes in policy.targets.items() if kind in request.param}
        policy.save()
    forget_policies()
    yield request.param
    forget_policies()


@pytest.mark.parametrize("ending", ["resolve", "withdraw"])
def test_whatever_subset_of_targets_is_set_every_run_ends_with_the_complaint(day, agent, targets, ending):
    complaint = make_complaint(assignee=agent)
    day.later(minutes=10)
    post_reply(complaint, body="您好，我们在查。", by=agent, **ANY)
    if ending == "resolve":
        resolve_complaint(complaint, by=agent, **ANY, **SOLVED)
    else:
        withdraw_complaint(complaint, as_customer=True)

    runs = runs_of(complaint)
    assert {run.kind for run in runs} >= {Kind.FIRST, Kind.RESOLUTION}
    assert [run.kind for run in runs if run.is_open or run.ended_at is None] == []
    assert pending(complaint) == []


@pytest.mark.parametrize("seconds", [1, 59, 3601])
def test_an_answer_is_kept_at_the_second_of_its_message_however_late_anybody_looks(day, agent, seconds):
    complaint = make_complaint(assignee=agent)
    day.later(seconds=seconds)
    message = post_reply(complaint, body="您好。", by=agent, **ANY)
    day.later(hours=30)
    day.sweep()

    run = run_of(complaint, Kind.FIRST)
    assert run.ended_at == message.created_at == moment("2026-03-10 10:00") + timedelta(seconds=seconds)
    met = [event.codes for event in complaint.events.filter(kind="clock.met") if event.codes["run"] == run.pk]
    assert [code["met_at"] for code in met] == [message.created_at.isoformat()]


def test_the_nearest_clock_is_the_one_that_is_due_first_and_a_paused_one_is_due_never(day, agent):
    complaint = make_complaint(Status.OPEN, assignee=agent)
    act = act_on(complaint)
    first = act.clocks.nearest()
    act.clocks.pause(first, ClockRun.Pause.DISASTER, until=day.at + timedelta(days=1), region=7)
    act.finish()

    assert (first.kind, act_on(complaint).clocks.nearest()) == (Kind.RESOLUTION, None)
    assert codes(complaint, "clock.paused")["region"] == 7
    assert fresh(complaint).due_at == moment("2026-03-13 10:00")  # what was last due stays


def test_what_is_set_anew_begins_again_without_a_trace_of_crashes(day):
    complaint = make_complaint()
    Clock.objects.filter(complaint=complaint).update(attempts=4, parked_at=day.at)
    act = act_on(complaint)
    act.clocks.set_anew()
    act.finish()

    assert set(Clock.objects.filter(complaint=complaint).values_list("attempts", "parked_at")) == {(0, None)}
