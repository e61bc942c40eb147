"""Guards of a refund: who may sign, when it may leave, and what an answer of the provider proves."""

from datetime import datetime, timedelta

from django.db.models import Max, Sum

from accounts.models import AuthorityLimit, User
from accounts.roles import FINANCE
from workflows.cases.asking import Asking
from workflows.cases.clauses.binding import against
from workflows.cases.quantities import read_quantities
from workflows.gateways.base import Answer, Capabilities, Kind
from workflows.machines.refund import UNSENT, RefundState
from workflows.models import AuthorityUse, PaymentBalance, Refund, RefundAttempt
from workflows.money.draw import capabilities_of
from workflows.money.seals import hash_of, lines_of

S, Call = RefundState, RefundAttempt.Call
UNPAID = {Kind.ABSENT, Kind.DECLINED, Kind.BOUNCED}
PROOFS_APART = timedelta(minutes=10)
GRANTED, SIGNED = "grant", "order"  # scopes of the uses of a proposer, and of the limit of a signer
# Released or beyond: what of a case has left, or may leave at any moment.
NOT_RELEASED = (*UNSENT, S.VOIDED)


# Before it is sent


@against("refund.already_created", needs=("payment",))
def has_one_already(asking: Asking) -> bool:
    row = asking.row
    same = Refund.objects.filter(case=row.case_id, balance=row.balance_id, purpose=row.purpose, revision=row.revision)
    return same.exclude(state=S.VOIDED).exclude(pk=row.pk).exists()


@against("refund.payment_exhausted", needs=("amount",))
def asks_too_much(asking: Asking) -> bool:
    more = asking.given("amount") - (asking.row.amount_fen if asking.row.pk else 0)
    return more > PaymentBalance.objects.get(pk=asking.row.balance_id).left_fen


@against("refund.payment_frozen")
def is_frozen(asking: Asking) -> bool:
    return PaymentBalance.objects.filter(pk=asking.row.balance_id, frozen_at__isnull=False).exists()


@against("refund.own_refund")
def is_own(asking: Asking) -> bool:
    """Creator, handler and signer are three people. (M12)"""
    case = asking.case
    handlers = {asking.row.created_by_id, case.assignee_id, case.complaint.assignee_id}
    return asking.is_staff and asking.by.pk in handlers


@against("refund.above_limit")
def is_above_limit(asking: Asking) -> bool:
    """The machine signs what its rule covers; above the limit of finance another person of finance has to have asked for it."""
    if not asking.is_staff:
        return asking.row.amount_fen > machine_limit(asking.row)
    return lacks_second_person(asking) and is_above_finance_limit(asking.row, asking.by)


@against("refund.proposal_changed", needs=("proposal_hash",))
def has_changed(asking: Asking) -> bool:
    given = asking.given("proposal_hash")
    is_stale = asking.row.proposal_hash != hash_of(asking.row, lines_of(asking.row))
    return is_stale or (asking.is_staff and given != asking.row.proposal_hash)


@against("refund.void_reason_missing", needs=("reason",))
def voids_without_reason(asking: Asking) -> bool:
    return asking.is_staff and not (asking.given("reason") or "").strip()


@against("refund.not_released")
def still_waits(asking: Asking) -> bool:
    return asking.row.purpose != Refund.Purpose.COMPENSATION and _releasable(asking) <= 0


@against("refund.above_entitlement")
def is_above_entitlement(asking: Asking) -> bool:
    return asking.row.amount_fen > _releasable(asking)


def machine_limit(refund: Refund) -> int:
    """How much the rule may sign for this refund: all that it signed for the order counts against the limit of the policy.

    A compensation is covered by what its proposer granted within their own authority.
    """
    others = Refund.objects.filter(auto_rule__isnull=False).exclude(state=S.VOIDED).exclude(pk=refund.pk)
    if refund.purpose == Refund.Purpose.COMPENSATION:
        granted = AuthorityUse.objects.filter(case=refund.case_id, scope=GRANTED)
        return _sum(granted) - _sum(others.filter(case=refund.case_id, purpose=refund.purpose))
    signed = others.filter(case__order=refund.case.order_id).exclude(purpose=Refund.Purpose.COMPENSATION)
    return max(0, refund.case.policy.auto_limit_fen - _sum(signed))


def is_above_finance_limit(refund: Refund, by: User) -> bool:
    """All that one person signed for an order counts. Where no limit is set for finance there is none."""
    limits = AuthorityLimit.objects.filter(role=FINANCE, scope=SIGNED, window__isnull=True)
    limit = limits.order_by("-version").values_list("limit_fen", flat=True).first()
    signed = Refund.objects.filter(case__order=refund.case.order_id, authorised_by=by).exclude(state=S.VOIDED)
    return limit is not None and _sum(signed) + refund.amount_fen > limit


