"""The scans of one waybill folded into where the parcel is: the same scans give the same state in any order, doubled or not."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from .base import CarrierScan, CarrierTag, ProblemReason

# How far a parcel has come, and which of two scans of the same second is the later one.
RANK = {
    tag: rank
    for rank, tag in enumerate(
        [
            CarrierTag.PENDING, CarrierTag.INFO_RECEIVED, CarrierTag.IN_TRANSIT, CarrierTag.OUT_FOR_DELIVERY,
            CarrierTag.AVAILABLE_FOR_PICKUP, CarrierTag.ATTEMPT_FAIL, CarrierTag.EXPIRED, CarrierTag.EXCEPTION, CarrierTag.DELIVERED,
        ]
    )
}  # fmt: skip
PROBLEMS = {CarrierTag.ATTEMPT_FAIL, CarrierTag.EXPIRED, CarrierTag.EXCEPTION}
UNTOUCHED = {CarrierTag.PENDING, CarrierTag.INFO_RECEIVED, CarrierTag.EXPIRED}


@dataclass(frozen=True)
class Times:
    """When things happened. ``moving_at`` is None while the parcel was only taken over; ``problem_since`` while all is well."""

    picked_up_at: datetime | None = None
    moving_at: datetime | None = None
    delivered_at: datetime | None = None
    problem_since: datetime | None = None
    last_scan_at: datetime | None = None


class Fold(NamedTuple):
    """Where a parcel is. ``problem`` is a ``ProblemReason`` or empty."""

    tag: CarrierTag
    problem: str
    times: Times


def fold_scans(scans: Iterable[CarrierScan]) -> Fold:
    """Walk the scans by time and rank; a parcel never goes backward.

    A problem is over once the parcel moves again, except on its way back to the sender: scans of that way are no progress, and only
    being lost on it is worse. A scan that comes twice changes nothing the second time. No scans: pending.
    """
    state = Fold(CarrierTag.PENDING, "", Times())
    for scan in sorted(scans, key=scan_order):
        state = step(state, scan)
    return state


def scan_order(scan: CarrierScan) -> tuple:
    """Total, so that scans of one second have one order only."""
    return scan.at, RANK[scan.tag], not scan.is_pickup, scan.problem, scan.subtag, scan.text, scan.place, scan.waybill


def step(state: Fold, scan: CarrierScan) -> Fold:
    """The state after one more scan."""
    tag, problem = next_state(state, scan)
    seen = state.times
    times = replace(
        seen,
        picked_up_at=seen.picked_up_at or (scan.at if is_touched(scan) else None),
        moving_at=seen.moving_at or (scan.at if is_touched(scan) and not scan.is_pickup else None),
        delivered_at=seen.delivered_at or (scan.at if tag == CarrierTag.DELIVERED else None),
        problem_since=None if not problem else seen.problem_since if problem == state.problem else scan.at,
        last_scan_at=scan.at,
    )
    return Fold(tag, problem, times)


def next_state(state: Fold, scan: CarrierScan) -> tuple[CarrierTag, str]:
    """Where a parcel is after a scan, and what is wrong with it."""
    reason = problem_of(state, scan)
    if state.problem == ProblemReason.RETURNING and reason not in (ProblemReason.RETURNING, ProblemReason.LOST):
        return state.tag, state.problem
    if scan.tag in PROBLEMS:
        return scan.tag, reason
    floor = CarrierTag.IN_TRANSIT if state.problem else state.tag
    return (scan.tag, "") if RANK[scan.tag] >= RANK[floor] else (state.tag, state.problem)


def problem_of(state: Fold, scan: CarrierScan) -> str:
    """What a scan says is wrong; silence about a parcel that nobody ever saw means an unknown waybill."""
    if scan.tag not in PROBLEMS or scan.problem:
        return scan.problem
    is_unseen = scan.tag == CarrierTag.EXPIRED and state.times.picked_up_at is None
    return ProblemReason.UNKNOWN_NO if is_unseen else ProblemReason.DIFFICULT


def is_touched(scan: CarrierScan) -> bool:
    """True when the carrier had the parcel in its hands."""
    return scan.tag not in UNTOUCHED and scan.problem != ProblemReason.UNKNOWN_NO
