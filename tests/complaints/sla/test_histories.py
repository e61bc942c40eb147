"""Random lives of a complaint: deadlines, and what was missed, are those of somebody who looks at the wall every minute.

BIHUAN_LONG=1 lives thousands of lives instead of a few dozen.
"""

import os
from collections import Counter
from datetime import timedelta

from django.db import connection, transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from complaints.models import Clock, SlaPolicy
from complaints.services import (
    hand_back,
    hand_over,
    post_customer_message,
    post_reply,
    resume_complaint,
    retract_message,
    set_priority,
    snooze_complaint,
    withdraw_complaint,
)
from complaints.services.clocks import run_due_clocks
from complaints.services.timers import run_timers
from complaints.sla.policies import forget_policies
from config.clock_invariants import CLOCK_FAULTS
from tests.complaints.builders import fresh
from tests.complaints.sla.builders import ANY, moment, runs_of
from tests.complaints.sla.slow_clocks import SHIPPED, SlowComplaint
from tests.factories import make_complaint

LIVES = int(os.environ.get("BIHUAN_LIVES", 3000)) if os.environ.get("BIHUAN_LONG") else 25
MIDNIGHT = moment("2026-03-10 00:00")
ASKING = {"then": "ask_customer"}
RESULT = {"then": "resolve", "then_inputs": {"reason_code": "x", "liability": {"carrier": 100}}}
WORKED = {"open", "waiting_customer", "waiting_internal"}
STEPS = [
    "sweep", "message", "reply", "ask", "resolve", "take back", "hand over", "hand back", "snooze", "withdraw", "resume", "priority",
    "timers", "policy",
]  # fmt: skip
lives = st.lists(
    st.tuples(st.sampled_from(STEPS), st.one_of(st.integers(1, 60), st.integers(1, 900), st.integers(1, 6000)), st.integers(0, 3)),
    min_size=4,
    max_size=18,
)


