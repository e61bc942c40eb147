"""The refund protocol against a provider that loses replies, lands requests late and changes its mind: no order of events pays twice.

Three known wrong ways of judging are tried as well: a search that does not catch them would prove nothing.
"""

import os
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from workflows.gateways.base import Answer, Capabilities, Kind
from workflows.machines.refund import REFUND, RefundState
from workflows.money.verdicts import Standing, Verdict, judge

CAPTURED, AMOUNT, CURRENCY = 1000, 600, "CNY"
RULES = Capabilities(
    key_ttl=timedelta(hours=24),
    min_query_delay=timedelta(seconds=10),
    settle_horizon=timedelta(hours=1),
    max_age=None,
    min_gap=None,
    max_partials=None,
    can_retry_bounced=True,
)
LEASE, APART = timedelta(seconds=120), timedelta(minutes=10)
RUNS = 10_000 if os.environ.get("BIHUAN_LONG") else 250
UNSURE = Answer(Kind.AMBIGUOUS, code="TimeLimit")


@dataclass
class Provider:
    """What is true at the provider, whatever it says. A request in the air lands within the settle horizon or never."""

    ledger: dict[str, str] = field(default_factory=dict)
    in_the_air: dict[str, timedelta] = field(default_factory=dict)

    def land(self, key: str, outcome: str) -> None:
        """The same key is the same refund: a second request under it changes nothing."""
        self.ledger.setdefault(key, outcome)

    def say(self, key: str) -> Answer:
        kind = Kind(self.ledger.get(key, "absent"))
        paid = {"amount_minor": AMOUNT, "currency": CURRENCY} if kind is Kind.PAID else {}
        return Answer(kind, code="REFUSED" if kind is Kind.DECLINED else "", authenticated=True, **paid)

    @property
    def paid(self) -> int:
        return AMOUNT * list(self.ledger.values()).count("paid")


@dataclass
class Row:
    """Our side of one refund."""

    key: str
    state: str = RefundState.QUEUED
    sent_at: timedelta = timedelta(0)
    asked: int = 0
    pending_code: str = ""
    unpaid_at: list[timedelta] = field(default_factory=list)


class Protocol(RuleBasedStateMachine):
    """Time stands still between rules; ``wait`` moves it."""

    limits = RULES

    def judge(self, standing: Standing, answer: Answer) -> Verdict:
        return judge(standing, answer, self.limits)

    def key_of(self, row: Row) -> str:
        """Under which number a refund is sent."""
        return row.key

    def __init__(self) -> None:
        super().__init__()
        self.provider, self.now, self.numbers = Provider(), timedelta(0), count(1)
        self.held = self.refunded = 0
        self.rows: list[Row] = []

    @initialize()
    def begin(self) -> None:
        self.create()

    @property
    def row(self) -> Row:
        return self.rows[-1]

    def create(self) -> None:
        self.rows.append(Row(f"RF{next(self.numbers)}"))
        self.held += AMOUNT

    def apply(self, answer: Answer) -> None:
        row = self.row
        standing = Standing(row.state, AMOUNT, CURRENCY, row.asked, self.now - row.sent_at, row.pending_code)
        verdict = self.judge(standing, answer)
        row.asked += 1
        row.pending_code = verdict.pending_code or row.pending_code
        if verdict.shows_unpaid:
            row.unpaid_at.append(self.now)
        if verdict.verb:
            self.move(verdict.verb)

    def move(self, verb: str) -> None:
        declared = REFUND.verb(verb)
        assert self.row.state in declared.sources
        before, self.row.state = self.row.state, declared.targets[0]
        if verb == "mark_paid":
            self.held, self.refunded = self.held - AMOUNT, self.refunded + AMOUNT
        elif verb == "mark_bounced" and before == RefundState.SUCCEEDED:
            self.held, self.refunded = self.held + AMOUNT, self.refunded - AMOUNT
        elif self.row.state == RefundState.VOIDED:
            self.held -= AMOUNT

    @precondition(lambda self: self.row.state == RefundState.QUEUED)
    @rule(
        fate=st.sampled_from(["answered", "reply_lost", "never_arrived", "in_the_air", "worker_died", "unproven_refusal"]),
        outcome=st.sampled_from(["paid", "processing", "declined", "bounced"]),
    )
    def send(self, fate: str, outcome: str) -> None:
        row, key = self.row, self.key_of(self.row)
        row.state, row.sent_at = RefundState.SUBMITTING, self.now
        if fate == "in_the_air":
            self.provider.in_the_air[key] = self.now + self.limits.settle_horizon
        elif fate in {"answered", "reply_lost", "worker_died"}:
            self.provider.land(key, outcome)
        if fate == "worker_died":
            self.now += LEASE
        if fate == "answered":
            self.apply(self.provider.say(key))
        elif fate == "unproven_refusal":
            self.apply(Answer(Kind.DECLINED, code="REFUSED"))
        else:
            self.apply(UNSURE)

    @precondition(lambda self: self.row.state != RefundState.QUEUED)
    @rule(is_heard=st.booleans())
    def ask(self, is_heard: bool) -> None:
        """A question that is due, or one that a notice called for."""
        self.apply(self.provider.say(self.key_of(self.row)) if is_heard else UNSURE)

    @rule(minutes=st.sampled_from([1, 11, 30, 61, 60 * 25]))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        self.provider.in_the_air = {key: until for key, until in self.provider.in_the_air.items() if until > self.now}

    @precondition(lambda self: self.provider.in_the_air)
    @rule(outcome=st.sampled_from(["paid", "processing"]))
    def land_late(self, outcome: str) -> None:
        key = next(iter(self.provider.in_the_air))
        del self.provider.in_the_air[key]
        self.provider.land(key, outcome)

    @precondition(lambda self: "processing" in self.provider.ledger.values())
    @rule(outcome=st.sampled_from(["paid", "bounced", "declined"]))
    def finish_there(self, outcome: str) -> None:
        key = next(key for key, state in self.provider.ledger.items() if state == "processing")
        self.provider.ledger[key] = outcome

    @precondition(lambda self: "paid" in self.provider.ledger.values())
    @rule()
    def come_back(self) -> None:
        """A dead card: what was paid comes back to the shop."""
        key = next(key for key, state in self.provider.ledger.items() if state == "paid")
        self.provider.ledger[key] = "bounced"

    @precondition(lambda self: self.row.state in {RefundState.FAILED, RefundState.BOUNCED})
    @rule()
    def close_unpaid(self) -> None:
        """R15, and then a new refund may exist."""
        row = self.row
        proven = len(row.unpaid_at) >= 2 and row.unpaid_at[-1] - row.unpaid_at[0] >= APART
        if proven and self.now - row.sent_at > self.limits.settle_horizon:
            self.move("close_unpaid")
            self.create()

    @invariant()
    def the_customer_is_paid_once(self) -> None:
        assert self.provider.paid <= AMOUNT

    @invariant()
    def never_more_than_came_in(self) -> None:
        assert self.provider.paid <= CAPTURED
        assert 0 <= self.held + self.refunded <= CAPTURED

    @invariant()
    def what_left_is_on_our_books(self) -> None:
        assert self.provider.paid <= self.refunded + self.held


