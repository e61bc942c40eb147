"""What follows when a case is granted, by rule, by an agent or by the last signature: units, refund, return and goods, all at once."""

from typing import TYPE_CHECKING

from workflows.cases.proposals import read_proposal
from workflows.cases.quantities import read_quantities
from workflows.machines.spine import CaseState
from workflows.models import CasePolicy, CaseUnit, Resolution
from workflows.services.outbounds import put_outbounds
from workflows.services.refunds import put_refunds, release_due
from workflows.services.returning import put_return
from workflows.services.settling import put_settled

if TYPE_CHECKING:
    from workflows.services.act import CaseAct


def put_grant(act: "CaseAct", verb: str, resolution: Resolution) -> None:
    """Move the case on by ``verb`` and begin what runs in parallel (P2): money is held and approved while the goods travel."""
    case = act.case
    units = read_proposal(resolution).unit_ids
    CaseUnit.objects.filter(case=case).update(is_approved=False)
    CaseUnit.objects.filter(case=case, unit__in=units).update(is_approved=True)
    state = next_state(act)
    act.move(case, verb, to=state, codes={"revision": resolution.revision, "amount_fen": resolution.amount_fen, "policy": case.policy_id})
    put_refunds(act, resolution)
    put_outbounds(act)
    if state in (CaseState.AWAITING_RETURN, CaseState.IN_TRANSIT):
        put_return(act)
    release_due(act)
    tell_grant(act, state, resolution)
    put_settled(act)


def next_state(act: "CaseAct") -> str:
    """Where a granted case goes: nothing to receive, a parcel on its way, or a parcel to come."""
    case = act.case
    if read_quantities(case).to_receive == 0:
        return CaseState.SETTLING
    is_on_its_way = case.parcels.filter(first_scan_at__isnull=False).exclude(state__in=["scanned", "cancelled", "abandoned"]).exists()
    return CaseState.IN_TRANSIT if case.policy.receipt == CasePolicy.Receipt.CARRIER or is_on_its_way else CaseState.AWAITING_RETURN


def tell_grant(act: "CaseAct", state: str, resolution: Resolution) -> None:
    node = {CaseState.AWAITING_RETURN: "case_send_back", CaseState.IN_TRANSIT: "case_on_its_way"}.get(state, "case_granted")
    act.tell(node, amount_fen=resolution.amount_fen, currency=resolution.currency)
