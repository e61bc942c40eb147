"""Which policy counts, and that what runs keeps the one it began with."""

from datetime import timedelta

import pytest

from complaints.lifecycle import Status
from complaints.models import ClockRun, Complaint, SlaPolicy
from complaints.services import bind_order, post_customer_message, post_note, post_reply, set_priority, set_risk
from complaints.sla.policies import Facts, forget_policies, read_policies, target_for
from orders.models import Customer
from tests.complaints.builders import kinds
from tests.complaints.sla.builders import ANY, moment, run_of, runs_of
from tests.factories import make_complaint, make_customer, make_order

Kind = ClockRun.Kind
PLAIN = {
    "priority": 1, "tier": "", "is_green": False, "channel": "web", "origin": "customer", "category": "quality.broken", "risk": 0,
    "promise_hours": 24,
}  # fmt: skip


def target(kind: str, start: str = "2026-03-10 10:00", **facts):
    return target_for(kind, Facts(**PLAIN | facts), moment(start), policies=read_policies())


def publish(code: str, **changes) -> SlaPolicy:
    """Another version of a policy."""
    policy = SlaPolicy.objects.filter(code=code).order_by("-version")[0]
    policy.pk, policy.version = None, policy.version + 1
    for name, value in changes.items():
        setattr(policy, name, value)
    policy.save(force_insert=True)
    forget_policies()
    return policy


GOLDEN = [
    ({}, "2026-03-10 14:00", "2026-03-10 18:00", "2026-03-13 10:00"),
    ({"priority": 0}, "2026-03-10 14:00", "2026-03-10 18:00", "2026-03-13 10:00"),
    ({"priority": 2}, "2026-03-10 12:00", "2026-03-10 14:00", "2026-03-12 10:00"),
    ({"priority": 3}, "2026-03-10 10:30", "2026-03-10 11:00", "2026-03-11 10:00"),
    ({"tier": "vip"}, "2026-03-10 10:15", "2026-03-10 10:30", "2026-03-13 10:00"),
    ({"is_green": True}, "2026-03-10 11:00", "2026-03-10 11:00", "2026-03-12 10:00"),
    ({"tier": "vip", "is_green": True}, "2026-03-10 10:15", "2026-03-10 10:30", "2026-03-12 10:00"),
    ({"risk": 4}, "2026-03-10 10:15", "2026-03-10 10:30", "2026-03-11 10:00"),
    ({"risk": 3}, "2026-03-10 14:00", "2026-03-10 18:00", "2026-03-13 10:00"),
    ({"channel": "chat"}, "2026-03-10 10:03", "2026-03-10 10:03", "2026-03-13 10:00"),
    ({"origin": "rule", "category": "logistics.stalled"}, "2026-03-10 11:00", "2026-03-10 14:00", "2026-03-12 10:00"),
    ({"origin": "rule", "category": "logisticsx"}, "2026-03-10 14:00", "2026-03-10 18:00", "2026-03-13 10:00"),
]


@pytest.mark.parametrize(("facts", "first", "following", "solution"), GOLDEN)
def test_shipped_policies_by_what_is_known(day, facts, first, following, solution):
    due = [target(kind, **facts).due_at for kind in (Kind.FIRST, Kind.NEXT, Kind.RESOLUTION)]

    assert due == [moment(first), moment(following), moment(solution)]


def test_of_overlays_the_earliest_moment_counts_and_not_the_fewest_minutes(day):
    at_night = target(Kind.FIRST, "2026-03-10 22:55", tier="vip", is_green=True)  # 15 minutes until 23:00, or 60 around the clock

    assert (at_night.policy.code, at_night.due_at) == ("green", moment("2026-03-10 23:55"))


def test_an_overlay_never_loosens(day):
    publish("vip", targets={"first": 600})

    assert target(Kind.FIRST, tier="vip").policy.code == "standard"


def test_names_decide_nothing(day):
    before = [target(kind, priority=priority).due_at for kind in (Kind.FIRST, Kind.RESOLUTION) for priority in range(4)]
    for policy, name in zip(SlaPolicy.objects.order_by("id"), "zyxwvuts", strict=True):
        policy.name_zh = policy.name_en = name
        policy.code = f"{name}-{policy.code}"
        policy.save()

    assert [target(kind, priority=priority).due_at for kind in (Kind.FIRST, Kind.RESOLUTION) for priority in range(4)] == before


def test_of_two_that_fit_the_smaller_rank_counts(day):
    publish("standard", rank=50)

    assert target(Kind.FIRST, priority=3).policy.code == "standard"


@pytest.mark.parametrize("change", [{"is_active": False}, {"targets": {}}, {"targets": {"first": 0, "next": None}}])
def test_without_a_target_the_usual_one_counts(day, change):
    publish("standard", **change)

    assert target(Kind.FIRST).due_at == moment("2026-03-11 10:00")  # the category's own 24 hours
    assert target(Kind.NEXT).due_at == moment("2026-03-10 18:00")
    assert target(Kind.RESOLUTION).due_at == moment("2026-03-13 10:00")


@pytest.mark.parametrize("kept", [(), ("first",), ("next",), ("resolution",), ("first", "resolution"), ("first", "next", "resolution")])
def test_whatever_a_policy_leaves_out_every_clock_ends(day, agent, kept):
    publish("standard", targets={kind: minutes for kind, minutes in SlaPolicy.objects.get(code="standard").targets.items() if kind in kept})

    complaint = make_complaint(Status.OPEN, assignee=agent)
    post_customer_message(complaint, body="什么时候到？")
    post_reply(complaint, body="明天。", by=agent, then="resolve", then_inputs={"reason_code": "x", "liability": {"carrier": 100}}, **ANY)

    assert [run.is_open for run in runs_of(complaint)] == [False] * 3


