"""Ending a complaint, and taking it up again."""

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import AuthorityLimit, User
from accounts.roles import AGENT
from complaints import access, guards, timing
from complaints.assignment.demand import cancel_demand
from complaints.clauses import CURE_LEAD
from complaints.models import Complaint, FollowUp, Message, Survey
from complaints.services.act import Act, lock_act, take_up
from complaints.services.calls import book_after_resolution
from complaints.services.cycle import clear_outcome, end_cycle, end_waiting, start_cycle
from complaints.services.invitations import end_surveys, invite_about_shop, invite_survey, suppress_survey
from complaints.services.notices import cancel_notices
from foundation.exceptions import Reason
from foundation.verbs import require

PARTIES = ("shop", "warehouse", "carrier", "supplier", "platform", "customer")
FRONT_LINE_LIMIT_FEN = 5000
STATUTORY_WINDOW = timing.CONFIRM_WAIT


@transaction.atomic
def resolve_complaint(
    complaint: Complaint,
    *,
    resolution: str,
    reason_code: str,
    liability: dict[str, int],
    by: User,
    expected_version: int | None,
    request_id: str | None = None,
) -> Complaint:
    """Record the result, tell the customer, ask them two hours later how it went, and have a colleague call a day later.

    After 7 days without objection it closes.

    ``liability`` is in percent by party and adds up to 100.
    """
    act = take_up(complaint, "resolve", by=by, expected_version=expected_version, request_id=request_id)
    if act.is_replay:
        return act.complaint
    put_resolution(act, None, resolution=resolution, reason_code=reason_code, liability=liability)
    return act.finish()


def put_resolution(
    act: Act, message: Message | None, *, resolution: str = "", reason_code: str = "", liability: dict[str, int] | None = None
) -> None:
    """Resolve within an act; with a reply in the same act that reply is the result's text and one mail carries both."""
    act.check("resolve")
    text = resolution.strip() or (message.body if message else "")
    require([*_against_words(text, reason_code), *_against_liability(liability or {}), *_against_open_call(act)])
    act.move("resolve")
    end_cycle(act, Complaint.Outcome.SOLVED, resolution=text, reason_code=reason_code, liability=liability or {})
    act.tell("resolved", message=message, at=message and message.leaves_at)
    invite_survey(act)
    book_after_resolution(act)


@transaction.atomic
def decline_complaint(
    complaint: Complaint,
    *,
    facts: str,
    reason_code: str,
    basis: str,
    evidence: Collection[int] = (),
    by: User,
    expected_version: int | None,
    request_id: str | None = None,
) -> Complaint:
    """Say no, with the facts, the rule it rests on (``basis``: article and version) and the evidence looked at. A person's decision.

    Where much is at stake or the law's window is open, only a lead decides. The customer learns how to appeal.
    """
    act = take_up(complaint, "decline", by=by, expected_version=expected_version, request_id=request_id)
    if act.is_replay:
        return act.complaint
    require([*_against_words(facts, reason_code), *_against_basis(basis), *_against_evidence(act, evidence), *_against_alone(act)])
    act.move("decline")
    end_cycle(act, Complaint.Outcome.DECLINED, resolution=facts.strip(), reason_code=reason_code, liability={})
    act.note("declined", codes={"reason": reason_code, "evidence": sorted(evidence)}, payload={"basis": basis.strip()})
    act.tell("declined", values={"basis": basis.strip()})
    invite_survey(act)
    book_after_resolution(act)
    return act.finish()


@transaction.atomic
def give_up_complaint(
    complaint: Complaint, *, summary: str, by: User, expected_version: int | None, request_id: str | None = None
) -> Complaint:
    """End a complaint whose customer cannot be reached; any reply opens it again."""
    act = take_up(complaint, "give_up", by=by, expected_version=expected_version, request_id=request_id)
    if act.is_replay:
        return act.complaint
    require(_against_words(summary, "no_response"))
    act.move("give_up")
    end_cycle(act, Complaint.Outcome.NO_RESPONSE, resolution=summary.strip(), reason_code="no_response", liability={})
    suppress_survey(act, Survey.Suppression.NO_RESPONSE)
    act.tell("no_response")
    return act.finish()


@transaction.atomic
def confirm_complaint(
    complaint: Complaint, *, by: User | None = None, as_customer: bool = False, request_id: str | None = None
) -> Complaint:
    """Close a resolved complaint: the customer agrees, or did not object in 7 days."""
    act = take_up(complaint, "confirm", by=by, as_customer=as_customer, request_id=request_id)
    if act.is_replay:
        return act.complaint
    act.move("confirm")
    act.set(closed_at=act.at, timer_at=None)
    how = "confirmed" if as_customer else "unobjected"
    act.note("cycle.confirmed", codes={"how": how, "cycle": act.complaint.cycle, "outcome": act.complaint.outcome})
    act.tell("closed")
    invite_about_shop(act)
    return act.finish()


@transaction.atomic
def reopen_complaint(
    complaint: Complaint,
    *,
    by: User | None = None,
    as_customer: bool = False,
    reason: str = "",
    expected_version: int | None = None,
    request_id: str | None = None,
) -> Complaint:
    """Take a resolved or closed complaint up again: the customer within 14 days, its solver within 10 minutes, a lead with a reason."""
    act = take_up(complaint, "reopen", by=by, as_customer=as_customer, expected_version=expected_version, request_id=request_id)
    if act.is_replay:
        return act.complaint
    if is_correction(act):
        put_correction(act, cause="solver")
        return act.finish()
    require([] if as_customer or reason.strip() else [Reason("no_reason", _("Say why it is opened again."))])
    put_reopening(act, cause="customer" if as_customer else "lead", reason=reason)
    return act.finish()


