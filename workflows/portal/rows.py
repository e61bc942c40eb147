"""The rows of one case that its customer's page tells of, in a fixed number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import Prefetch, Q

from workflows.machines.refund import RefundState
from workflows.models import Appeal, Case, CaseClock, CaseUnit, InspectionLine, Outbound, Parcel, Refund, Repair, TrackEvent
from workflows.services.appeals import may_appeal

LIVE_APPEALS = frozenset({"opened", "evidence", "deciding"})
NEVER_SENT = frozenset({"cancelled", "abandoned"})
MOST_MOVES = 200


class Move(NamedTuple):
    """A verb of the case that happened."""

    verb: str
    at: datetime
    to: str
    codes: dict[str, Any]
    payload: dict[str, Any]


@dataclass(frozen=True)
class Rows:
    """A case with its tracks, as they stand at one moment."""

    case: Case
    at: datetime
    units: Sequence[CaseUnit]
    parcels: Sequence[Parcel]
    refunds: Sequence[Refund]
    outbounds: Sequence[Outbound]
    repairs: Sequence[Repair]
    appeals: Sequence[Appeal]
    clocks: Sequence[CaseClock]
    moves: Sequence[Move]

    @property
    def goods(self) -> list[CaseUnit]:
        """The units that are things; freight is none."""
        return [claim for claim in self.units if claim.unit.line_id is not None]

    @cached_property
    def clock(self) -> CaseClock | None:
        """The clock of the state that the case is in."""
        return next((clock for clock in self.clocks if clock.kind == "service" and clock.code == self.case.state), None)

    @cached_property
    def may_appeal(self) -> bool:
        return may_appeal(self.case, self.at)

    @property
    def due_at(self) -> datetime | None:
        return self.clock.due_at if self.clock else None

    @property
    def parcel(self) -> Parcel | None:
        """The newest parcel that still counts."""
        return next((parcel for parcel in reversed(self.parcels) if parcel.state not in NEVER_SENT), None)

    @property
    def appeal(self) -> Appeal | None:
        return self.appeals[-1] if self.appeals else None

    @property
    def money(self) -> list[Refund]:
        """The refunds that count; those that were voided only when nothing came in their place."""
        return [refund for refund in self.refunds if refund.state != RefundState.VOIDED] or list(self.refunds[-1:])

    def last(self, *verbs: str) -> Move | None:
        return next((move for move in reversed(self.moves) if move.verb in verbs), None)


def read_rows(case: Case, at: datetime) -> Rows:
    """Read a case that ``cases_of`` has found; its complaint is known already."""
    return Rows(
        case,
        at,
        units=_units(case),
        parcels=list(case.parcels.select_related("carrier", "warehouse").prefetch_related(_scans()).order_by("pk")),
        refunds=list(case.refunds.select_related("balance__payment").order_by("pk")),
        outbounds=list(case.outbounds.select_related("carrier").order_by("pk")),
        repairs=list(Repair.objects.filter(claim__case=case).select_related("claim__unit__line").order_by("pk")),
        appeals=list(case.appeals.order_by("pk")),
        clocks=list(case.clocks.filter(state__in=["running", "paused"]).select_related("rule").order_by("due_at")),
        moves=_moves(case),
    )


def _units(case: Case) -> list[CaseUnit]:
    lines = InspectionLine.objects.order_by("round").prefetch_related("photos")
    claims = case.units.select_related("unit__line").prefetch_related(Prefetch("inspections", lines))
    return list(claims.order_by("unit__line_id", "unit__position"))


def _scans() -> Prefetch:
    return Prefetch("scans", TrackEvent.objects.order_by("-at", "-pk"), to_attr="seen")


def _moves(case: Case) -> list[Move]:
    told = Q(kind__startswith="case.") | Q(kind="appeal.deny")
    found = case.complaint.events.filter(told, codes__case=case.pk).order_by("seq")
    rows = found.values_list("kind", "at", "codes", "payload")[:MOST_MOVES]
    return [_move(*row) for row in rows]


def _move(kind: str, at: datetime, codes: dict[str, Any], payload: dict[str, Any] | None) -> Move:
    is_own = kind.startswith("case.")
    return Move(kind.removeprefix("case."), at, codes.get("to", "") if is_own else "", codes, payload or {})