def _releasable(asking: Asking) -> int:
    """What may leave now, less what has left or is about to: each track of money is paid from it once."""
    gone = Refund.objects.filter(case=asking.case).exclude(state__in=NOT_RELEASED).exclude(pk=asking.row.pk)
    return read_quantities(asking.case).entitlement_now - _sum(gone)


def _sum(rows) -> int:
    return rows.aggregate(total=Sum("amount_fen", default=0))["total"]


# What the provider said


@against("refund.answer_unproven")
def is_unproven(asking: Asking) -> bool:
    answer = answer_of(asking)
    return answer is None or not answer.authenticated


@against("refund.amount_differs")
def differs(asking: Asking) -> bool:
    answer = answer_of(asking)
    paid = (answer.kind, answer.amount_minor, answer.currency) if answer else None
    return paid != (Kind.PAID, asking.row.amount_fen, asking.row.currency)


@against("refund.not_absent")
def was_not_absent(asking: Asking) -> bool:
    answer = answer_of(asking)
    return answer is None or not answer.authenticated or answer.kind is not Kind.ABSENT


@against("refund.asked_too_early")
def was_asked_too_early(asking: Asking) -> bool:
    """An early "absent" may only be too early to know."""
    return since_sent(asking) < (_limits(asking.row).min_query_delay or timedelta(0))


@against("refund.definitive_code")
def has_a_definitive_code(asking: Asking) -> bool:
    return bool(asking.row.code)


@against("refund.key_expired")
def needs_two_to_send_again(asking: Asking) -> bool:
    """Past its time the number may stand for another refund."""
    life = _limits(asking.row).key_ttl
    return life is not None and since_sent(asking) >= life and lacks_second_person(asking)


@against("refund.code_not_final")
def is_not_final(asking: Asking) -> bool:
    """A refusal that came unproven is final once a question shows that nothing arrived."""
    answer = answer_of(asking)
    kind = answer.kind if answer else None
    return kind is not Kind.DECLINED and not (kind is Kind.ABSENT and asking.row.code)


@against("refund.reply_unauthenticated")
def is_unauthenticated(asking: Asking) -> bool:
    return is_unproven(asking)


# What people do about it


@against("refund.cause_missing", needs=("cause",))
def has_no_cause(asking: Asking) -> bool:
    return not (asking.given("cause") or "").strip()


@against("refund.cannot_repay")
def cannot_be_paid_again(asking: Asking) -> bool:
    return asking.row.state == S.BOUNCED and not _limits(asking.row).can_retry_bounced


@against("refund.second_person_missing")
def lacks_second_person(asking: Asking) -> bool:
    """Somebody of finance has asked; another one confirms, who has signed nothing of this refund."""
    row = asking.row
    return not asking.is_staff or row.closing_by_id is None or asking.by.pk in {row.closing_by_id, row.created_by_id, row.authorised_by_id}


@against("refund.unpaid_unproven")
def is_not_proven_unpaid(asking: Asking) -> bool:
    proofs = proofs_of(asking.row)
    return len(proofs) < 2 or proofs[-1] - proofs[0] < PROOFS_APART


@against("refund.may_still_land")
def may_still_land(asking: Asking) -> bool:
    horizon = _limits(asking.row).settle_horizon
    return horizon is None or since_sent(asking) <= horizon


def proofs_of(refund: Refund) -> list[datetime]:
    """When questions after the last try showed it unpaid; none when the latest clear answer did not."""
    calls = RefundAttempt.objects.filter(refund=refund)
    last_sent = calls.exclude(call=Call.QUERY).aggregate(number=Max("number", default=0))["number"]
    asked = calls.filter(call=Call.QUERY, number__gt=last_sent, is_authenticated=True).exclude(answer=Kind.AMBIGUOUS)
    rows = list(asked.order_by("number").values_list("answer", "sent_at"))
    return [at for answer, at in rows if answer in UNPAID] if rows and rows[-1][0] in UNPAID else []


def answer_of(asking: Asking) -> Answer | None:
    """The answer that is being recorded; for people, the last one that came."""
    given = asking.given("answer")
    if given is not None:
        return given
    last = RefundAttempt.objects.filter(refund=asking.row, answered_at__isnull=False).order_by("-number").first()
    return Answer(Kind(last.answer), code=last.code, authenticated=last.is_authenticated) if last else None


def since_sent(asking: Asking) -> timedelta:
    """Since it was last sent, by the clock of the database where the worker has read it."""
    known = asking.given("sent_for")
    if known is not None:
        return known
    return asking.at - asking.row.submitted_at if asking.row.submitted_at else timedelta(0)


def _limits(refund: Refund) -> Capabilities:
    return capabilities_of(refund.gateway)
