"""Slips of the hand count as the word, and no other word counts as a slip."""

import pytest

from complaints.emotion.reading import read_text
from complaints.emotion.slips import Slips, slips_of


def test_one_slip_of_each_kind_is_known():
    assert {"lawer", "lawwyer", "laywer", "lawyar"} <= slips_of("lawyer")


def test_the_word_its_first_and_its_last_letter_are_kept():
    slips = slips_of("hospital")

    assert "hospital" not in slips
    assert {slip[0] + slip[-1] for slip in slips} == {"hl"}


def test_a_form_is_spelt_as_it_is_and_with_a_slip_in_one_fragile_word():
    spellings = list(Slips(["lawyer"], ["layer"]).spellings("my lawyer will"))

    assert spellings[0] == "my lawyer will"
    assert "my lawer will" in spellings
    assert "my layer will" not in spellings
    assert list(Slips([], []).spellings("my lawyer will")) == ["my lawyer will"]


@pytest.mark.parametrize(
    "text", ["I will call my laywer", "my attornye will write to you", "see you in court, my solicitr is ready", "we got food posioning"]
)
def test_a_hurried_hand_is_understood(text):
    assert read_text(text).level == 4


@pytest.mark.parametrize(
    "text", ["I am seeing an extra charge", "I bought a layer cake", "repot the plant please", "she is breeding rabbits"]
)
def test_other_words_are_no_slips(text):
    assert read_text(text).level == 0
