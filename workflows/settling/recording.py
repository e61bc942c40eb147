"""Writing down what a provider said, in a transaction of its own: the verdict's verb, the books, what follows for the case."""

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from foundation.failpoints import failpoint
from workflows.gateways.base import Answer, Capabilities
from workflows.machines.refund import RefundState
from workflows.models import Anomaly, LedgerEntry, Refund, RefundAttempt
from workflows.money import counters, ledger
from workflows.money.desk import ANOMALY, SECOND, SLOW, STUCK, UNKNOWN, end_refund_tasks, open_once, open_refund_task
from workflows.money.facts import move_refund
from workflows.money.verdicts import Standing, Verdict, judge
from workflows.services.act import CaseAct, lock_act
from workflows.services.failing import put_track_failed
from workflows.services.refund_rescue import end_failed
from workflows.services.settling import put_settled
from workflows.settling.calls import NEVER, RELATED, Errand

S, Call = RefundState, RefundAttempt.Call
TOO_LONG_UNKNOWN, TOO_LONG_UNDER_WAY = timedelta(minutes=30), timedelta(days=7)
# While a second person is waited for, the proof that it was not paid is completed: two questions, ten minutes apart.
NEXT_PROOF = timedelta(minutes=10, seconds=5)


class Heard(NamedTuple):
    """An answer with what is needed to judge it."""

    answer: Answer
    sent_for: timedelta
    limits: Capabilities
    call: str


@transaction.atomic(durable=True)
def record_answer(errand: Errand, answer: Answer, limits: Capabilities) -> bool:
    """Judge an answer and write down what it means. False: the lease was lost meanwhile, so somebody else asks anew."""
    failpoint("refund.before_record", errand.refund.pk)
    act = lock_act(errand.refund, "record", by=None, related=RELATED)
    refund: Refund = act.subject
    if refund.fence != errand.refund.fence:
        return False
    _keep_answer(errand.attempt, answer)
    heard = Heard(answer, _sent_for(refund), limits, errand.attempt.call)
    verdict = judge(_standing_of(refund, heard), answer, limits)
    put_verdict(act, refund, verdict, heard)
    act.finish()
    return True


def put_verdict(act: CaseAct, refund: Refund, verdict: Verdict, heard: Heard) -> None:
    """The anomaly first: it freezes the payment whatever else is written. Then the verb, and when to look again."""
    if verdict.anomaly:
        put_anomaly(act, refund, verdict.anomaly)
    if verdict.verb:
        codes = {"code": heard.answer.code[:60]} if heard.answer.code else {}
        act.check(refund, verdict.verb, answer=heard.answer, sent_for=heard.sent_for)
        PUT.get(verdict.verb, _put_move)(act, refund, verdict, codes)
    elif refund.state in (S.UNKNOWN, S.PROCESSING):
        _mind_waiting(act, refund, heard.sent_for)
    _look_again(refund, verdict, heard)


def put_anomaly(act: CaseAct, refund: Refund, kind: str) -> None:
    """Money that does not fit: one open anomaly of a kind for each refund, and nothing leaves its payment until finance has looked."""
    if not Anomaly.objects.filter(refund=refund, kind=kind, closed_at__isnull=True).exists():
        Anomaly.objects.create(balance_id=refund.balance_id, refund=refund, kind=kind, codes={"state": refund.state})
        act.note("refund.anomaly", codes={"case": act.case.pk, "refund": refund.pk, "kind": kind, "state": refund.state})
    counters.freeze(refund.balance_id, kind)
    open_refund_task(act, refund, ANOMALY)


def _put_move(act: CaseAct, refund: Refund, verdict: Verdict, codes: dict) -> None:
    """Accepted, under way, unclear, or to be sent again: the money has not moved."""
    move_refund(act, refund, verdict.verb, codes=codes)
    end_refund_tasks(act, refund, UNKNOWN)
    if refund.state == S.PROCESSING:
        act.tell("case_refund_sent", amount_fen=refund.amount_fen, currency=refund.currency)


def _put_paid(act: CaseAct, refund: Refund, verdict: Verdict, codes: dict) -> None:
    """R8: what was held is paid, the books say who bears it, and the case may be done."""
    move_refund(act, refund, "mark_paid", codes=codes, settled_at=act.at)
    act.note("refund.succeeded", codes=_money_codes(act, refund, ledger.post_paid(refund)))
    _end_worries(act, refund)
    act.tell("case_refund_paid", amount_fen=refund.amount_fen, currency=refund.currency)
    put_settled(act)


