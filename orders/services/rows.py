"""What a sync hands in and what it gets back. Rows name the fields that they set; a field that is not named stays as it is."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Row:
    """A customer, line, payment or warehouse by its external id."""

    external_id: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ScanRow:
    """What a scanner of the carrier saw."""

    at: datetime
    status: str
    text: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class ShipmentRow:
    """A shipment; ``carrier`` and ``warehouse`` are codes, None leaves them as they are and "" clears them."""

    external_id: str
    values: dict[str, Any] = field(default_factory=dict)
    carrier: str | None = None
    warehouse: str | None = None
    scans: tuple[ScanRow, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order with whatever comes along with it. Lines, payments and shipments are added or changed, never removed."""

    external_id: str
    values: dict[str, Any] = field(default_factory=dict)
    customer: Row | None = None
    lines: tuple[Row, ...] = ()
    payments: tuple[Row, ...] = ()
    shipments: tuple[ShipmentRow, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderPart:
    """A payment or shipment that comes by itself and names its order by external id."""

    order: str
    row: Row | ShipmentRow


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of one row; ``errors`` names the fields of a rejected one."""

    external_id: str
    outcome: Outcome
    errors: dict[str, str] = field(default_factory=dict)


def count_outcomes(results: Iterable[RowResult]) -> dict[str, int]:
    """How many rows were created, changed, left alone and rejected."""
    counted = Counter(result.outcome for result in results)
    return {str(outcome): counted[outcome] for outcome in Outcome}
