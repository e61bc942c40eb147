"""The review of a case by a person: asking for evidence, granting, refusing, and the customer's own withdrawal."""

from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction

from accounts.models import User
from workflows.cases.proposals import Proposal
from workflows.models import Case
from workflows.services.act import CaseAct, take_up
from workflows.services.authority import put_authority, take_back_authority
from workflows.services.calling_off import call_off, put_end, send_goods_back
from workflows.services.granting import put_grant
from workflows.services.proposing import void_chain, write_resolution
from workflows.services.reserving import release_units


@transaction.atomic
def request_evidence(
    case: Case, *, items: Sequence[str], note: str = "", by: User, expected_version: int | None = None, request_id: str | None = None
) -> Case:
    """Ask the customer for what is missing (C4); the review stands still for 72 hours at most."""
    act = take_up(case, "request_info", by=by, expected_version=expected_version, request_id=request_id, items=items)
    if act.is_replay:
        return act.subject
    codes = {"items": list(items)}
    act.move(act.case, "request_info", codes=codes, payload={"note": note} if note else None, asked_count=act.case.asked_count + 1)
    act.tell("case_info_needed", items=list(items))
    return act.finish()


@transaction.atomic
def provide_evidence(
    case: Case,
    *,
    items: Sequence[int],
    by: User | None = None,
    as_customer: bool = False,
    request: str = "",
    expected_version: int | None = None,
    request_id: str | None = None,
) -> Case:
    """Go on after evidence came (C5); ``items`` are ids of the files and messages that hold it."""
    how = {"by": by, "as_customer": as_customer, "expected_version": expected_version, "request_id": request_id}
    act = take_up(case, "provide_info", items=items, request=request, **how)
    if act.is_replay:
        return act.subject
    act.move(act.case, "provide_info", codes={"items": list(items)}, payload={"request": request} if request else None, no_reply=False)
    return act.finish()


@transaction.atomic
def time_out_evidence(case: Case) -> Case:
    """Go on with what is there (C6): silence is no rejection."""
    act = take_up(case, "info_timeout", by=None, is_over=True)
    act.move(act.case, "info_timeout", no_reply=True)
    act.tell("case_no_info")
    return act.finish()


@transaction.atomic
def approve_case(
    case: Case,
    *,
    proposal: Proposal,
    override_reason: str = "",
    by: User,
    expected_version: int | None = None,
    request_id: str | None = None,
) -> Case:
    """Grant within one's own authority (C8), and count it against what is left of that."""
    args = {"resolution": proposal, "override_reason": override_reason}
    act = take_up(case, "approve", by=by, expected_version=expected_version, request_id=request_id, **args)
    if act.is_replay:
        return act.subject
    basis = dict(proposal.basis) | ({"override": override_reason} if override_reason else {})
    resolution = write_resolution(act, replace(proposal, basis=basis), standing="current")
    put_authority(act, proposal)
    put_grant(act, "approve", resolution)
    return act.finish()


@transaction.atomic
def reject_case(
    case: Case,
    *,
    reason: str,
    rule_version: str,
    evidence: Sequence[int],
    words: str = "",
    by: User,
    expected_version: int | None = None,
    request_id: str | None = None,
) -> Case:
    """Refuse with facts, reason and basis (C11); always a person, and within the legal period a second one."""
    args = {"reason": reason, "rule_version": rule_version, "evidence": evidence}
    act = take_up(case, "reject", by=by, expected_version=expected_version, request_id=request_id, **args)
    if act.is_replay:
        return act.subject
    put_rejection(act, reason=reason, rule_version=rule_version, evidence=evidence, words=words)
    return act.finish()


def put_rejection(act: CaseAct, *, reason: str, rule_version: str, evidence: Sequence[int], words: str) -> None:
    """What every refusal does, whoever signs it: nothing stays reserved or held, and goods that we have go back."""
    basis = {"reason": reason, "rule": rule_version, "evidence": list(evidence)}
    current = act.asking(act.case, "reject").proposal
    if current is None or current.is_grant or current.standing != "proposed":
        current = write_resolution(act, Proposal((), 0, basis=basis, is_grant=False), standing="current")
    act.move(act.case, "reject", codes=basis, payload={"words": words} if words else None, ended_at=act.at)
    void_chain(act)
    call_off(act, "rejected")
    release_units(act)
    take_back_authority(act)
    send_goods_back(act)
    act.tell("case_rejected", reason=reason, rule=rule_version)


@transaction.atomic
def withdraw_case(
    case: Case,
    *,
    by: User | None = None,
    as_customer: bool = False,
    request: str = "",
    expected_version: int | None = None,
    request_id: str | None = None,
) -> Case:
    """The customer gives the case up (C12); nothing was sent yet, neither goods nor money."""
    how = {"by": by, "as_customer": as_customer, "expected_version": expected_version, "request_id": request_id}
    act = take_up(case, "withdraw", request=request, **how)
    if act.is_replay:
        return act.subject
    put_end(act, "withdraw", payload={"request": request} if request else None)
    act.tell("case_withdrawn")
    return act.finish()
