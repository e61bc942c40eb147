"""A parcel at the warehouse's door: taken in for every case that has goods in it, whatever state they are in."""

from collections.abc import Collection, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from foundation.exceptions import Forbidden, Reason, VersionConflictError
from foundation.verbs import is_replay, lock, require, require_version
from orders.models import Warehouse
from workflows.cases.clauses.returning import LIVE_STATES
from workflows.cases.inspections import expected_claims, is_good, is_recorded, lines_now
from workflows.cases.refusals import reasons_against
from workflows.cases.waybills import normalise_waybill
from workflows.machines.inspection import InspectionState
from workflows.machines.parcel import ParcelState
from workflows.machines.spine import CaseState
from workflows.machines.table import Role
from workflows.models import Case, CaseUnit, InspectionLine, Parcel, ParcelCase
from workflows.services.act import OF_CASE, CaseAct, lock_act, take_up
from workflows.services.outbounds import put_releases
from workflows.services.refunds import release_due
from workflows.services.returning import put_refund_clock

WAITS = (CaseState.AWAITING_RETURN, CaseState.IN_TRANSIT)
AT_WORK = (CaseState.RECEIVED, CaseState.INSPECTING)
# A parcel that weighs this much less or more than what was announced is opened with a witness.
WEIGHT_DIFFERS_BY = 0.2


@transaction.atomic
def scan_in(
    case: Case,
    *,
    waybill: str = "",
    parcel: Parcel | None = None,
    weight_g: int | None = None,
    serials: Collection[str] = (),
    by: User,
    expected_version: int | None = None,
    request_id: str | None = None,
) -> Case:
    """Take in the parcel of a case (C15), and with it every other case that has goods in it."""
    found = parcel or _only_parcel(case, normalise_waybill(waybill))
    # All cases of the parcel are locked in their order before the verb is taken up on one of them.
    row, acts = open_acts(found, by) if found else (None, [])
    how = {"by": by, "expected_version": expected_version, "request_id": request_id}
    act = take_up(case, "scan_in", parcel=row, waybill=waybill, **how)
    if act.is_replay:
        return act.subject
    if row.state in LIVE_STATES:
        act.check(row, "scan", as_system=False)
    acts = [act, *(each for each in acts if each.case.pk != case.pk)]
    take_in_parcel(row, acts, weight_g=weight_g, serials=serials)
    for other in acts[1:]:
        other.finish()
    return act.finish()


def _only_parcel(case: Case, waybill: str) -> Parcel | None:
    """The open parcel of the case with this number; without a number, the only one that it has."""
    rows = Parcel.objects.filter(links__case=case, state__in=LIVE_STATES)
    found = list((rows.filter(waybill=waybill) if waybill else rows)[:2])
    return found[0] if len(found) == 1 else None


def open_acts(parcel: Parcel, by: Any) -> tuple[Parcel, list[CaseAct]]:
    """Lock every case of a parcel by id and then the parcel. Raises ``VersionConflictError`` when a case was added meanwhile.

    The goods are here now, so the cases belong to this warehouse, wherever they were expected.
    """
    ids = list(parcel.links.order_by("case").values_list("case_id", flat=True))
    cases = [lock(Case(pk=pk), *OF_CASE) for pk in ids]
    row = lock(parcel, "warehouse", "carrier")
    if list(row.links.order_by("case").values_list("case_id", flat=True)) != ids:
        raise VersionConflictError(row)
    return row, [CaseAct(_brought_here(case, row), case, by=by, as_customer=False) for case in cases]


def _brought_here(case: Case, parcel: Parcel) -> Case:
    if case.warehouse_id != parcel.warehouse_id:
        case.warehouse = parcel.warehouse
        case.save(update_fields=["warehouse"])
    return case


def take_in_parcel(
    parcel: Parcel, acts: Sequence[CaseAct], *, weight_g: int | None = None, serials: Collection[str] = (), at: Any = None
) -> None:
    """The parcel counts as scanned; each case that waited for it is received, the others get work for their lead.

    ``acts`` are open on cases of this parcel; the caller finishes them, and only after that touches another complaint.
    """
    if parcel.state in LIVE_STATES:
        _scan(parcel, acts, weight_g=weight_g, serials=serials, at=at)
    for act in acts:
        open_lines(act, parcel)
        _arrive(act, parcel)
    for act in acts:
        put_releases(act)
        release_due(act)


