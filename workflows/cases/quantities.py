"""What of a case is still to come in, to be paid and to go out: computed from its rows whenever it is asked, never stored.

Pure functions over plain rows; ``read_quantities`` brings the rows. Amounts are fen. Source: returns.md 1.2.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Sum

from workflows.machines.outbound import OutboundState
from workflows.machines.parcel import ParcelState
from workflows.machines.refund import RefundState
from workflows.machines.repair import RepairState
from workflows.models import Case, CasePolicy, CaseUnit, InspectionLine, Outbound, Parcel, Refund, Repair, Resolution
from workflows.money.apportion import share_out

Receipt, Release, Verdict = CasePolicy.Receipt, CasePolicy.Release, CaseUnit.Verdict
COMES_BACK = frozenset({Receipt.REQUIRED, Receipt.CARRIER})
SETTLED_BY_VERDICT = frozenset({Verdict.ACCEPTED, Verdict.WAIVED})
# With a problem nobody knows where it is; abandoned and cancelled parcels never come.
ON_ITS_WAY = frozenset({ParcelState.PICKED_UP, ParcelState.MOVING, ParcelState.CARRIER_SIGNED, ParcelState.SCANNED})
NEVER_COMES = frozenset({ParcelState.CANCELLED, ParcelState.ABANDONED})
HAS_LEFT = frozenset({OutboundState.SHIPPED, OutboundState.DELIVERED})
PAID_OR_GONE = (RefundState.SUCCEEDED, RefundState.VOIDED)


@dataclass(frozen=True)
class Claim:
    """One unit of a case. ``is_scanned``: in a parcel that the carrier has on its way back. ``goes_back``: our parcel returns it."""

    unit_id: int
    entitled_fen: int
    is_approved: bool = True
    received_at: datetime | None = None
    verdict: str = Verdict.PENDING
    is_scanned: bool = False
    is_freight: bool = False
    is_repaired: bool = False
    is_shipped: bool = False
    goes_back: bool = False

    @property
    def is_received(self) -> bool:
        return self.is_approved and not self.is_freight and self.received_at is not None

    @property
    def is_settled_by_verdict(self) -> bool:
        return self.is_approved and self.verdict in SETTLED_BY_VERDICT

    def meets(self, condition: str) -> bool:
        """Whether a release condition holds. A unit that failed meets none until a verdict accepts it."""
        if not self.is_approved or condition == Release.NONE:
            return False
        if self.is_settled_by_verdict or condition == Release.APPROVED:
            return True
        return self.verdict != Verdict.FAILED and _CONDITIONS[condition](self)


_CONDITIONS = {
    Release.FIRST_SCAN: lambda claim: claim.is_scanned or claim.is_received,
    Release.RECEIVED: lambda claim: claim.is_received,
    Release.INSPECTED: lambda claim: claim.is_received and claim.verdict == Verdict.PASSED,
    Release.REPAIRED: lambda claim: claim.is_repaired,
}


@dataclass(frozen=True)
class Terms:
    """One row of a resolution: a type of after-sale with its conditions, for some of the units or for an amount alone.

    ``unit_ids`` None: every unit of the case. ``amount_fen`` None: what was paid for them.
    """

    type: str
    receipt: str = Receipt.NONE
    release: str = Release.NONE
    ships: str = Release.NONE
    amount_fen: int | None = None
    unit_ids: frozenset[int] | None = None

    @classmethod
    def of(cls, policy: CasePolicy, *, is_trusted: bool = False, amount_fen: int | None = None, unit_ids: Collection[int] | None = None):
        """The conditions of a policy for a customer."""
        release, ships = (policy.release_trusted, policy.ships_trusted) if is_trusted else (policy.release, policy.ships)
        units = None if unit_ids is None else frozenset(unit_ids)
        return cls(policy.type, policy.receipt, release, ships, amount_fen, units)

    def to_row(self, **more: Any) -> dict[str, Any]:
        """As ``Resolution.rows`` keeps it, so that what was signed says under which conditions money leaves."""
        units = None if self.unit_ids is None else sorted(self.unit_ids)
        names = ("type", "receipt", "release", "ships", "amount_fen")
        return {**{name: getattr(self, name) for name in names}, "unit_ids": units, **more}

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> "Terms":
        units = row.get("unit_ids")
        names = ("type", "receipt", "release", "ships", "amount_fen")
        return cls(**{name: row[name] for name in names if name in row}, unit_ids=None if units is None else frozenset(units))

    def covers(self, claims: Iterable[Claim]) -> list[Claim]:
        """The approved units that this row is about."""
        return [claim for claim in claims if claim.is_approved and (self.unit_ids is None or claim.unit_id in self.unit_ids)]


def received(claims: Iterable[Claim]) -> int:
    """Approved units that are physically here."""
    return sum(claim.is_received for claim in claims)


def passed(claims: Iterable[Claim]) -> int:
    return sum(claim.is_received and claim.verdict == Verdict.PASSED for claim in claims)


def accepted(claims: Iterable[Claim]) -> int:
    """Failed units that a verdict takes all the same."""
    return sum(claim.is_approved and claim.verdict == Verdict.ACCEPTED for claim in claims)


def waived(claims: Iterable[Claim]) -> int:
    """Units that a verdict no longer expects."""
    return sum(claim.is_approved and claim.verdict == Verdict.WAIVED for claim in claims)


def to_receive(claims: Sequence[Claim], terms: Terms) -> int:
    """Units that are still expected back; freight never is."""
    if terms.receipt not in COMES_BACK:
        return 0
    return sum(not (claim.is_freight or claim.is_received or claim.is_settled_by_verdict) for claim in terms.covers(claims))


def worth(claims: Sequence[Claim], terms: Terms) -> dict[int, int]:
    """What each unit brings, by its id: what was paid for it, or its share of a lower amount. The shares sum to that amount."""
    covered = terms.covers(claims)
    paid = [claim.entitled_fen for claim in covered]
    total = sum(paid) if terms.amount_fen is None else min(terms.amount_fen, sum(paid))
    return {claim.unit_id: share for claim, share in zip(covered, share_out(total, paid), strict=True)}


def expected_entitlement(claims: Sequence[Claim], terms: Terms) -> int:
    """What this row will bring when all goes well: the amount that is held."""
    if terms.release == Release.NONE:
        return 0
    return _amount_alone(terms) if _is_amount(terms) else sum(worth(claims, terms).values())


def entitlement_now(claims: Sequence[Claim], terms: Terms) -> int:
    """What may be paid at this moment: the units that meet the release condition."""
    if _is_amount(terms):
        return _amount_alone(terms) if terms.release == Release.APPROVED else 0
    return sum(due_now(claims, terms).values())


def due_now(claims: Sequence[Claim], terms: Terms) -> dict[int, int]:
    """What may be paid at this moment for each unit, by its id. Freight comes with the last of the goods that it brought."""
    covered = terms.covers(claims)
    goods_done = all(claim.meets(terms.release) for claim in covered if not claim.is_freight)
    released = {claim.unit_id for claim in covered if (goods_done if claim.is_freight else claim.meets(terms.release))}
    shares = worth(claims, terms) if terms.release != Release.NONE else {}
    return {unit_id: share for unit_id, share in shares.items() if unit_id in released}


def to_ship(claims: Sequence[Claim], terms: Terms) -> int:
    """Units that must go out and have not: replacements, what was repaired or missing, and goods that go back to their owner."""
    return sum(_is_due_out(claim, terms) and not claim.is_shipped for claim in terms.covers(claims))


def ready_to_ship(claims: Sequence[Claim], terms: Terms) -> list[int]:
    """Ids of the units whose parcel may leave now."""
    due = [claim for claim in terms.covers(claims) if _is_due_out(claim, terms) and not claim.is_shipped]
    return [claim.unit_id for claim in due if claim.goes_back or claim.meets(terms.ships)]


def _is_due_out(claim: Claim, terms: Terms) -> bool:
    return not claim.is_freight and (claim.goes_back or terms.ships != Release.NONE)


def _is_amount(terms: Terms) -> bool:
    """A row about no unit at all, a compensation."""
    return terms.unit_ids is not None and not terms.unit_ids


def _amount_alone(terms: Terms) -> int:
    return terms.amount_fen or 0


@dataclass(frozen=True)
class Quantities:
    """The state of goods and money of one case: its units, the rows that were decided, and what is held and paid already."""

    claims: Sequence[Claim] = ()
    rows: Sequence[Terms] = ()
    held_fen: int = 0
    refunded_fen: int = 0

    @property
    def received(self) -> int:
        return received(self.claims)

    @property
    def passed(self) -> int:
        return passed(self.claims)

    @property
    def accepted(self) -> int:
        return accepted(self.claims)

    @property
    def waived(self) -> int:
        return waived(self.claims)

    @property
    def to_receive(self) -> int:
        return sum(to_receive(self.claims, row) for row in self.rows)

    @property
    def expected_entitlement(self) -> int:
        return sum(expected_entitlement(self.claims, row) for row in self.rows)

    @property
    def entitlement_now(self) -> int:
        return sum(entitlement_now(self.claims, row) for row in self.rows)

    @property
    def to_refund(self) -> int:
        """What is owed and neither paid nor held yet; nothing when more than that is on its way."""
        return max(0, self.expected_entitlement - self.refunded_fen - self.held_fen)

    @property
    def payable_now(self) -> int:
        """How much more may leave at this moment."""
        return max(0, self.entitlement_now - self.refunded_fen)

    @property
    def to_ship(self) -> int:
        return sum(to_ship(self.claims, row) for row in self.rows)


def read_quantities(case: Case) -> Quantities:
    """The quantities of a case as it stands, in four queries. Before anything was decided there are none to be owed."""
    resolution = Resolution.objects.filter(case=case, standing=Resolution.Standing.CURRENT).only("rows").first()
    rows = [Terms.from_row(row) for row in resolution.rows] if resolution else []
    return Quantities(read_claims(case), rows, **_read_money(case))


def read_claims(case: Case) -> list[Claim]:
    """The units of a case, in two queries. A unit that no parcel names is in all of them, so all must be on their way."""
    parcels = [parcel for parcel in Parcel.objects.filter(links__case=case).only("state") if parcel.state not in NEVER_COMES]
    moving = {parcel.pk for parcel in parcels if parcel.state in ON_ITS_WAY}
    all_move = bool(parcels) and len(moving) == len(parcels)
    return [claim_of(unit, is_scanned=unit.own_parcel in moving if unit.own_parcel else all_move) for unit in _units(case)]


def claim_of(unit: CaseUnit, *, is_scanned: bool) -> Claim:
    """The plain row of a unit that ``_units`` has read."""
    return Claim(
        unit_id=unit.unit_id,
        entitled_fen=unit.unit.entitled_fen,
        is_approved=unit.is_approved,
        received_at=unit.received_at,
        verdict=unit.verdict,
        is_scanned=is_scanned,
        is_freight=unit.unit.line_id is None,
        is_repaired=unit.was_repaired,
        is_shipped=unit.has_left,
        goes_back=unit.is_sent_back,
    )


def _units(case: Case) -> QuerySet[CaseUnit]:
    out = Outbound.objects.filter(units=OuterRef("pk")).exclude(state=OutboundState.CANCELLED)
    own_parcel = InspectionLine.objects.filter(claim=OuterRef("pk"), parcel__isnull=False).order_by("-round").values("parcel_id")[:1]
    return (
        CaseUnit.objects.filter(case=case)
        .select_related("unit")
        .annotate(
            has_left=Exists(out.filter(state__in=HAS_LEFT)),
            is_sent_back=Exists(out.filter(kind=Outbound.Kind.SHIP_BACK)),
            was_repaired=Exists(Repair.objects.filter(claim=OuterRef("pk"), state=RepairState.REPAIRED)),
            own_parcel=Subquery(own_parcel),
        )
        .order_by("unit_id")
    )


def _read_money(case: Case) -> dict[str, int]:
    held = Sum("amount_fen", filter=~Q(state__in=PAID_OR_GONE), default=0)
    refunded = Sum("amount_fen", filter=Q(state=RefundState.SUCCEEDED), default=0)
    return Refund.objects.filter(case=case).aggregate(held_fen=held, refunded_fen=refunded)