def test_a_version_that_is_not_yet_in_force_counts_for_nobody(day):
    publish("standard", targets={"first": 1}, effective_from=day.at + timedelta(hours=1))
    before = target(Kind.FIRST).due_at
    day.later(hours=1)

    assert (before, target(Kind.FIRST).due_at) == (moment("2026-03-10 14:00"), moment("2026-03-10 10:01"))


@pytest.mark.parametrize("minutes", [60, 600])
def test_a_new_version_moves_nothing_that_runs(day, agent, minutes):
    complaint = make_complaint()
    before = [(run.pk, run.due_at, run.policy_id) for run in runs_of(complaint)]
    publish("standard", targets={"first": minutes, "next": minutes, "resolution": minutes})
    day.later(minutes=30)
    post_customer_message(complaint, body="还有一件事。")
    post_note(complaint, body="问过了。", by=agent)

    assert [(run.pk, run.due_at, run.policy_id) for run in runs_of(complaint)] == before


def test_what_begins_later_follows_the_new_version(day, agent):
    complaint = make_complaint(Status.OPEN, assignee=agent)
    newer = publish("standard", targets={"next": 30})
    post_customer_message(complaint, body="什么时候到？")

    run = run_of(complaint, Kind.NEXT)
    assert (run.policy, run.due_at) == (newer, moment("2026-03-10 10:30"))


def test_urgency_tightens_from_now_and_starts_nothing_again(day, agent):
    complaint = make_complaint()
    before = runs_of(complaint)
    day.later(hours=1)
    set_priority(complaint, priority=2, by=agent, **ANY)

    after = runs_of(complaint)
    assert [(run.pk, run.started_at) for run in after] == [(run.pk, run.started_at) for run in before]
    assert [run.due_at for run in after] == [moment("2026-03-10 13:00"), moment("2026-03-12 11:00")]
    assert (after[0].consumed_s, after[0].target_s) == (3600, 3 * 3600)


def test_tightening_late_in_the_time_changes_nothing(day, agent):
    complaint = make_complaint()
    day.later(hours=3)
    set_priority(complaint, priority=2, by=agent, **ANY)

    assert run_of(complaint, Kind.FIRST).due_at == moment("2026-03-10 14:00")


def test_urgency_and_calm_again_leave_the_tighter_deadline(day, agent):
    complaint = make_complaint()
    set_priority(complaint, priority=3, by=agent, **ANY)
    set_priority(complaint, priority=1, by=agent, **ANY)

    assert [run.due_at for run in runs_of(complaint)] == [moment("2026-03-10 10:30"), moment("2026-03-11 10:00")]


def test_the_promise_for_a_first_answer_stays_while_the_inner_deadline_tightens(day, agent):
    complaint = make_complaint()
    before = run_of(complaint, Kind.FIRST).promise_at
    set_priority(complaint, priority=3, by=agent, **ANY)

    assert run_of(complaint, Kind.FIRST).promise_at == before
    assert run_of(complaint, Kind.RESOLUTION).promise_at == moment("2026-03-11 10:00")


@pytest.mark.parametrize(("change", "due"), [("vip", "2026-03-10 11:15"), ("green", "2026-03-10 12:00"), ("risk", "2026-03-10 11:15")])
def test_who_the_customer_is_tightens_when_it_becomes_known(day, agent, change, due):
    complaint = make_complaint()
    day.later(hours=1)
    if change == "risk":
        set_risk(complaint, level=4, reason="要找媒体", by=agent, **ANY)
    else:
        fields = {"tier": Customer.Tier.VIP} if change == "vip" else {"is_green": True}
        bind_order(complaint, order=make_order(customer=make_customer(**fields)), by=agent, **ANY)

    assert run_of(complaint, Kind.FIRST).due_at == moment(due)
    assert "clock.recomputed" in kinds(complaint)


def test_a_missed_clock_is_not_tightened(day, agent):
    complaint = make_complaint()
    day.later(hours=5)
    day.sweep()
    before = run_of(complaint, Kind.FIRST)
    set_priority(complaint, priority=3, by=agent, **ANY)

    after = run_of(complaint, Kind.FIRST)
    assert (after.due_at, after.target_s, after.policy_id) == (before.due_at, before.target_s, before.policy_id)


def test_a_live_line_is_answered_by_the_policy_of_its_channel(day, agent):
    complaint = make_complaint(Status.OPEN, assignee=agent)
    day.later(minutes=1)
    post_customer_message(complaint, body="在吗？", channel=Complaint.Channel.CHAT)

    assert run_of(complaint, Kind.NEXT).due_at == moment("2026-03-10 10:04")


def test_a_live_line_hastens_an_answer_that_is_owed_already(day):
    complaint = make_complaint()
    assert run_of(complaint, Kind.FIRST).due_at == moment("2026-03-10 14:00")
    day.later(minutes=1)
    post_customer_message(complaint, body="有人吗？", channel=Complaint.Channel.CHAT)
    assert run_of(complaint, Kind.FIRST).due_at == moment("2026-03-10 10:04")
    day.later(minutes=1)
    post_customer_message(complaint, body="还在等", channel=Complaint.Channel.CHAT)

    assert run_of(complaint, Kind.FIRST).due_at == moment("2026-03-10 10:04")
