"""Signatures: a proposal goes up a chain of distinct people, each over exactly what they saw."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from accounts.models import User
from workflows.cases.chains import chain_for
from workflows.cases.proposals import Proposal, read_proposal
from workflows.machines.table import INCLUDES, Role
from workflows.models import Approval, ApprovalStep, Case
from workflows.services.act import CaseAct, lock_act, take_up
from workflows.services.granting import put_grant
from workflows.services.proposing import make_current, void_chain, write_resolution
from workflows.services.review import put_rejection
from workflows.services.tasks import working_hours

ANSWER_HOURS = 4
# Who is asked when a level has not answered.
NEXT_LEVEL = {Role.LEAD: Role.MANAGER, Role.FINANCE: Role.MANAGER}


@transaction.atomic
def escalate_case(
    case: Case, *, proposal: Proposal, note: str = "", by: User, expected_version: int | None = None, request_id: str | None = None
) -> Case:
    """Propose what one may not grant or refuse alone (C7) and ask the chain for its signatures."""
    act = take_up(case, "escalate", by=by, expected_version=expected_version, request_id=request_id, proposal=proposal)
    if act.is_replay:
        return act.subject
    resolution = write_resolution(act, proposal, standing="proposed")
    codes = {"revision": resolution.revision, "amount_fen": resolution.amount_fen}
    act.move(act.case, "escalate", codes=codes, payload={"note": note} if note else None, proposed_from=act.state_before)
    approval = Approval.objects.create(
        case=act.case,
        resolution=resolution,
        amount_fen=resolution.amount_fen,
        digest=resolution.digest,
        asked_by=by,
        due_at=_answer_by(act),
    )
    roles = chain_for(act.case, proposal)
    ApprovalStep.objects.bulk_create([ApprovalStep(approval=approval, number=n, role=role) for n, role in enumerate(roles, 1)])
    ask_signers(act, roles)
    return act.finish()


@transaction.atomic
def sign_approval(
    approval: Approval, *, proposal_hash: str, note: str = "", by: User, expected_version: int | None = None, request_id: str | None = None
) -> Case:
    """Sign one step; the last signature carries the proposal out (C9), be it a grant or a refusal (C11)."""
    act = take_up(
        approval, "approve", by=by, expected_version=expected_version, request_id=request_id, proposal_hash=proposal_hash, is_signing=True
    )
    if act.is_replay:
        return act.case
    step = next_step(act.subject, act.roles)
    step.signed_by, step.signed_at, step.note = by, act.at, note
    step.save(update_fields=["signed_by", "signed_at", "note"])
    act.note("approval.signed", codes={"case": act.case.pk, "approval": approval.pk, "step": step.number, "role": step.role})
    act.close_tasks(f"approve_{step.role}")
    if not act.subject.steps.filter(signed_by__isnull=True).exists():
        _carry_out(act, act.subject, proposal_hash)
    act.finish()
    return act.case


@transaction.atomic
def send_back_case(case: Case, *, note: str, by: User, expected_version: int | None = None, request_id: str | None = None) -> Case:
    """Return a proposal to where it was made (C10); what was signed is void."""
    act = take_up(case, "send_back", by=by, expected_version=expected_version, request_id=request_id, note=note)
    if act.is_replay:
        return act.subject
    act.move(act.case, "send_back", to=act.case.proposed_from, payload={"note": note})
    void_chain(act)
    close_signing(act)
    return act.finish()


@transaction.atomic
def ask_next_level(case: Case) -> Case:
    """Nobody signed in time: the open steps go to the next level, and the clock starts anew."""
    act = lock_act(case, "ask_next_level", by=None)
    approval = act.asking(act.case, "send_back").approval
    if approval is None or approval.state != "pending":
        return act.case
    act.move(approval, "expire")
    act.move(approval, "ask_next_level", level=approval.level + 1, due_at=_answer_by(act))
    close_signing(act)
    for step in approval.steps.filter(signed_by__isnull=True):
        step.role = NEXT_LEVEL.get(step.role, step.role)
        step.save(update_fields=["role"])
    ask_signers(act, list(approval.steps.filter(signed_by__isnull=True).values_list("role", flat=True)))
    act.finish()
    return act.case


def ask_signers(act: CaseAct, roles: Sequence[str]) -> None:
    """A task for each role that has to sign."""
    for role in dict.fromkeys(roles):
        act.open_task(f"approve_{role}", role=role, due=None)


def close_signing(act: CaseAct) -> None:
    act.close_tasks(*(f"approve_{role}" for role in Role.values), outcome="cancelled")


def next_step(approval: Approval, roles: frozenset[str]) -> ApprovalStep | None:
    """The first unsigned step that one of these roles may sign."""
    acting = roles | {included for role in roles for included in INCLUDES.get(role, ())}
    return next((step for step in approval.steps.filter(signed_by__isnull=True).order_by("number") if step.role in acting), None)


def _carry_out(act: CaseAct, approval: Approval, proposal_hash: str) -> None:
    resolution = approval.resolution
    act.move(approval, "approve", ended_at=act.at)
    if resolution.is_grant:
        act.check(act.case, "approve_senior", as_system=False, proposal_hash=proposal_hash)
        make_current(act, resolution)
        put_grant(act, "approve_senior", resolution)
        return
    basis: dict[str, Any] = read_proposal(resolution).basis
    named = {"reason": basis["reason"], "rule_version": basis["rule"], "evidence": basis["evidence"]}
    act.check(act.case, "reject", as_system=False, **named)
    make_current(act, resolution)
    put_rejection(act, words="", **named)


def _answer_by(act: CaseAct):
    return working_hours().add(act.at, ANSWER_HOURS * 3600)
