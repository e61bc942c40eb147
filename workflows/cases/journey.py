"""Where a return parcel is: the scans of its carrier folded into a state of its machine. Pure: the same scans give the same state."""

from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from orders.carriers.base import CarrierScan, CarrierTag, ProblemReason
from orders.carriers.fold import PROBLEMS, Fold, fold_scans, scan_order
from workflows.machines.parcel import PARCEL, ParcelState

CARRIER_VERBS = ("pick_up", "move", "carrier_sign", "report_problem")
# A parcel may be handed in a little before its number is told to us; older scans are those of somebody else's journey.
MARGIN = timedelta(days=1)
TURNS_BACK = (ProblemReason.REFUSED, ProblemReason.RETURNING)


class Journey(NamedTuple):
    """What the scans of a parcel add up to. ``last_problem`` is the newest reason that was ever seen, also when it is over."""

    state: ParcelState
    problem: str
    last_problem: str
    first_scan_at: datetime | None
    signed_at: datetime | None


def fold_journey(scans: Iterable[CarrierScan]) -> Journey:
    """The state of a parcel; it never depends on the order in which scans arrive, nor on how often they do."""
    ordered = sorted(set(scans), key=scan_order)
    seen = [scan for scan in ordered if scan.tag in PROBLEMS]
    fold = fold_scans(ordered)
    last = fold.problem or (seen[-1].problem or ProblemReason.DIFFICULT if seen else "")
    return Journey(_state_of(fold, had_problem=bool(seen)), fold.problem, last, fold.times.picked_up_at, fold.times.delivered_at)


def of_this_journey(scans: Iterable[CarrierScan], announced_at: datetime) -> list[CarrierScan]:
    """Without those from before anybody could have sent the parcel: numbers are used again."""
    return [scan for scan in scans if scan.at >= announced_at - MARGIN]


def on_the_way_back(scans: Iterable[CarrierScan]) -> list[CarrierScan]:
    """The scans of a parcel of ours that the customer refused: its journey to us begins where it turns back.

    To be refused is no problem of that journey but its beginning. Of what was before only a loss counts.
    """
    ordered, has_turned, back = sorted(scans, key=scan_order), False, []
    for scan in ordered:
        has_turned = has_turned or scan.problem in TURNS_BACK
        if scan.problem in TURNS_BACK:
            back.append(CarrierScan(scan.waybill, scan.at, CarrierTag.IN_TRANSIT, scan.subtag, scan.text, scan.place))
        elif has_turned or scan.problem == ProblemReason.LOST:
            back.append(scan)
    return back


def route(current: str, target: str) -> tuple[str, ...]:
    """The verbs of the carrier that lead from one state to another by the declared table, the fewest; none where there is no way."""
    waiting, seen = deque([(current, ())]), {current}
    while waiting:
        state, verbs = waiting.popleft()
        if state == target:
            return verbs
        for verb, there in _moves(state):
            if there not in seen:
                seen.add(there)
                waiting.append((there, (*verbs, verb)))
    return ()


def target_of(verb: str) -> str:
    """Where a verb of the carrier leads; each has one target."""
    return PARCEL.verb(verb).targets[0]


def _moves(state: str) -> list[tuple[str, str]]:
    return [(name, target_of(name)) for name in CARRIER_VERBS if state in PARCEL.verb(name).sources]


def _state_of(fold: Fold, *, had_problem: bool) -> ParcelState:
    if fold.problem:
        return ParcelState.PROBLEM
    if fold.tag == CarrierTag.DELIVERED:
        return ParcelState.CARRIER_SIGNED
    if fold.times.picked_up_at is None:
        return ParcelState.EXPECTED
    # Out of a problem a parcel can only be moving, so it is that whichever scan arrived first.
    return ParcelState.MOVING if fold.times.moving_at or had_problem else ParcelState.PICKED_UP
