"""What the reading must find on the labelled lines, and what it must leave in peace."""

import pytest

from complaints.emotion.model import read_model
from complaints.emotion.reading import DANGER, read_text
from tests.complaints.emotion.lines import held_out, tuned

HALVES = {"tuned": tuned, "held out": held_out}
FEWEST = 300


def share(examples, found) -> float:
    return sum(map(found, examples)) / len(examples)


def test_there_are_enough_lines_in_both_languages_and_none_twice():
    lines = [*tuned(), *held_out()]
    chinese = [each for each in lines if any("\u4e00" <= letter <= "\u9fff" for letter in each.text)]

    assert len(lines) >= FEWEST
    assert len({each.text for each in lines}) == len(lines)
    assert 0.4 < len(chinese) / len(lines) < 0.8


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize(("signal", "least"), [("threat", 0.95), ("safety", 0.98)])
def test_threats_and_danger_are_found(half, signal, least):
    examples = [each for each in HALVES[half]() if each.signal == signal]

    assert share(examples, lambda each: signal in read_text(each.text).signals) >= least


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize("signal", ["threat", "safety"])
def test_calm_texts_are_left_in_peace(half, signal):
    calm = [each for each in HALVES[half]() if each.level == 0]

    assert share(calm, lambda each: signal in read_text(each.text).signals) <= 0.05


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize("signal", ["threat", "safety"])
def test_the_second_voice_leaves_calm_texts_in_peace_too(half, signal):
    model = read_model()
    calm = [each for each in HALVES[half]() if each.level == 0]

    assert share(calm, lambda each: signal in read_text(each.text, model=model).signals) <= 0.05


@pytest.mark.parametrize("half", HALVES)
def test_the_level_is_seldom_wrong(half):
    examples = HALVES[half]()

    assert share(examples, lambda each: read_text(each.text).level == each.level) >= 0.95


@pytest.mark.parametrize("half", HALVES)
def test_everything_above_calm_shows_a_reason_within_the_text(half):
    for each in HALVES[half]():
        reading = read_text(each.text)
        assert bool(reading.marks) == (reading.level > 0)
        assert all(0 <= mark.start < mark.end <= len(each.text) for mark in reading.marks)
        assert (reading.level == DANGER) == bool({"threat", "safety"} & {mark.signal for mark in reading.marks})
