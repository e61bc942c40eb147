"""How long it takes: the range is as honest as it claims, and nothing is said where too little is known."""

import heapq
import random
from datetime import timedelta

import pytest

from complaints.chat.waiting import Range, _table, usual_wait, wait_at
from tools.wait_quantiles import HIGH, LOW, MOST_AHEAD, quantile, row

# 90 % quantiles as printed in the tables of textbooks: numerator and denominator degrees of freedom, value.
PRINTED = [(2, 30, 2.49), (4, 30, 2.14), (10, 30, 1.82), (20, 40, 1.61), (2, 60, 2.39), (12, 60, 1.66), (30, 60, 1.48)]


@pytest.mark.parametrize(("above", "below", "printed"), PRINTED)
def test_quantiles_are_those_of_the_printed_tables(above, below, printed):
    assert quantile(HIGH, above, below) == pytest.approx(printed, abs=0.0051)


@pytest.mark.parametrize("gaps", [15, 22, 30])
def test_the_quantile_of_one_gap_has_a_closed_form(gaps):
    for share, found in zip((LOW, HIGH), _table()[gaps][0], strict=True):
        assert found == pytest.approx(gaps * ((1 - share) ** (-1 / gaps) - 1), abs=1e-4)


@pytest.mark.parametrize("gaps", [15, 30])
def test_the_shipped_table_is_what_its_tool_computes(gaps):
    assert _table()[gaps] == row(gaps)


def test_the_table_has_a_row_for_every_number_of_gaps():
    assert {gaps: len(factors) for gaps, factors in _table().items()} == dict.fromkeys(range(15, 31), MOST_AHEAD)


def test_below_fifteen_gaps_nothing_is_said():
    assert wait_at(3, [60.0] * 14) is None
    assert wait_at(3, [60.0] * 15) is not None


def test_far_behind_only_the_place_is_said():
    assert wait_at(MOST_AHEAD + 1, [60.0] * 30) is None
    assert wait_at(0, [60.0] * 30) is None


def test_only_the_newest_thirty_gaps_count():
    assert wait_at(2, [60.0] * 30) == wait_at(2, [60.0] * 30 + [9000.0] * 30)


def test_a_range_is_said_in_whole_minutes_outwards():
    assert Range(timedelta(seconds=170), timedelta(seconds=241)).minutes == (2, 5)
    assert Range(timedelta(seconds=5), timedelta(seconds=20)).minutes == (1, 1)


def test_more_than_ten_minutes_is_long():
    assert [Range(timedelta(), timedelta(minutes=minutes)).is_long for minutes in (10, 11)] == [False, True]


def test_the_usual_wait_is_the_middle_to_four_fifths():
    assert usual_wait([600.0, 60.0, 120.0, 180.0, 240.0]) == Range(timedelta(seconds=180), timedelta(seconds=240))
    assert usual_wait([60.0] * 4) is None


@pytest.mark.parametrize("slots", [4, 12])
def test_four_of_five_waits_lie_within_what_was_said(slots):
    said, kept = simulate(random.Random(slots), slots=slots, customers=6000)

    assert said > 2000
    assert 0.75 <= kept / said <= 0.88


def simulate(dice: random.Random, *, slots: int, customers: int) -> tuple[int, int]:
    """A queue before busy people: how many were told a range on joining, and for how many it came true."""
    free_at = [0.0] * slots
    heapq.heapify(free_at)
    arrived, taken_at, gaps, said, kept = 0.0, [], [], 0, 0
    told: list[tuple[float, Range | None]] = []
    for _customer in range(customers):
        arrived += dice.expovariate(slots / 300.0 * 0.97)
        ahead = sum(1 for moment in taken_at[-200:] if moment > arrived)
        known = [gap for moment, gap in gaps[-200:] if moment <= arrived][::-1]
        told.append((arrived, wait_at(ahead + 1, known) if ahead else None))
        taken = max(arrived, heapq.heappop(free_at))
        if taken_at and arrived <= taken_at[-1]:
            gaps.append((taken, taken - taken_at[-1]))
        taken_at.append(taken)
        heapq.heappush(free_at, taken + dice.expovariate(1 / 300.0))
    for (joined, promised), taken in zip(told, taken_at, strict=True):
        if promised is not None:
            said += 1
            kept += promised.low.total_seconds() <= taken - joined <= promised.high.total_seconds()
    return said, kept