class ReleasesOnError(Protocol):
    """Wrong: an error ends the refund and lets go of the money, and somebody makes a new one."""

    def judge(self, standing, answer):
        if answer.kind is Kind.AMBIGUOUS and standing.state == RefundState.SUBMITTING:
            return Verdict("give_up")
        return super().judge(standing, answer)

    def move(self, verb):
        if verb != "give_up":
            return super().move(verb)
        self.held -= AMOUNT
        self.row.state = RefundState.VOIDED
        return self.create()


class FreshKeyPerTry(Protocol):
    """Wrong: each try goes under a number of its own."""

    def key_of(self, row):
        return f"{row.key}-{row.asked}"


class UnknownIsFailed(Protocol):
    """Wrong: no answer is a refusal, and what was refused may be closed at once."""

    def judge(self, standing, answer):
        if answer.kind is Kind.AMBIGUOUS and standing.state == RefundState.SUBMITTING:
            return Verdict("mark_declined")
        return super().judge(standing, answer)

    def close_unpaid(self):
        self.move("close_unpaid")
        self.create()

    close_unpaid = precondition(lambda self: self.row.state == RefundState.FAILED)(rule()(close_unpaid))


def search(machine: type[Protocol], *, runs: int = RUNS) -> None:
    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
    plan = settings(max_examples=runs, stateful_step_count=30, deadline=None, derandomize=True, database=None, suppress_health_check=checks)
    run_state_machine_as_test(machine, settings=plan)


def test_no_order_of_events_pays_twice():
    search(Protocol)


@pytest.mark.parametrize("wrong", [ReleasesOnError, FreshKeyPerTry, UnknownIsFailed], ids=lambda machine: machine.__name__)
def test_known_wrong_ways_are_caught(wrong):
    with pytest.raises(AssertionError):
        search(wrong)


class Directed(Protocol):
    """Steps in an order of our own."""

    @staticmethod
    def begun() -> "Directed":
        machine = Directed()
        machine.begin()
        return machine


def test_a_request_that_lands_after_it_was_called_absent_is_waited_for():
    """T4: refused, proven absent twice, and the first request still in the air: no new refund before the horizon."""
    machine = Directed.begun()
    machine.send("unproven_refusal", "paid")
    machine.provider.in_the_air[machine.row.key] = machine.now + RULES.settle_horizon
    machine.wait(1)
    machine.ask(is_heard=True)
    machine.ask(is_heard=True)
    machine.wait(11)
    machine.ask(is_heard=True)
    machine.close_unpaid()

    assert (machine.row.state, len(machine.rows)) == (RefundState.FAILED, 1)

    machine.wait(61)
    machine.close_unpaid()

    assert (machine.rows[0].state, len(machine.rows), machine.provider.in_the_air) == (RefundState.VOIDED, 2, {})
