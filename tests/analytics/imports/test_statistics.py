"""What a log says of itself, by hand."""

from datetime import timedelta
from fractions import Fraction

import pytest

from analytics.imports.mapping import Kind
from analytics.imports.statistics import Happening, LogStatistics, changes, count_cycles, interpolated, nearest_rank
from tests.analytics.imports.builders import MONDAY


def case(*happened, start=MONDAY):
    """A case of (hours, activity, kind, actor, team), in this order in the file."""
    return [
        Happening(start + timedelta(hours=hours), number, kind, activity, actor, team)
        for number, (hours, activity, kind, actor, team) in enumerate(happened, start=1)
    ]


def measure(*cases, **options):
    statistics = LogStatistics(**options)
    for each in cases:
        statistics.add(each)
    return statistics.result()


@pytest.mark.parametrize(
    ("share", "rank", "between"),
    [
        (Fraction(1, 2), 20, 25),
        (Fraction(9, 10), 40, 37),
        (Fraction(1, 4), 10, Fraction(35, 2)),
        (Fraction(1), 40, 40),
        (Fraction(0), 10, 10),
    ],
)
def test_percentiles_follow_their_two_conventions(share, rank, between):
    values = [10, 20, 30, 40]

    assert (nearest_rank(values, share), interpolated(values, share)) == (rank, between)


def test_a_single_case_is_its_own_mean_median_and_percentile():
    found = measure(case((0, "a", Kind.FILED, 1, 0), (2, "b", Kind.CLOSED, 1, 0)))

    assert {found[name] for name in ("mean_s", "median_s", "median_rank_s", "p90_s", "p90_rank_s")} == {7200.0}


def test_nothing_has_no_mean():
    assert (measure()["cases"], measure()["mean_s"]) == (0, None)


def test_durations_are_exact_to_the_microsecond():
    one = [Happening(MONDAY, 1, Kind.FILED, "a"), Happening(MONDAY + timedelta(microseconds=1), 2, Kind.CLOSED, "b")]

    assert measure(one, case((0, "a", Kind.FILED, 0, 0)))["mean_s"] == 0.0000005


def test_the_same_way_at_another_time_is_one_variant():
    first = case((0, "a", Kind.FILED, 0, 0), (1, "b", Kind.OTHER, 0, 0))
    second = case((0, "a", Kind.FILED, 3, 0), (9, "b", Kind.OTHER, 4, 0))
    third = case((0, "ab", Kind.FILED, 0, 0))

    assert measure(first, second, third)["variants"] == 2


def test_changes_pass_over_events_that_name_nobody():
    assert changes([1, 1, 0, 1, 2, 0, 0, 3, 1]) == 3


@pytest.mark.parametrize(
    ("kinds", "found"),
    [
        (["filed", "resolved", "closed"], (1, 0)),
        (["filed", "resolved", "assigned", "resolved", "closed"], (2, 1)),
        (["resolved", "reopened", "closed", "worked"], (2, 2)),
        (["withdrawn", "worked", "resolved"], (1, 0)),
        (["no_response", "closed", "worked"], (0, 0)),
        (["resolved", "customer_message", "closed"], (1, 0)),
        (["reopened", "closed"], (1, 0)),
    ],
)
def test_a_case_is_resolved_once_until_it_is_taken_up_again(kinds, found):
    assert count_cycles(kinds, reopens_when_worked=True) == found


def test_where_a_log_has_a_word_for_reopening_only_that_counts():
    kinds = ["resolved", "assigned", "closed", "reopened", "closed"]

    assert count_cycles(kinds, reopens_when_worked=False) == (2, 1)


def test_an_event_that_stands_there_twice_is_counted_and_said():
    twice = Happening(MONDAY, 1, Kind.FILED, "a", 1)

    found = measure([twice, twice._replace(position=2), twice._replace(position=3, actor=2)])

    assert (found["events"], found["duplicates"]) == (3, 1)


def test_events_that_stand_in_another_order_than_they_happened_are_counted():
    late, early = Happening(MONDAY + timedelta(hours=1), 1, Kind.CLOSED, "b"), Happening(MONDAY, 2, Kind.FILED, "a")

    assert measure(sorted([late, early]))["out_of_order"] == 1