def _put_declined(act: CaseAct, refund: Refund, verdict: Verdict, codes: dict) -> None:
    """R12: held still, until finance sends it again or two people close it."""
    move_refund(act, refund, "mark_declined", codes=codes, code=codes.get("code") or refund.code)
    end_refund_tasks(act, refund, UNKNOWN, SLOW)
    put_track_failed(act, refund)


def _put_bounced(act: CaseAct, refund: Refund, verdict: Verdict, codes: dict) -> None:
    """R13: money that came back is held again, and the ledger says so."""
    was_paid = refund.state == S.SUCCEEDED
    move_refund(act, refund, "mark_bounced", codes=codes, code=codes.get("code", ""), settled_at=None)
    act.note("refund.bounced", codes=_money_codes(act, refund, ledger.post_returned(refund) if was_paid else []))
    end_refund_tasks(act, refund, UNKNOWN, SLOW)
    put_track_failed(act, refund)


PUT: dict[str, Callable[[CaseAct, Refund, Verdict, dict], None]] = {
    "mark_paid": _put_paid,
    "mark_declined": _put_declined,
    "mark_bounced": _put_bounced,
}


def _money_codes(act: CaseAct, refund: Refund, legs: list[LedgerEntry]) -> dict:
    """What metrics read; nobody bears what came back before it had counted as paid."""
    bearers = {leg.account for leg in legs} - {LedgerEntry.Account.CUSTOMER, LedgerEntry.Account.PROVIDER}
    return {
        "case": act.case.pk,
        "refund": refund.pk,
        "fen": refund.amount_fen,
        "currency": refund.currency,
        "kind": str(refund.purpose),
        "bearer": str(next(iter(bearers), "")) if len(bearers) < 2 else "shared",
    }


def _end_worries(act: CaseAct, refund: Refund) -> None:
    end_refund_tasks(act, refund, UNKNOWN, SLOW, STUCK, SECOND)
    end_failed(act)


def _mind_waiting(act: CaseAct, refund: Refund, sent_for: timedelta) -> None:
    """What nobody knows for half an hour, or what is under way for a week, is on the desk of finance, once."""
    if refund.state == S.UNKNOWN and sent_for > TOO_LONG_UNKNOWN:
        open_once(act, refund, UNKNOWN)
    if refund.state == S.PROCESSING and sent_for > TOO_LONG_UNDER_WAY:
        open_once(act, refund, SLOW)


def _look_again(refund: Refund, verdict: Verdict, heard: Heard) -> None:
    """The lease is over; when it is looked at next, by the clock of the database."""
    pause = verdict.ask_in
    if pause is None and refund.closing_by_id and refund.unpaid_seen + verdict.shows_unpaid < 2:
        pause = NEXT_PROOF
    changes = {
        "next_at": NEVER if pause is None else Now() + pause,
        "asked_count": F("asked_count") + int(heard.call == Call.QUERY),
        "unpaid_seen": F("unpaid_seen") + int(verdict.shows_unpaid),
    }
    if verdict.pending_code:
        changes["code"] = verdict.pending_code[:60]
    Refund.objects.filter(pk=refund.pk).update(claimed_by="", attempts=0, **changes)


def _keep_answer(attempt: RefundAttempt, answer: Answer) -> None:
    RefundAttempt.objects.filter(pk=attempt.pk).update(
        answered_at=Now(), answer=answer.kind, code=answer.code[:60], is_authenticated=answer.authenticated, raw=answer.raw
    )


def _standing_of(refund: Refund, heard: Heard) -> Standing:
    pending = refund.code if refund.state == S.UNKNOWN else ""
    return Standing(refund.state, refund.amount_fen, refund.currency, refund.asked_count, heard.sent_for, pending)


def _sent_for(refund: Refund) -> timedelta:
    """Since it was last sent, by one clock: that of the database."""
    sent = Refund.objects.filter(pk=refund.pk, submitted_at__isnull=False).values_list(Now() - F("submitted_at"), flat=True).first()
    return sent if sent is not None else timedelta(0)
