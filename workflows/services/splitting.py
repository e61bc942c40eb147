"""Taking pieces out of a case that would hold up the rest: what is missing or failed becomes a case of its own."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from workflows.cases.clauses.returning import LIVE_STATES
from workflows.cases.numbers import make_case_number
from workflows.cases.proposals import Proposal, read_proposal
from workflows.cases.quantities import Terms, read_claims, worth
from workflows.machines.outbound import OutboundState
from workflows.machines.spine import CaseState
from workflows.models import Case, CaseUnit, Outbound, Parcel, ParcelCase, RefundableUnit, Resolution
from workflows.services.act import CaseAct, take_up
from workflows.services.outbounds import task_key
from workflows.services.proposing import write_resolution
from workflows.services.refunds import put_refunds
from workflows.services.returning import put_return

SHORT, FAILED = "short", "failed"
MOVABLE = (OutboundState.RESERVED, OutboundState.RELEASED)
PINNED = ("complaint", "order", "policy", "flow", "reason", "currency", "warehouse", "assignee", "is_trusted", "is_out_of_window")


@transaction.atomic
def split_case(
    case: Case,
    *,
    units: Collection[int],
    kind: str,
    by: User,
    expected_version: int | None = None,
    request_id: str | None = None,
) -> Case:
    """Make a case of its own of some pieces (C20), ``units`` by their ids; returns the old case, the new one is its newest child.

    ``short``: they did not come, and are waited for. ``failed``: a lead decides about them. Money that was held stays held, in parts.
    """
    how = {"by": by, "expected_version": expected_version, "request_id": request_id}
    act = take_up(case, "split", units=units, kind=kind, **how)
    if act.is_replay:
        return act.subject
    child = CaseAct(_make_child(act, kind), act.case, by=by, as_customer=False)
    child.subject = child.case
    proposals = _divide(act, units)
    _move_pieces(act, child, units, kind)
    _move_goods(act, child, units)
    act.move(act.case, "split", codes={"child": child.case.pk, "units": sorted(units), "kind": kind})
    _begin(child, kind)
    if proposals:
        _move_money(act, child, *proposals)
    act.tell("case_split", child=child.case.number)
    act.finish()
    child.finish()
    return act.case


def _make_child(act: CaseAct, kind: str) -> Case:
    parent = act.case
    state = CaseState.EXCEPTION if kind == FAILED else CaseState.IN_TRANSIT if _second_parcel(parent) else CaseState.AWAITING_RETURN
    pins = {name: getattr(parent, name) for name in PINNED}
    number, at = make_case_number(timezone.localtime(act.at)), {"opened_at": act.at, "submitted_at": parent.submitted_at, "since": act.at}
    return Case.objects.create(number=number, parent=parent, state=state, snapshot=parent.snapshot, **pins, **at)


def _second_parcel(case: Case) -> Parcel | None:
    """A further parcel of the case that is on its way."""
    named = Parcel.objects.filter(links__case=case, state__in=LIVE_STATES).exclude(waybill="")
    return named.order_by("pk").first()


def _divide(act: CaseAct, units: Collection[int]) -> tuple[Proposal, Proposal] | None:
    """What was decided, in two parts that add up to it: each piece takes its own share along, freight and compensation stay."""
    current = Resolution.objects.filter(case=act.case, standing=Resolution.Standing.CURRENT).first()
    if current is None or not current.is_grant:
        return None
    whole = read_proposal(current)
    share = sum(_shares(act.case, current).get(unit_id, 0) for unit_id in units)
    moved = tuple(sorted(set(whole.unit_ids) & set(units)))
    kept = tuple(unit_id for unit_id in whole.unit_ids if unit_id not in units)
    bearers = _bear(whole, share)
    rest = {account: amount - bearers.get(account, 0) for account, amount in whole.shares.items()}
    here = replace(whole, unit_ids=kept, amount_fen=whole.amount_fen - share, shares={key: fen for key, fen in rest.items() if fen})
    return here, replace(whole, unit_ids=moved, amount_fen=share, compensation_fen=0, shares=bearers)


def _shares(case: Case, current: Resolution) -> dict[int, int]:
    """The worth of each piece, as the first row of the resolution divides its amount."""
    return worth(read_claims(case), Terms.from_row(current.rows[0])) if current.rows else {}


def _bear(whole: Proposal, amount: int) -> dict[str, int]:
    """Who bears the part that goes: the accounts in their order, each as far as it reaches."""
    found: dict[str, int] = {}
    for account, fen in whole.shares.items():
        part = min(fen, amount)
        amount -= part
        if part:
            found[account] = part
    return found


def _move_pieces(act: CaseAct, child: CaseAct, units: Collection[int], kind: str) -> None:
    claims = CaseUnit.objects.filter(case=act.case, unit__in=units)
    if kind == FAILED:
        claims.update(case=child.case, verdict=CaseUnit.Verdict.FAILED)
    else:
        claims.update(case=child.case, verdict=CaseUnit.Verdict.PENDING, received_at=None)
    RefundableUnit.objects.filter(pk__in=units, reserved_by=act.case).update(reserved_by=child.case)


def _move_goods(act: CaseAct, child: CaseAct, units: Collection[int]) -> None:
    """What was reserved for these pieces goes with them."""
    rows = Outbound.objects.filter(case=act.case, units__unit__in=units, state__in=MOVABLE).distinct().order_by("pk")
    for row in rows:
        claims = list(row.units.all())
        going = [claim for claim in claims if claim.unit_id in units]
        if len(going) == len(claims):
            Outbound.objects.filter(pk=row.pk).update(case=child.case)
            act.tasks.close(keys=(task_key(row),), outcome="cancelled")
        else:
            _divide_goods(act, child, row, going)


def _divide_goods(act: CaseAct, child: CaseAct, row: Outbound, going: Sequence[CaseUnit]) -> None:
    part = Outbound.objects.create(
        case=child.case, kind=row.kind, state=row.state, sku=row.sku, quantity=len(going), warehouse_id=row.warehouse_id, since=act.at
    )
    part.units.set(going)
    row.units.remove(*going)
    Outbound.objects.filter(pk=row.pk).update(quantity=row.quantity - len(going))
    child.born(part, "reserve", codes={"kind": row.kind, "units": [claim.unit_id for claim in going]}, payload={"sku": row.sku})


def _begin(child: CaseAct, kind: str) -> None:
    """The new case enters its first state: clock, tasks and procedure start as if it had come there by itself."""
    child.state_before = ""
    child.verbs.append("split")
    child.born(child.case, "split", codes={"parent": child.case.parent_id, "kind": kind})
    second = _second_parcel(child.case.parent) if kind == SHORT else None
    if second is not None:
        ParcelCase.objects.get_or_create(parcel=second, case=child.case)
    elif kind == SHORT:
        put_return(child)


def _move_money(act: CaseAct, child: CaseAct, here: Proposal, there: Proposal) -> None:
    """Lower the refund here first, then hold the rest there: at no moment is more held than before."""
    put_refunds(act, write_resolution(act, here, standing=Resolution.Standing.CURRENT), cause="split")
    put_refunds(child, write_resolution(child, there, standing=Resolution.Standing.CURRENT))
