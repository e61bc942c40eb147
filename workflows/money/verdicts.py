"""What an answer of a payment provider means for a refund: pure, so that every order of events can be tried.

The rule behind all of it: unknown is not failed. Only a proven, listed refusal declines; only a proven absence, asked late enough,
sends again, and under the same key; everything else asks once more. (Machine: ``workflows.machines.refund``)
"""

from dataclasses import dataclass
from datetime import timedelta

from workflows.gateways.base import Answer, Capabilities, Kind
from workflows.machines.refund import RefundState as State

# How long to wait before the next question, by how often it was asked; the last holds for ever.
ASK_AFTER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 10, 20, 30))
BEING_SENT = State.SUBMITTING
UNDER_WAY = frozenset({State.PROCESSING, State.UNKNOWN})


@dataclass(frozen=True)
class Standing:
    """What is known of a refund when an answer comes. ``sent_for``: since it was last sent. ``pending_code``: a refusal not yet proven."""

    state: str
    amount_minor: int
    currency: str
    asked_count: int = 0
    sent_for: timedelta = timedelta(0)
    pending_code: str = ""


@dataclass(frozen=True)
class Verdict:
    """``verb`` None: the state stays. ``ask_in`` None: nobody asks by themselves any more. An ``anomaly`` freezes the payment.

    ``pending_code`` is a refusal to be remembered until a question proves it; empty leaves what is remembered.
    """

    verb: str | None = None
    ask_in: timedelta | None = None
    anomaly: str = ""
    pending_code: str = ""
    shows_unpaid: bool = False


def judge(standing: Standing, answer: Answer, capabilities: Capabilities) -> Verdict:
    """The verdict on one answer, whether it came to the request itself or to a question."""
    if not answer.authenticated and answer.kind is not Kind.AMBIGUOUS:
        return _unproven(standing, answer, capabilities)
    return _JUDGES[answer.kind](standing, answer, capabilities)


def ask_again_in(standing: Standing, capabilities: Capabilities) -> timedelta:
    """How long to wait before the provider is asked: never sooner than it can know."""
    pause = ASK_AFTER[min(standing.asked_count, len(ASK_AFTER) - 1)]
    too_early = (capabilities.min_query_delay or timedelta(0)) - standing.sent_for
    return max(pause, too_early) if standing.state != BEING_SENT else max(too_early, timedelta(seconds=10))


def _unproven(standing: Standing, answer: Answer, capabilities: Capabilities) -> Verdict:
    """Nobody knows who said it. A refusal is remembered: if a question then shows nothing paid and nothing under way, it holds."""
    return _unclear(standing, capabilities, pending_code=answer.code if answer.kind is Kind.DECLINED else "")


def _unclear(standing: Standing, capabilities: Capabilities, **more) -> Verdict:
    if standing.state == BEING_SENT:
        return Verdict("mark_unknown", ask_again_in(standing, capabilities), **more)
    return Verdict(None, ask_again_in(standing, capabilities) if standing.state in UNDER_WAY else None, **more)


def _paid(standing: Standing, answer: Answer, capabilities: Capabilities) -> Verdict:
    if (answer.amount_minor, answer.currency) != (standing.amount_minor, standing.currency):
        return _unclear(standing, capabilities, anomaly="other_amount")
    if standing.state == State.VOIDED:
        return Verdict(anomaly="paid_after_void")
    if standing.state == State.FAILED:
        return Verdict("mark_paid", anomaly="paid_after_failure")
    return Verdict("mark_paid") if standing.state in UNDER_WAY | {BEING_SENT} else Verdict()


def _processing(standing: Standing, _answer: Answer, capabilities: Capabilities) -> Verdict:
    verb = {BEING_SENT: "accept", State.UNKNOWN: "mark_processing"}.get(standing.state)
    return Verdict(verb, ask_again_in(standing, capabilities) if standing.state in UNDER_WAY | {BEING_SENT} else None)


def _declined(standing: Standing, _answer: Answer, _capabilities: Capabilities) -> Verdict:
    return Verdict("mark_declined") if standing.state in UNDER_WAY | {BEING_SENT} else Verdict(shows_unpaid=True)


def _bounced(standing: Standing, _answer: Answer, _capabilities: Capabilities) -> Verdict:
    may_bounce = standing.state in UNDER_WAY | {BEING_SENT, State.SUCCEEDED}
    return Verdict("mark_bounced") if may_bounce else Verdict(shows_unpaid=True)


def _absent(standing: Standing, _answer: Answer, capabilities: Capabilities) -> Verdict:
    """It may only be too early to know. Past the life of the key the same number may be another refund: people decide."""
    if standing.state == State.PROCESSING:
        return Verdict(None, ask_again_in(standing, capabilities), anomaly="vanished")
    if standing.state == State.UNKNOWN:
        return _absent_from_unknown(standing, capabilities)
    return Verdict(shows_unpaid=True) if standing.state in {State.FAILED, State.BOUNCED} else _unclear(standing, capabilities)


def _absent_from_unknown(standing: Standing, capabilities: Capabilities) -> Verdict:
    if standing.sent_for < (capabilities.min_query_delay or timedelta(0)):
        return Verdict(None, ask_again_in(standing, capabilities))
    if standing.pending_code:
        return Verdict("mark_declined")
    if capabilities.key_ttl is not None and standing.sent_for >= capabilities.key_ttl:
        return Verdict(None, ASK_AFTER[-1])
    return Verdict("mark_absent", timedelta(0))


_JUDGES = {
    Kind.PAID: _paid,
    Kind.PROCESSING: _processing,
    Kind.DECLINED: _declined,
    Kind.BOUNCED: _bounced,
    Kind.ABSENT: _absent,
    Kind.AMBIGUOUS: lambda standing, _answer, capabilities: _unclear(standing, capabilities),
}
