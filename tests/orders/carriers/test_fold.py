"""Where a parcel is, folded from its scans: order and doubles change nothing, and nothing goes backward."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders.carriers.base import CarrierScan, CarrierTag, ProblemReason
from orders.carriers.fold import RANK, Times, fold_scans, scan_order

START = datetime(2026, 11, 2, 8, tzinfo=UTC)
Tag, Problem = CarrierTag, ProblemReason
PROGRESS = [Tag.PENDING, Tag.INFO_RECEIVED, Tag.IN_TRANSIT, Tag.OUT_FOR_DELIVERY, Tag.AVAILABLE_FOR_PICKUP, Tag.DELIVERED]


def at(hour: int) -> datetime:
    return START + timedelta(hours=hour)


def make_scan(hour: int, tag: CarrierTag, problem: str = "", **overrides) -> CarrierScan:
    return CarrierScan(**{"waybill": "SF1", "at": at(hour), "tag": tag, "problem": problem} | overrides)


def make_scans(*tags: CarrierTag | tuple[CarrierTag, str]) -> list[CarrierScan]:
    """One scan an hour."""
    return [make_scan(hour, *(tag if isinstance(tag, tuple) else (tag,))) for hour, tag in enumerate(tags)]


def outcome(*tags) -> tuple:
    return fold_scans(make_scans(*tags))[:2]


LOST, REFUSED, RETURNING = ((Tag.EXCEPTION, problem) for problem in (Problem.LOST, Problem.REFUSED, Problem.RETURNING))
scans = st.builds(
    make_scan,
    st.integers(0, 4),
    st.sampled_from(list(CarrierTag)),
    st.sampled_from(["", *ProblemReason]),
    subtag=st.sampled_from(["", "a"]),
    is_pickup=st.booleans(),
)


@settings(deadline=None)
@given(st.lists(scans, max_size=8).flatmap(lambda found: st.tuples(st.just(found), st.permutations(found + found))))
def test_order_and_doubles_change_nothing(pair):
    found, shuffled = pair

    assert fold_scans(shuffled) == fold_scans(found)


@settings(deadline=None)
@given(st.lists(st.sampled_from(PROGRESS), min_size=1, max_size=8))
def test_without_problems_the_furthest_scan_counts(tags):
    assert outcome(*tags) == (max(tags, key=RANK.__getitem__), "")


@settings(deadline=None)
@given(st.lists(scans, max_size=8))
def test_a_parcel_with_a_problem_has_a_reason_and_one_without_has_none(found):
    tag, problem, times = fold_scans(found)

    assert bool(problem) == (tag in {Tag.ATTEMPT_FAIL, Tag.EXCEPTION, Tag.EXPIRED}) == (times.problem_since is not None)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ((), (Tag.PENDING, "")),
        ((Tag.INFO_RECEIVED,), (Tag.INFO_RECEIVED, "")),
        ((Tag.IN_TRANSIT, Tag.INFO_RECEIVED), (Tag.IN_TRANSIT, "")),
        ((Tag.OUT_FOR_DELIVERY, Tag.IN_TRANSIT), (Tag.OUT_FOR_DELIVERY, "")),
        ((Tag.DELIVERED, Tag.IN_TRANSIT), (Tag.DELIVERED, "")),
        ((Tag.DELIVERED, LOST), (Tag.EXCEPTION, "lost")),
        ((Tag.IN_TRANSIT, LOST), (Tag.EXCEPTION, "lost")),
        ((Tag.IN_TRANSIT, LOST, Tag.IN_TRANSIT), (Tag.IN_TRANSIT, "")),
        ((Tag.IN_TRANSIT, LOST, Tag.INFO_RECEIVED), (Tag.EXCEPTION, "lost")),
        ((Tag.OUT_FOR_DELIVERY, Tag.ATTEMPT_FAIL), (Tag.ATTEMPT_FAIL, "difficult")),
        ((Tag.OUT_FOR_DELIVERY, Tag.ATTEMPT_FAIL, Tag.IN_TRANSIT), (Tag.IN_TRANSIT, "")),
        ((Tag.OUT_FOR_DELIVERY, Tag.ATTEMPT_FAIL, Tag.OUT_FOR_DELIVERY, Tag.DELIVERED), (Tag.DELIVERED, "")),
        ((REFUSED, Tag.DELIVERED), (Tag.DELIVERED, "")),
        ((REFUSED, RETURNING), (Tag.EXCEPTION, "returning")),
        ((REFUSED, RETURNING, Tag.IN_TRANSIT, Tag.DELIVERED), (Tag.EXCEPTION, "returning")),
        ((RETURNING, (Tag.EXCEPTION, Problem.DIFFICULT)), (Tag.EXCEPTION, "returning")),
        ((RETURNING, LOST), (Tag.EXCEPTION, "lost")),
        ((Tag.INFO_RECEIVED, Tag.EXPIRED), (Tag.EXPIRED, "unknown_no")),
        ((Tag.IN_TRANSIT, Tag.EXPIRED), (Tag.EXPIRED, "difficult")),
        ((Tag.EXCEPTION,), (Tag.EXCEPTION, "difficult")),
    ],
)
def test_fold_scans(tags, expected):
    assert outcome(*tags) == expected


def test_of_two_scans_of_one_second_the_further_one_is_the_later():
    both = [make_scan(0, Tag.DELIVERED), make_scan(0, Tag.EXCEPTION, Problem.DIFFICULT)]

    assert fold_scans(both)[:2] == (Tag.DELIVERED, "")


@pytest.mark.parametrize("field", ["problem", "subtag", "text", "place"])
def test_scans_that_differ_in_one_field_have_one_order(field):
    pair = [make_scan(0, Tag.EXCEPTION, **{field: value}) for value in (Problem.LOST, Problem.RETURNING)]

    assert scan_order(pair[0]) < scan_order(pair[1])
    assert fold_scans(pair) == fold_scans(pair[::-1])


def test_times_of_a_journey():
    found = [
        make_scan(0, Tag.INFO_RECEIVED),
        make_scan(1, Tag.IN_TRANSIT, is_pickup=True),
        make_scan(2, Tag.IN_TRANSIT),
        make_scan(3, Tag.EXCEPTION, Problem.DIFFICULT),
        make_scan(4, Tag.EXCEPTION, Problem.DIFFICULT, subtag="again"),
        make_scan(5, Tag.OUT_FOR_DELIVERY),
        make_scan(6, Tag.DELIVERED),
        make_scan(7, Tag.DELIVERED),
    ]

    assert fold_scans(found).times == Times(at(1), at(2), at(6), None, at(7))
    assert fold_scans(found[:5]).times == Times(at(1), at(2), None, at(3), at(4))
    assert fold_scans(found[:2]).times == Times(at(1), None, None, None, at(1))
    assert fold_scans(found[:1]).times == Times(None, None, None, None, at(0))


def test_a_parcel_that_nobody_ever_held_was_not_picked_up():
    cancelled = [make_scan(0, Tag.INFO_RECEIVED), make_scan(1, Tag.EXCEPTION, Problem.UNKNOWN_NO)]

    assert fold_scans(cancelled).times.picked_up_at is None


def test_a_signature_on_the_way_back_to_the_sender_is_no_delivery():
    found = make_scans(Tag.IN_TRANSIT, RETURNING, Tag.DELIVERED)

    assert fold_scans(found).times.delivered_at is None


def test_scans_of_two_time_zones_are_ordered_by_the_instant():
    beijing = datetime.fromisoformat("2026-11-02T17:00:00+08:00")  # 09:00 UTC

    assert fold_scans([make_scan(0, Tag.EXCEPTION, Problem.LOST), make_scan(0, Tag.IN_TRANSIT, at=beijing)])[:2] == (Tag.IN_TRANSIT, "")


def test_a_scan_needs_a_time_zone():
    with pytest.raises(ValueError, match="time zone"):
        make_scan(0, Tag.PENDING, at=datetime(2026, 11, 2))  # noqa: DTZ001
