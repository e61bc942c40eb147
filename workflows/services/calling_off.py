"""Undoing what was prepared for a case, safe to repeat: refunds not sent, goods that have not left, parcels that never came."""

from typing import TYPE_CHECKING, Any

from workflows.machines.outbound import OutboundState
from workflows.machines.parcel import ParcelState
from workflows.machines.refund import UNSENT
from workflows.models import Outbound, Parcel, Refund
from workflows.money.desk import SECOND, SIGN, end_refund_tasks
from workflows.money.facts import move_refund
from workflows.services.authority import take_back_authority
from workflows.services.outbounds import put_ship_back
from workflows.services.proposing import void_chain
from workflows.services.reserving import release_units

if TYPE_CHECKING:
    from workflows.services.act import CaseAct

RECALLABLE_GOODS = (OutboundState.RESERVED, OutboundState.RELEASED, OutboundState.OUT_OF_STOCK, OutboundState.LOST)


def call_off(act: "CaseAct", cause: str) -> None:
    """Void refunds up to armed, cancel goods that have not been packed and parcels that are only expected."""
    for refund in Refund.objects.select_for_update(no_key=True).filter(case=act.case, state__in=UNSENT).order_by("pk"):
        move_refund(act, refund, "void", is_ours=True, codes={"cause": cause})
        end_refund_tasks(act, refund, SIGN, SECOND)
    for outbound in Outbound.objects.select_for_update(no_key=True).filter(case=act.case, state__in=RECALLABLE_GOODS).order_by("pk"):
        act.move(outbound, "cancel", codes={"cause": cause}, since=act.at)
    expected = Parcel.objects.select_for_update(no_key=True, of=("self",)).filter(links__case=act.case, state=ParcelState.EXPECTED)
    for parcel in expected.order_by("pk"):
        if not parcel.cases.exclude(pk=act.case.pk).exclude(state__in=["cancelled", "rejected", "closed"]).exists():
            act.move(parcel, "cancel", codes={"cause": cause})


def send_goods_back(act: "CaseAct") -> None:
    """A refused customer gets back what we hold of theirs."""
    held = [claim for claim in act.asking(act.case, "reject").claims if claim.received_at is not None]
    if held:
        put_ship_back(act, held)


def put_end(act: "CaseAct", verb: str, **noted: Any) -> None:
    """End a case of which nothing was carried out."""
    act.move(act.case, verb, ended_at=act.at, **noted)
    void_chain(act)
    call_off(act, verb)
    release_units(act)
    take_back_authority(act)
