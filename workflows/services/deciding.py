"""The exception: what failed on the way, what a lead decides about it, and the goods that must come after all."""

from collections.abc import Collection
from dataclasses import replace

from django.db import transaction

from accounts.models import User
from workflows.cases.proposals import Proposal
from workflows.machines.spine import CaseState
from workflows.models import Case, CaseUnit
from workflows.services.act import CaseAct, take_up
from workflows.services.authority import put_authority, take_back_authority
from workflows.services.granting import next_state
from workflows.services.outbounds import put_outbounds, put_ship_back, recall_goods
from workflows.services.proposing import void_chain, write_resolution
from workflows.services.refunds import put_refunds, release_due
from workflows.services.repairs import put_repairs
from workflows.services.returning import give_up_parcels, put_return
from workflows.services.settling import put_settled


@transaction.atomic
def resolve_exception(
    case: Case,
    *,
    verdict: str,
    proposal: Proposal,
    accepted: Collection[int] = (),
    waived: Collection[int] = (),
    words: str = "",
    by: User,
    expected_version: int | None = None,
    request_id: str | None = None,
) -> Case:
    """Decide an exception (C21). ``accepted`` failed units count as passed, ``waived`` ones are expected no more (ids of units).

    ``return_goods`` grants nothing and sends back what we have; ``retry_payment`` changes nothing but lets finance pay again.
    """
    basis = dict(proposal.basis) | {"accepted": sorted(accepted), "waived": sorted(waived), "verdict": verdict}
    proposal = replace(proposal, basis=basis, is_grant=True)
    args = {"verdict": verdict, "resolution": proposal}
    act = take_up(case, "resolve_exception", by=by, expected_version=expected_version, request_id=request_id, **args)
    if act.is_replay:
        return act.subject
    codes = {"verdict": verdict, "amount_fen": proposal.total_fen}
    if verdict != "retry_payment":
        give_up_parcels(act)
        put_verdict(act, proposal, accepted=accepted, waived=waived)
    act.move(act.case, "resolve_exception", codes=codes, payload={"words": words} if words else None)
    if verdict == "return_goods":
        recall_goods(act)
        put_ship_back(act, [claim for claim in act.asking(act.case, "archive").claims if claim.received_at is not None])
    else:
        put_outbounds(act)
        put_repairs(act)
    release_due(act)
    act.tell("case_decided", verdict=verdict, amount_fen=proposal.total_fen, currency=act.case.currency)
    put_settled(act)
    return act.finish()


def put_verdict(act: CaseAct, proposal: Proposal, *, accepted: Collection[int], waived: Collection[int]) -> None:
    """The next resolution with its money: refunds that were not sent follow it, and what is missing is held anew."""
    case = act.case
    resolution = write_resolution(act, proposal, standing="current")
    take_back_authority(act)
    put_authority(act, proposal)
    CaseUnit.objects.filter(case=case).update(is_approved=False)
    CaseUnit.objects.filter(case=case, unit__in=proposal.unit_ids).update(is_approved=True)
    CaseUnit.objects.filter(case=case, unit__in=list(accepted)).update(verdict=CaseUnit.Verdict.ACCEPTED)
    CaseUnit.objects.filter(case=case, unit__in=list(waived)).update(verdict=CaseUnit.Verdict.WAIVED)
    void_chain(act)
    put_refunds(act, resolution, cause="consent" if proposal.has_consent else "")


@transaction.atomic
def resend_goods(
    case: Case, *, words: str = "", by: User | None, expected_version: int | None = None, request_id: str | None = None
) -> Case:
    """Ask for goods that the customer still owes, or go on with a lost parcel that moves again (C22)."""
    act = take_up(case, "resend_goods", by=by, expected_version=expected_version, request_id=request_id)
    if act.is_replay:
        return act.subject
    state = next_state(act)
    to = CaseState.IN_TRANSIT if state == CaseState.IN_TRANSIT else CaseState.AWAITING_RETURN
    if to == CaseState.AWAITING_RETURN:
        give_up_parcels(act)
    act.move(act.case, "resend_goods", to=to, payload={"words": words} if words else None)
    if to == CaseState.AWAITING_RETURN:
        put_return(act)
    act.tell("case_send_back")
    return act.finish()