def _scan(parcel: Parcel, acts: Sequence[CaseAct], *, weight_g: int | None, serials: Collection[str], at: Any) -> None:
    first, *others = acts
    before = parcel.state
    codes = {"weight_g": weight_g, "weight_differs": differs(first.case, weight_g)}
    payload = {"serials": list(serials)} if serials else None
    fields = {"scanned_at": at or first.at, "scanned_by": first.by, "weight_g": weight_g}
    first.move(parcel, "scan", codes=codes, payload=payload, **fields)
    for act in others:
        act.note_verb(parcel, "scan", before=before, codes=codes)


def differs(case: Case, weight_g: int | None) -> bool:
    """Whether a parcel weighs something else than the shop says its goods do."""
    told = case.snapshot.get("weight_g")
    return bool(told and weight_g) and abs(weight_g - told) > told * WEIGHT_DIFFERS_BY


def _arrive(act: CaseAct, parcel: Parcel) -> None:
    if act.case.state in WAITS and not reasons_against(act.asking(act.case, "scan_in", parcel=parcel)):
        act.move(act.case, "scan_in", codes={"parcel": parcel.pk, "warehouse": parcel.warehouse_id})
        act.tell("case_parcel_arrived")
        put_refund_clock(act, parcel)
    elif act.case.state not in AT_WORK:
        act.open_task("late_parcel", role=Role.LEAD, key=f"parcel-{parcel.pk}", codes={"parcel": parcel.pk, "state": act.case.state})


def open_lines(act: CaseAct, parcel: Parcel) -> None:
    """A line for every granted piece that was not found yet, or was not right: what was missing or wrong is looked for again."""
    lines = lines_now(act.case)
    claims = CaseUnit.objects.filter(case=act.case).select_related("unit").order_by("pk")
    wanted = [claim for claim in expected_claims(claims) if claim.received_at is None or _was_wrong(lines.get(claim.pk))]
    fresh = [claim for claim in wanted if claim.pk not in lines or is_recorded(lines[claim.pk])]
    InspectionLine.objects.bulk_create(
        [InspectionLine(claim=claim, parcel=parcel, round=lines[claim.pk].round + 1 if claim.pk in lines else 1) for claim in fresh]
    )
    waiting = [lines[claim.pk].pk for claim in wanted if claim.pk in lines and lines[claim.pk].state == InspectionState.PENDING]
    InspectionLine.objects.filter(pk__in=waiting).update(parcel=parcel)


def _was_wrong(line: InspectionLine | None) -> bool:
    return is_recorded(line) and not is_good(line)


@transaction.atomic
def find_in_box(case: Case, parcel: Parcel, *, by: User, request_id: str | None = None) -> Case:
    """The goods of a further case lie in a box that was taken in for another one: it is received with it (C15)."""
    act = lock_act(case, "find_in_box", by=by, request_id=request_id)
    if act.is_replay:
        return act.subject
    row = act.lock(parcel)
    ParcelCase.objects.get_or_create(parcel=row, case=act.case)
    act.check(act.case, "scan_in", as_system=False, parcel=row)
    own = Parcel.objects.filter(links__case=act.case, state=ParcelState.EXPECTED, waybill="").exclude(pk=row.pk).order_by("pk")
    for expected in own:
        act.move(act.lock(expected), "cancel", codes={"cause": "shared"})
    take_in_parcel(row, [act])
    return act.finish()


@transaction.atomic
def redirect_parcel(
    parcel: Parcel, *, warehouse: Warehouse, by: User, expected_version: int | None = None, request_id: str | None = None
) -> Parcel:
    """Let another warehouse of the shop take a parcel in, because it turned up there. A lead decides it."""
    row, acts = open_acts(parcel, by)
    if is_replay(row, "redirect", request_id, by=by):
        return row
    require_version(row, expected_version)
    require(against_redirecting(row, warehouse, *(act.roles for act in acts)))
    row.warehouse, row.version = warehouse, row.version + 1
    row.save(update_fields=["warehouse", "version"])
    for act in acts:
        act.set(warehouse=warehouse)
        act.note("parcel.redirected", codes={"case": act.case.pk, "parcel": row.pk, "warehouse": warehouse.pk})
        act.tasks.close("parcel_elsewhere", keys=(f"parcel-{row.pk}",))
        act.finish()
    return row


def against_redirecting(parcel: Parcel, warehouse: Warehouse | None, *roles: Collection[str]) -> list[Reason]:
    """``roles`` are those on each case of the parcel; no ``warehouse``: none was chosen yet."""
    if not any({Role.LEAD, Role.MANAGER} & set(each) for each in roles):
        return [Forbidden("not_your_role", _("A lead moves parcels to another warehouse."))]
    is_open = parcel.state in LIVE_STATES and (warehouse is None or warehouse.merchant_id == parcel.warehouse.merchant_id)
    return [] if is_open else [Reason("other_shop", _("Only a parcel that is still expected goes to another warehouse of its shop."))]
