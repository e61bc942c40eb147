"""Taking up what is due: on record and committed before anything is sent. (returns.md 4.2, R6, R9)"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import F, Max, QuerySet
from django.db.models.functions import Now

from foundation.failpoints import failpoint
from foundation.leases import MAX_CRASHES, worker_name
from workflows.gateways.base import Answer, Payee, RefundGateway, RefundRequest
from workflows.machines.refund import UNSENT, RefundState
from workflows.models import Refund, RefundAttempt
from workflows.money.desk import STUCK, open_refund_task
from workflows.money.draw import capabilities_of
from workflows.money.facts import move_refund
from workflows.services.act import CaseAct, lock_act

S, Call = RefundState, RefundAttempt.Call
LEASE = timedelta(seconds=120)
# Nobody looks at it by themselves any more; a notice or finance makes it due again.
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
RELATED = ("balance__payment",)


@dataclass(frozen=True)
class Errand:
    """One call to be made: committed, and valid as long as the refund carries the same fence."""

    refund: Refund
    attempt: RefundAttempt

    @property
    def request(self) -> RefundRequest:
        refund = self.refund
        return RefundRequest(
            out_refund_no=refund.out_refund_no,
            transaction_id=refund.balance.payment.external_id,
            amount_minor=refund.amount_fen,
            total_minor=refund.balance.captured_fen,
            currency=refund.currency,
        )

    def make(self, gateway: RefundGateway) -> Answer:
        """The call itself, outside every transaction. Whatever goes wrong in it is an unclear answer, never a failure."""
        failpoint("refund.before_call", self.refund.pk)
        if self.attempt.call == Call.QUERY:
            answer = gateway.query(self.request)
        elif self.attempt.call == Call.RETRY:
            answer = gateway.retry_bounced(self.request, Payee())
        else:
            answer = gateway.submit(self.request)
        failpoint("refund.after_call", self.refund.pk)
        return answer


def due_refunds() -> QuerySet[Refund]:
    """What is to be sent, asked about, or has outlived its lease. What killed its workers five times waits for finance."""
    return Refund.objects.filter(next_at__lte=Now(), attempts__lte=MAX_CRASHES).exclude(state__in=UNSENT)


def take_errand(refund_id: int) -> Errand | None:
    """Claim one due refund for two minutes. None: somebody else has it, it is due no more, or it needed no call."""
    with transaction.atomic(durable=True):
        errand = _claim(refund_id)
    if errand is not None:
        failpoint("refund.after_submit_commit", refund_id)
    return errand


def _claim(refund_id: int) -> Errand | None:
    free = due_refunds().filter(pk=refund_id).select_related("case").select_for_update(of=("case",), skip_locked=True, no_key=True)
    found = free.first()
    if found is None:
        return None
    act = lock_act(found, "claim", by=None, related=RELATED)
    refund: Refund = act.subject
    if not due_refunds().filter(pk=refund.pk).exists():
        return None
    if refund.attempts >= MAX_CRASHES:
        return _park(act, refund)
    if refund.state == S.SUBMITTING:
        return _give_up_lease(act, refund)
    return None if _keeps_distance(refund) else _begin(act, refund)


def _begin(act: CaseAct, refund: Refund) -> Errand:
    lease = {"next_at": Now() + LEASE, "claimed_by": worker_name(), "fence": F("fence") + 1, "attempts": F("attempts") + 1}
    call = Call.QUERY if refund.state != S.QUEUED else Call.RETRY if _was_bounced(refund) else Call.SUBMIT
    if call != Call.QUERY:
        move_refund(act, refund, "claim", code="", asked_count=0, unpaid_seen=0)
        lease["submitted_at"] = Now()
        act.finish()
    Refund.objects.filter(pk=refund.pk).update(**lease)
    refund.fence, refund.case = refund.fence + 1, act.case
    number = (refund.tries.aggregate(last=Max("number"))["last"] or 0) + 1
    return Errand(refund, RefundAttempt.objects.create(refund=refund, number=number, call=call, fence=refund.fence))


def _keeps_distance(refund: Refund) -> bool:
    """Some providers want a pause between two refunds of one payment: then it is sent after the pause."""
    gap = capabilities_of(refund.gateway).min_gap if refund.state == S.QUEUED else None
    others = Refund.objects.filter(balance=refund.balance_id).exclude(pk=refund.pk)
    free_at = others.filter(submitted_at__gt=Now() - gap).aggregate(last=Max("submitted_at"))["last"] if gap else None
    if free_at is not None:
        Refund.objects.filter(pk=refund.pk).update(next_at=free_at + gap)
    return free_at is not None


def _give_up_lease(act: CaseAct, refund: Refund) -> None:
    """Whoever sent it never told what came of it: never back to the queue, first it is asked about."""
    move_refund(act, refund, "mark_unknown", codes={"cause": "lease"})
    act.finish()
    Refund.objects.filter(pk=refund.pk).update(next_at=Now(), claimed_by="", fence=F("fence") + 1)


def _park(act: CaseAct, refund: Refund) -> None:
    """It killed its workers again and again. It keeps its state and its hold; finance hears of it."""
    open_refund_task(act, refund, STUCK)
    act.finish()
    Refund.objects.filter(pk=refund.pk).update(attempts=MAX_CRASHES + 1, claimed_by="", fence=F("fence") + 1)


def _was_bounced(refund: Refund) -> bool:
    """Whether people sent it again because the money had come back: then it is paid to another account, under the same number."""
    last = refund.facts.filter(verb="retry_same_key").order_by("-seq").values_list("before", flat=True).first()
    return last == S.BOUNCED
