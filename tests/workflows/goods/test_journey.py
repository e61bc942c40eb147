"""Where a return parcel is, as a pure fold: shuffled, doubled and corrected scans give the same state."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.carriers.base import CarrierScan, CarrierTag, ProblemReason
from workflows.cases.journey import MARGIN, fold_journey, of_this_journey, on_the_way_back, route, target_of
from workflows.machines.parcel import PARCEL, ParcelState

START = datetime(2026, 11, 2, 8, tzinfo=UTC)
T, S, P = CarrierTag, ParcelState, ProblemReason


def scan(hours: int, tag: CarrierTag = T.IN_TRANSIT, problem: str = "", *, is_pickup: bool = False) -> CarrierScan:
    return CarrierScan("SF1", START + timedelta(hours=hours), tag, text=f"{hours}", problem=problem, is_pickup=is_pickup)


PICKUP, MOVES, SIGNED = scan(1, is_pickup=True), scan(5), scan(50, T.DELIVERED)


@pytest.mark.parametrize(("scans", "state", "problem"), [
    ([], S.EXPECTED, ""),
    ([scan(0, T.INFO_RECEIVED)], S.EXPECTED, ""),
    ([PICKUP], S.PICKED_UP, ""),
    ([PICKUP, MOVES], S.MOVING, ""),
    ([scan(5, T.AVAILABLE_FOR_PICKUP)], S.MOVING, ""),
    ([PICKUP, MOVES, SIGNED], S.CARRIER_SIGNED, ""),
    ([MOVES, SIGNED, scan(60)], S.CARRIER_SIGNED, ""),
    ([MOVES, scan(9, T.ATTEMPT_FAIL)], S.PROBLEM, P.DIFFICULT),
    ([scan(72, T.EXPIRED)], S.PROBLEM, P.UNKNOWN_NO),
    ([MOVES, scan(900, T.EXPIRED)], S.PROBLEM, P.DIFFICULT),
    ([MOVES, scan(9, T.EXCEPTION, P.LOST)], S.PROBLEM, P.LOST),
    ([MOVES, scan(9, T.EXCEPTION, P.LOST), scan(90)], S.MOVING, ""),
    ([MOVES, scan(9, T.EXCEPTION, P.REFUSED), scan(12, T.EXCEPTION, P.RETURNING), scan(20), SIGNED], S.PROBLEM, P.RETURNING),
    ([SIGNED, scan(51, T.EXCEPTION, P.DIFFICULT)], S.PROBLEM, P.DIFFICULT),
    ([scan(1, T.EXPIRED), scan(2, is_pickup=True)], S.MOVING, ""),
])  # fmt: skip
def test_scans_add_up_to_a_state(scans, state, problem):
    journey = fold_journey(scans)

    assert (journey.state, journey.problem) == (state, problem)


def test_times_are_those_of_the_first_touch_and_of_the_delivery():
    journey = fold_journey([scan(0, T.INFO_RECEIVED), SIGNED, MOVES, PICKUP])

    assert (journey.first_scan_at, journey.signed_at) == (PICKUP.at, SIGNED.at)


def test_what_was_wrong_is_known_when_it_is_over():
    assert fold_journey([MOVES, scan(9, T.EXCEPTION, P.LOST), scan(90)]).last_problem == P.LOST
    assert fold_journey([MOVES, scan(9, T.ATTEMPT_FAIL), scan(20)]).last_problem == P.DIFFICULT
    assert fold_journey([MOVES]).last_problem == ""


PROBLEM_TAGS = {T.ATTEMPT_FAIL, T.EXPIRED, T.EXCEPTION}
scans_told = st.lists(
    st.builds(scan, st.integers(0, 9), st.sampled_from(list(T)), st.sampled_from(["", *P.values]), is_pickup=st.booleans()).map(
        lambda each: each if each.tag in PROBLEM_TAGS else scan(int(each.text), each.tag, is_pickup=each.is_pickup)
    ),
    max_size=9,
)


@given(told=scans_told, order=st.randoms(use_true_random=False))
def test_however_scans_arrive_the_parcel_ends_where_they_say(told, order):
    """One by one, in any order, some twice; walked along the declared table from wherever the parcel is."""
    arriving = order.sample(told, len(told)) + told[:2]
    state, known = S.EXPECTED, []

    for each in arriving:
        known.append(each)
        target = fold_journey(known).state
        if target != S.EXPECTED:
            for verb in route(state, target):
                assert state in PARCEL.verb(verb).sources
                state = target_of(verb)
        assert state == target


@given(told=scans_told, order=st.randoms(use_true_random=False))
def test_a_parcel_that_comes_back_to_us_ends_where_its_scans_say(told, order):
    arriving = order.sample(told, len(told)) + told[:2]
    state, known = S.EXPECTED, []

    for each in arriving:
        known.append(each)
        target = fold_journey(on_the_way_back(known)).state
        for verb in route(state, target) if target != S.EXPECTED else ():
            state = target_of(verb)
        assert state == target


def test_a_corrected_scan_changes_what_came_after_it_too():
    """The carrier takes a wrong delivery back by a scan that says what is wrong; the parcel moves again."""
    wrong = [MOVES, SIGNED, scan(51, T.EXCEPTION, P.DIFFICULT), scan(60, T.OUT_FOR_DELIVERY)]

    assert fold_journey(wrong).state == S.MOVING
    assert route(S.CARRIER_SIGNED, S.MOVING) == ("report_problem", "move")
    assert fold_journey([*wrong, scan(70, T.DELIVERED)]).state == S.CARRIER_SIGNED


@pytest.mark.parametrize(("here", "there", "verbs"), [
    (S.EXPECTED, S.PICKED_UP, ("pick_up",)),
    (S.EXPECTED, S.CARRIER_SIGNED, ("carrier_sign",)),
    (S.PROBLEM, S.MOVING, ("move",)),
    (S.MOVING, S.MOVING, ()),
    (S.MOVING, S.PICKED_UP, ()),
    (S.SCANNED, S.MOVING, ()),
    (S.CANCELLED, S.MOVING, ()),
    (S.ABANDONED, S.MOVING, ()),
    (S.MOVING, S.SCANNED, ()),
])  # fmt: skip
def test_a_way_leads_along_the_carriers_verbs_only(here, there, verbs):
    assert route(here, there) == verbs


REFUSED = scan(9, T.EXCEPTION, P.REFUSED)


@pytest.mark.parametrize(("scans", "state"), [
    ([PICKUP, MOVES], S.EXPECTED),
    ([PICKUP, MOVES, SIGNED], S.EXPECTED),
    ([PICKUP, MOVES, REFUSED], S.MOVING),
    ([PICKUP, MOVES, REFUSED, scan(12, T.EXCEPTION, P.RETURNING), scan(20)], S.MOVING),
    ([PICKUP, MOVES, REFUSED, SIGNED], S.CARRIER_SIGNED),
    ([PICKUP, MOVES, REFUSED, scan(40, T.EXCEPTION, P.LOST)], S.PROBLEM),
    ([PICKUP, MOVES, scan(40, T.EXCEPTION, P.LOST)], S.PROBLEM),
    ([PICKUP, MOVES, scan(40, T.ATTEMPT_FAIL)], S.EXPECTED),
])  # fmt: skip
def test_a_refused_parcel_is_on_its_way_back_from_where_it_turns(scans, state):
    journey = fold_journey(on_the_way_back(scans))

    assert journey.state == state
    assert journey.first_scan_at is None or journey.first_scan_at >= REFUSED.at


def test_scans_from_before_the_announcement_are_of_another_journey():
    announced = START + timedelta(days=30)
    old, early, new = scan(1, T.DELIVERED), scan(30 * 24 - 23), scan(31 * 24)

    assert of_this_journey([old, early, new], announced) == [early, new]
    assert timedelta(days=1) == MARGIN