class Life:
    """A complaint in the house and the same one on paper."""

    def __init__(self, day, agent):
        self.day, self.agent = day, agent
        day.go(moment("2026-03-10 10:00"))
        self.complaint = make_complaint(assignee=agent)
        self.paper = SlowComplaint(now=600)

    def live(self, what: str, minutes: int, number: int) -> None:
        self.day.later(minutes=minutes)
        self.paper.wait(minutes)
        STEP[what](self, number)

    def sweep(self, _number: int) -> None:
        while run_due_clocks():
            pass
        self.paper.sweep()

    def timers(self, _number: int) -> None:
        run_timers()
        self.paper.timers()

    def message(self, _number: int) -> None:
        if self.paper.status in ("resolved", "closed") and self.day.at > fresh(self.complaint).resolved_at + timedelta(days=14):
            return  # a new complaint
        post_customer_message(self.complaint, body="还有一个问题。")
        self.paper.message()

    def reply(self, _number: int) -> None:
        if self.paper.status in WORKED | {"new"}:
            post_reply(self.complaint, body="您好。", by=self.agent, **ANY)
            self.paper.reply()

    def ask(self, _number: int) -> None:
        if self.paper.status in ("new", "open") and self.paper.asked < 2:
            post_reply(self.complaint, body="请补充。", by=self.agent, **ASKING, **ANY)
            self.paper.reply("ask_customer")

    def resolve(self, _number: int) -> None:
        if self.paper.status in WORKED:
            post_reply(self.complaint, body="已补发。", by=self.agent, **RESULT, **ANY)
            self.paper.reply("resolve")

    def take_back(self, _number: int) -> None:
        if self.paper.status in WORKED | {"new"}:
            retract_message(post_reply(self.complaint, body="您好。", by=self.agent, **ANY), by=self.agent)
            self.paper.reply_and_take_it_back()

    def hand_over(self, _number: int) -> None:
        if self.paper.status == "open":
            tomorrow = (self.day.at + timedelta(days=1)).date()
            hand_over(self.complaint, department="warehouse", owner="小陈", expected_on=tomorrow, by=self.agent, **ANY)
            self.paper.hand_over()

    def hand_back(self, _number: int) -> None:
        if self.paper.status == "waiting_internal":
            hand_back(self.complaint, summary="已找到。", by=self.agent, **ANY)
            self.paper.hand_back()

    def snooze(self, number: int) -> None:
        minutes = (number + 1) * 45
        until = self.day.at + timedelta(minutes=minutes)
        if self.paper.status in ("open", "waiting_internal") and until <= fresh(self.complaint).due_at:
            snooze_complaint(self.complaint, until=until, reason="等回电", by=self.agent, **ANY)
            self.paper.snooze(self.paper.now + minutes)

    def withdraw(self, number: int) -> None:
        if number == 0 and self.paper.status in WORKED | {"new", "snoozed", "resolved"}:
            withdraw_complaint(self.complaint, as_customer=True)
            self.paper.withdraw()

    def resume(self, _number: int) -> None:
        if self.paper.status == "withdrawn" and self.day.at <= fresh(self.complaint).closed_at + timedelta(days=14):
            resume_complaint(self.complaint, as_customer=True)
            self.paper.resume()

    def priority(self, number: int) -> None:
        if self.paper.status in WORKED | {"new", "snoozed"}:
            set_priority(self.complaint, priority=number, by=self.agent, **ANY)
            self.paper.set_priority(number)

    def policy(self, number: int) -> None:
        """Another version for normal complaints: what runs stays, what begins follows it."""
        hours, *minutes = SHIPPED[1]
        factor = (1, 2, 3, 5)[number]
        policy = SlaPolicy.objects.filter(code="standard").order_by("-version")[0]
        targets = [each * factor // 2 for each in minutes]
        policy.pk, policy.version = None, policy.version + 1
        policy.targets = dict(zip(("first", "next", "resolution"), targets, strict=True))
        policy.save(force_insert=True)
        forget_policies()
        self.paper.policies = self.paper.policies | dict.fromkeys((0, 1), (hours, *targets))

    def compare(self) -> None:
        row = fresh(self.complaint)
        assert (row.status, row.priority, row.cycle) == (self.paper.status, self.paper.priority, self.paper.cycle)
        kept = [(run.kind, run.cycle, minute(run.started_at), run.state, minute(run.missed_at)) for run in runs_of(row)]
        written = [(each.kind, each.cycle, each.started, each.state, each.missed) for each in self.paper.clocks]
        assert kept == written
        due = [minute(run.due_at) for run in runs_of(row) if run.state == "running"]
        assert due == [self.paper.due(each) for each in self.paper.clocks if each.state == "running"]


STEP = {
    "sweep": Life.sweep, "timers": Life.timers, "message": Life.message, "reply": Life.reply, "ask": Life.ask, "resolve": Life.resolve,
    "take back": Life.take_back, "hand over": Life.hand_over, "hand back": Life.hand_back, "snooze": Life.snooze,
    "withdraw": Life.withdraw, "resume": Life.resume, "priority": Life.priority, "policy": Life.policy,
}  # fmt: skip


def minute(at) -> int | None:
    return None if at is None else round((at - MIDNIGHT).total_seconds() / 60)


def assert_each_rung_once(complaint) -> None:
    fired = ("clock.warned", "clock.missed", "clock.escalated")
    events = complaint.events.filter(kind__in=fired)
    told = Counter((event.codes["run"], event.codes["rung"]) for event in events)
    rows = Clock.objects.filter(complaint=complaint, fired_at__isnull=False, threshold__gte=50)
    assert told == Counter(rows.values_list("run_id", "threshold"))
    with connection.cursor() as cursor:
        cursor.execute(CLOCK_FAULTS, {"late": 10**9})
        assert cursor.fetchall() == []


def test_the_shipped_targets_are_those_on_paper(day):
    kinds = ("first", "next", "resolution")
    for code, priority in (("standard", 1), ("high", 2), ("urgent", 3)):
        policy = SlaPolicy.objects.select_related("calendar").get(code=code)
        assert (policy.calendar.code, *[policy.targets[kind] for kind in kinds]) == SHIPPED[priority]


@given(steps=lives)
@example(steps=[("ask", 1, 0), ("priority", 1, 2), ("message", 1, 0)])
@settings(max_examples=LIVES, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_life_is_kept_as_it_would_be_on_paper(day, agent, steps):
    with transaction.atomic():
        life = Life(day, agent)
        for step in steps:
            life.live(*step)
            life.compare()
        life.sweep(0)
        life.compare()
        assert_each_rung_once(life.complaint)
        transaction.set_rollback(True)
    forget_policies()
