"""Simulating the policies that were in force gives what really happened; others are compared with that."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.services import load_calendars
from complaints.models import ClockRun, Complaint
from complaints.services import post_customer_message, post_reply
from complaints.services.clocks import run_due_clocks
from complaints.services.pauses import pause_clock
from complaints.services.policies import newest_policies
from complaints.sla.defaults import load_sla_defaults
from complaints.sla.drafts import PolicyDraft
from complaints.sla.history import read_history
from complaints.sla.policies import forget_policies, read_policies
from complaints.sla.samples import with_drafts
from complaints.sla.simulator import is_missed, simulate
from foundation.exceptions import ReasonedError
from tests.complaints.builders import at, fresh
from tests.factories import make_complaint, make_customer, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _shipped(db):
    load_calendars()
    load_sla_defaults()
    forget_policies()
    yield
    forget_policies()


def live_through(chance: Random, agent) -> Complaint:
    """A complaint with replies, questions and answers over some days of November."""
    with at("2026-11-09 09:30") as moment:
        complaint = make_complaint(assignee=agent, customer=make_customer(tier=chance.choice(["standard", "vip"])))
    for _step in range(6):
        moment += timedelta(minutes=chance.randrange(1, 700), seconds=chance.randrange(60))
        with at(moment.strftime("%Y-%m-%d %H:%M:%S")):
            try:
                if chance.random() < 0.5:
                    post_customer_message(fresh(complaint), body="在吗")
                else:
                    then = chance.choice(["", "ask_customer"])
                    post_reply(fresh(complaint), body="我们在查", by=agent, expected_version=None, then=then)
            except ReasonedError:
                continue
    return complaint


def past(most: int = 5000):
    until = timezone.now()
    return read_history(Complaint.objects.all(), since=until - timedelta(days=60), until=until, most=most)


@pytest.mark.parametrize("seed", range(6))
def test_what_was_in_force_gives_what_really_happened(seed):
    complaint = live_through(Random(seed), make_user())  # noqa: S311 - a story, no secret
    runs, policies, compared = ClockRun.objects.order_by("id"), read_policies(), 0

    for run, clock in zip(runs, past().clocks, strict=True):
        was_tightened = complaint.events.filter(kind="clock.recomputed", codes__run=run.pk).exists()
        if run.ended_at and not was_tightened and run.policy.code != "high":
            # What was missed raised the priority; the clock itself began with the one before.
            then = replace(clock, facts=replace(clock.facts, priority=complaint.priority))
            assert is_missed(then, policies) == (run.missed_at is not None)
            compared += 1
    assert compared


def test_looser_promises_are_kept_more_often_and_stricter_ones_less():
    for seed in range(3):
        live_through(Random(seed), make_user())  # noqa: S311 - a story, no secret
    before, clocks = read_policies(), past().clocks
    base = PolicyDraft.of(newest_policies()["standard"])

    def missed(minutes: int) -> int:
        draft = replace(base, targets=dict.fromkeys(["first", "next", "resolution"], minutes))
        found = simulate(clocks, before=before, after=with_drafts(before, [draft]))
        assert len(found.worse) - len(found.better) == total(found.after) - total(found.before)
        return total(found.after)

    assert missed(1) > missed(240) >= missed(20_000)


def total(tallies) -> int:
    return sum(tally.missed for tally in tallies.values())


def test_of_too_many_clocks_an_even_part_is_taken():
    for _each in range(4):
        make_complaint()

    history = past(most=4)

    assert (history.total, history.step) == (8, 2)
    assert len(history.clocks) == 4


def test_what_somebody_paused_by_hand_did_not_run():
    complaint = make_complaint()
    pause_clock(complaint, reason="regulator", until=timezone.now() + timedelta(days=1), by=None)
    run = ClockRun.objects.get(complaint=complaint, kind="resolution")

    clock = next(each for each in past().clocks if each.kind == "resolution")

    assert clock.spans == [(run.started_at, run.counted_at)]


def test_the_command_prints_both_sides_and_writes_nothing(capsys):
    live_through(Random(1), make_user())  # noqa: S311 - a story, no secret
    run_due_clocks()
    before = Complaint.objects.get().version

    call_command("simulate_policy", "sale")

    assert "first: kept" in capsys.readouterr().out
    assert Complaint.objects.get().version == before and newest_policies()["standard"].version == 1