def is_correction(act: Act) -> bool:
    """Whether somebody takes back what they themselves have just decided."""
    complaint = act.complaint
    is_solver = act.by is not None and complaint.resolved_by_id == act.by.pk
    return is_solver and act.at - complaint.resolved_at <= timing.CORRECTION_WINDOW


def put_correction(act: Act, *, cause: str) -> None:
    """Open a complaint again in the same cycle, as if it had not been resolved."""
    end_surveys(act, cause="corrected")
    cancel_notices(act.complaint, "resolved", "declined", "no_response")
    act.move("reopen", correction=True)
    clear_outcome(act)
    act.note("cycle.reopened", codes={"cycle": act.complaint.cycle, "correction": True, "cause": cause})


def put_reopening(act: Act, *, cause: str, reason: str = "") -> None:
    """Open a complaint again in a new cycle and tell the customer."""
    if act.complaint.has_open_appeal and cause == "lead":
        act.set(appeal_decided_at=act.at)
        act.note("appeal.decided", codes={"upheld": True})
    act.move("reopen")
    start_cycle(act, kind="cycle.reopened", codes={"cause": cause, "correction": False})
    if reason:
        act.note("reopened", payload={"reason": reason})
    if act.as_customer:
        act.owe_answer()
    act.tell("reopened")


@transaction.atomic
def withdraw_complaint(
    complaint: Complaint,
    *,
    by: User | None = None,
    as_customer: bool = False,
    reason: str = "",
    expected_version: int | None = None,
    request_id: str | None = None,
) -> Complaint:
    """End a complaint at the customer's wish; an agent cites the message or call in ``reason``. It can be resumed for 14 days."""
    act = take_up(complaint, "withdraw", by=by, as_customer=as_customer, expected_version=expected_version, request_id=request_id)
    if act.is_replay:
        return act.complaint
    require([] if as_customer or reason.strip() else [Reason("no_reason", _("Cite the customer's message or call."))])
    if guards.carry_along("withdraw", act.complaint, by=by, as_customer=as_customer, reason=reason.strip()):
        act = lock_act(complaint, "withdraw", by=by, as_customer=as_customer)
    act.move("withdraw")
    end_waiting(act)
    end_surveys(act, cause="withdrawn")
    cancel_demand(act.complaint)
    cancel_notices(act.complaint)
    act.set(closed_at=act.at, needs_reply=False, unanswered_since=None)
    act.note("withdrawn", codes={"cycle": act.complaint.cycle}, payload={"reason": reason} if reason else None)
    act.tell("withdrawn")
    return act.finish()


@transaction.atomic
def resume_complaint(
    complaint: Complaint,
    *,
    by: User | None = None,
    as_customer: bool = False,
    expected_version: int | None = None,
    request_id: str | None = None,
) -> Complaint:
    """Take a withdrawn complaint up again, in a new cycle."""
    act = take_up(complaint, "resume", by=by, as_customer=as_customer, expected_version=expected_version, request_id=request_id)
    if act.is_replay:
        return act.complaint
    act.move("resume")
    start_cycle(act, kind="cycle.reopened", codes={"cause": "resumed", "correction": False})
    if as_customer:
        act.owe_answer()
    act.tell("resumed")
    return act.finish()


def _against_words(text: str, reason_code: str) -> list[Reason]:
    found = []
    if not text.strip():
        found.append(Reason("no_words", _("Write what the customer will read.")))
    if not reason_code.strip():
        found.append(Reason("no_reason_code", _("Choose the reason.")))
    return found


def _against_open_call(act: Act) -> list[Reason]:
    if not act.complaint.follow_ups.filter(kind=FollowUp.Kind.CALLBACK, done_at__isnull=True).exists():
        return []
    return [Reason("call_promised", _("The customer was promised a call."), _("Make the call, or cancel it first."))]


def _against_liability(liability: dict[str, Any]) -> list[Reason]:
    known = all(party in PARTIES and isinstance(share, int) and 0 <= share <= 100 for party, share in liability.items())
    if known and sum(liability.values()) == 100:
        return []
    return [Reason("liability", _("Say who is liable; the shares add up to 100 %."))]


def _against_basis(basis: str) -> list[Reason]:
    return [] if basis.strip() else [Reason("no_basis", _("Name the rule that this rests on."))]


def _against_evidence(act: Act, evidence: Collection[int]) -> list[Reason]:
    if act.complaint.attachments.filter(pk__in=list(evidence)).count() == len(set(evidence)):
        return []
    return [Reason("foreign_evidence", _("A file does not belong to this complaint."))]


def _against_alone(act: Act) -> list[Reason]:
    """Large sums and claims inside the law's window are declined by a lead only."""
    if access.is_lead_of(act.by, act.complaint) or not (_is_large(act.complaint) or _in_statutory_window(act.complaint)):
        return []
    return [Reason("second_person", _("This claim is too weighty to be declined by one agent."), CURE_LEAD)]


def _is_large(complaint: Complaint) -> bool:
    limits = AuthorityLimit.objects.filter(role=AGENT, scope=AuthorityLimit.Scope.GRANT, window__isnull=True).order_by("-version")
    limit = limits.values_list("limit_fen", flat=True).first()
    return complaint.amount_fen > (FRONT_LINE_LIMIT_FEN if limit is None else limit)


def _in_statutory_window(complaint: Complaint) -> bool:
    """Return without reason: seven days from delivery (Consumer Rights Protection Law of the PRC, article 25)."""
    order = complaint.order
    return order is not None and order.delivered_at is not None and timezone.now() - order.delivered_at <= STATUTORY_WINDOW
