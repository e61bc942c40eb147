import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ui.charts.scale import Scale, label_step, scale_of
from ui.charts.units import COUNT, PERCENT, POINTS, SECONDS, YUAN, round_up

UNITS = (COUNT, PERCENT, POINTS, SECONDS, YUAN)
VALUES = st.lists(
    st.floats(-1e9, 1e9, allow_subnormal=False).filter(lambda value: value == 0 or abs(value) > 1e-6), min_size=1, max_size=20
)


@given(VALUES, st.sampled_from(UNITS), st.booleans())
def test_an_axis_holds_every_value_with_few_even_ticks(values, unit, from_zero):
    scale = scale_of(values, unit, from_zero=from_zero)

    steps = [after - before for before, after in zip(scale.ticks, scale.ticks[1:], strict=False)]
    assert scale.low <= min(values) + 1e-6 * max(steps)
    assert scale.high >= max(values) - 1e-6 * max(steps)
    assert 1 <= len(steps) <= 6
    assert max(steps) - min(steps) <= 1e-6 * max(steps)


@given(VALUES, st.sampled_from(UNITS))
def test_zero_is_a_tick_of_an_axis_that_begins_there(values, unit):
    assert 0 in scale_of(values, unit).ticks


@given(st.floats(1e-6, 1e12))
def test_a_round_step_is_one_two_or_five_and_no_more_than_needed(least):
    step = round_up(least)

    assert f"{step:e}"[0] in "125"
    assert f"{step:e}"[1:8] == ".000000"
    assert step >= least * (1 - 1e-9)
    assert step <= least * 2.5 * (1 + 1e-9)


@given(st.floats(0.01, 1e7))
def test_seconds_step_by_what_a_clock_shows(least):
    step = SECONDS.step(least)

    assert step >= least
    assert any(step / size in (1, 2, 5, 10, 15, 30, 3, 6, 12) for size in (1, 60, 3600)) or step % 86400 == 0


def test_counts_have_no_ticks_between_whole_numbers():
    assert scale_of([1], COUNT).ticks == (0, 1)
    assert scale_of([3], COUNT).ticks == (0, 1, 2, 3)


def test_nothing_but_zero_still_has_an_axis():
    scale = scale_of([0, 0], COUNT)

    assert scale.low == 0
    assert scale.high > 0


def test_an_axis_may_begin_above_zero_when_told_so():
    assert scale_of([70, 82], COUNT, from_zero=False).low == 70


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=5, unique=True))
def test_places_keep_the_order_of_values(values):
    scale = scale_of(values, COUNT)

    shares = [scale.share(value) for value in sorted(values)]

    assert shares == sorted(shares)
    assert shares[0] >= 0
    assert shares[-1] <= 1


def test_places_are_proportional():
    assert [Scale((0, 50, 100)).share(value) for value in (0, 25, 100, 150)] == [0, 0.25, 1, 1]


@given(st.integers(1, 400), st.floats(8, 120), st.floats(200, 1000))
def test_labels_that_are_shown_fit_side_by_side(count, width, room):
    assume(width < room)

    step = label_step(count, width, room)

    assert step * room / count >= width * (1 - 1e-9)


@pytest.mark.parametrize(("count", "step"), [(7, 1), (31, 4), (92, 10), (366, 37)])
def test_days_are_labelled_at_steps_that_one_can_count(count, step):
    assert label_step(count, 48, 480) == step
