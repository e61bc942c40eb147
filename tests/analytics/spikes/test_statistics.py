"""The arithmetic of the test: what it says of hand-made counts, and how often it errs on simulated ones."""

import pytest

from analytics.spikes.statistics import judge, spread_of
from benchmarks.spikes import Simulation, found_share, raised_per_day

QUIET = [9, 8, 10, 9, 9, 11, 8, 9]


def test_a_count_far_above_the_weeks_is_a_spike():
    verdict = judge(37, QUIET)

    assert (verdict.is_spike, verdict.median, verdict.phi, verdict.weeks) == (True, 9.0, 1.0, 8)
    assert verdict.z == pytest.approx(2 * (37.375**0.5 - 9.375**0.5))


def test_a_count_like_those_of_the_weeks_is_none():
    assert not judge(14, QUIET).is_spike


def test_weeks_that_spread_widely_ask_for_more():
    wide = [2, 20, 5, 30, 9, 1, 25, 9]

    assert spread_of(wide) > 9
    assert not judge(37, wide).is_spike


def test_two_weeks_are_no_history():
    verdict = judge(50, [1, 1])

    assert (verdict.z, verdict.has_history, verdict.is_spike) == (None, False, False)


def test_three_weeks_are_enough():
    assert judge(50, [1, 1, 1]).is_spike


def test_weeks_without_any_complaint_count_as_half_a_one():
    assert judge(10, [0] * 8).is_spike
    assert not judge(9, [0] * 8).is_spike


def test_whatever_is_a_spike_has_at_least_five_too_many():
    first = [next(count for count in range(1000) if judge(count, [usual] * 8).is_spike) for usual in range(100)]

    assert min(count - usual for usual, count in enumerate(first)) >= 5


@pytest.mark.parametrize("per_day", [5, 50, 200])
def test_false_spikes_stay_below_four_in_a_thousand_series_days(per_day):
    raised = raised_per_day(Simulation(per_day=per_day, series=150, days=14, seed=per_day))

    assert 1000 * raised <= 4


def test_a_lasting_tripling_is_found_from_fifty_a_day_on():
    assert found_share(Simulation(per_day=50, series=400, days=3, seed=7), factor=3) >= 0.9
