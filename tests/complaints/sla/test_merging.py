"""Clocks of complaints that become one, and two again."""

from datetime import timedelta

from complaints.lifecycle import Status
from complaints.models import ClockRun, ExternalRecord, LegalRule
from complaints.services import merge_complaints, post_customer_message, post_reply, set_priority, unmerge_complaint, withdraw_complaint
from complaints.services.act import Act
from foundation.verbs import lock
from tests.complaints.builders import fresh, kinds
from tests.complaints.sla.builders import ANY, moment, pending, run_of, runs_of, states
from tests.factories import make_complaint

Kind, State = ClockRun.Kind, ClockRun.State


def test_the_sooner_deadline_counts(day, agent):
    child = make_complaint()
    day.later(hours=1)
    survivor = make_complaint()
    merge_complaints(child, into=survivor, by=agent, **ANY)

    assert run_of(survivor, Kind.FIRST).due_at == moment("2026-03-10 14:00")
    assert run_of(survivor, Kind.RESOLUTION).due_at == moment("2026-03-13 10:00")
    assert set(states(child).values()) == {State.MERGED}
    assert pending(child) == []


def test_what_is_due_sooner_here_stays(day, agent):
    survivor = make_complaint()
    day.later(hours=1)
    merge_complaints(make_complaint(), into=survivor, by=agent, **ANY)

    assert run_of(survivor, Kind.FIRST).due_at == moment("2026-03-10 14:00")
    assert "clock.recomputed" not in kinds(survivor)


def test_the_sooner_deadline_keeps_the_hours_it_was_counted_by(day, agent):
    day.go(moment("2026-03-10 22:00"))  # closed for most, open for what is urgent
    child, survivor = make_complaint(priority=3), make_complaint()
    set_priority(child, priority=1, by=agent, **ANY)  # its clocks stay tight, and the survivor's priority does not tighten
    merge_complaints(child, into=survivor, by=agent, **ANY)

    assert run_of(survivor, Kind.FIRST).due_at == moment("2026-03-10 22:30")
    assert run_of(survivor, Kind.FIRST).missed_at is None


def test_what_the_joined_one_missed_is_on_its_own_record(day, agent):
    child = make_complaint()
    day.later(hours=5)
    survivor = make_complaint()
    merge_complaints(child, into=survivor, by=agent, **ANY)

    assert run_of(child, Kind.FIRST).missed_at == moment("2026-03-10 14:00")
    assert (run_of(survivor, Kind.FIRST).missed_at, run_of(survivor, Kind.FIRST).due_at) == (None, moment("2026-03-10 19:00"))


def test_a_survivor_that_owed_nothing_owes_the_joined_ones_answer(day, agent):
    child = make_complaint()
    day.later(hours=1)
    survivor = make_complaint(Status.OPEN, assignee=agent)
    merge_complaints(child, into=survivor, by=agent, **ANY)

    run = run_of(survivor, Kind.NEXT)
    assert (run.state, run.due_at) == (State.RUNNING, moment("2026-03-10 14:00"))


def test_separated_again_the_same_clocks_go_on(day, agent):
    child, survivor = make_complaint(), make_complaint()
    before = [(run.pk, run.due_at, run.state) for run in runs_of(child)]
    day.later(minutes=10)
    merge_complaints(child, into=survivor, by=agent, **ANY)
    day.later(minutes=10)
    unmerge_complaint(child, by=agent, **ANY)

    assert [(run.pk, run.due_at, run.state) for run in runs_of(child)] == before
    assert pending(child)[0].due_at == moment("2026-03-10 12:00")


def test_an_answer_to_the_survivor_was_one_to_the_joined_one(day, agent):
    child, survivor = make_complaint(), make_complaint(Status.OPEN, assignee=agent)
    day.later(minutes=10)
    merge_complaints(child, into=survivor, by=agent, **ANY)
    day.later(minutes=10)
    post_reply(survivor, body="两件一起处理。", by=agent, **ANY)
    unmerge_complaint(child, by=agent, **ANY)
    after = states(child)
    day.later(hours=8)
    day.sweep()

    assert after[Kind.FIRST] != State.RUNNING
    assert "clock.missed" not in kinds(child)


def test_after_that_the_next_word_of_the_customer_is_owed_an_answer_of_its_own(day, agent):
    child, survivor = make_complaint(), make_complaint(Status.OPEN, assignee=agent)
    merge_complaints(child, into=survivor, by=agent, **ANY)
    day.later(minutes=10)
    post_reply(survivor, body="两件一起处理。", by=agent, **ANY)
    unmerge_complaint(child, by=agent, **ANY)
    day.later(hours=9)
    post_customer_message(child, body="那么第二件呢？")

    assert [(run.kind, run.due_at) for run in runs_of(child, Kind.FIRST, Kind.NEXT) if run.is_open] == [
        (Kind.NEXT, moment("2026-03-11 15:10"))
    ]


def under_authority(complaint) -> ClockRun:
    rule = LegalRule.objects.first()
    record = ExternalRecord.objects.create(
        complaint=complaint, rule=rule, external_no="31010", received_at=fresh(complaint).filed_at, due_at=moment("2026-03-17 23:59")
    )
    act = Act(lock(complaint, "category", "customer"), by=None)
    run = act.clocks.start(Kind.LEGAL, due_at=record.due_at, external=record)
    act.finish()
    return run


def test_the_laws_clock_moves_with_the_matter_and_comes_back(day, agent):
    child, survivor = make_complaint(), make_complaint()
    legal = under_authority(child)
    merge_complaints(child, into=survivor, by=agent, **ANY)
    joined = [(run.complaint_id, run.state, run.due_at) for run in ClockRun.objects.filter(pk=legal.pk)]
    owner = {clock.complaint_id for clock in pending(survivor) if clock.run_id == legal.pk}
    unmerge_complaint(child, by=agent, **ANY)
    back = ClockRun.objects.get(pk=legal.pk)

    assert joined == [(survivor.pk, State.RUNNING, moment("2026-03-17 23:59"))]
    assert owner == {survivor.pk}
    assert (back.complaint_id, back.state, back.due_at) == (child.pk, State.RUNNING, moment("2026-03-17 23:59"))
    assert {clock.complaint_id for clock in pending(child) if clock.run_id == legal.pk} == {child.pk}


def test_the_laws_clock_runs_on_through_everything_that_ends_the_others(day, agent):
    complaint = make_complaint()
    legal = under_authority(complaint)
    set_priority(complaint, priority=3, by=agent, **ANY)
    withdraw_complaint(complaint, as_customer=True)

    again = ClockRun.objects.get(pk=legal.pk)
    assert (again.state, again.due_at) == (State.RUNNING, legal.due_at)
    day.go(legal.due_at + timedelta(minutes=1))
    day.sweep()
    assert ClockRun.objects.get(pk=legal.pk).missed_at == legal.due_at
