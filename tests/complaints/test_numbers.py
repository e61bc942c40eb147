"""Complaint numbers: readable, checked, and forgiving about how they are typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints.numbers import check_digit, make_number, parse_number
from tests.complaints.builders import at

GOOD = "C26112212345678" + check_digit("26112212345678")


def test_the_day_in_the_number_is_the_shops():
    with at("2026-03-02 00:30") as moment:
        assert make_number(moment)[:7] == "C260302"


@pytest.mark.parametrize(
    "typed", [GOOD, GOOD.lower(), GOOD[1:], f" {GOOD[:7]} {GOOD[7:]} ", GOOD.replace("1", "１"), f"{GOOD[:4]}-{GOOD[4:]}"]
)
def test_a_number_is_understood(typed):
    assert parse_number(typed) == GOOD


@pytest.mark.parametrize("place", range(1, 16))
def test_a_single_wrong_digit_is_found(place):
    wrong = GOOD[:place] + str((int(GOOD[place]) + 1) % 10) + GOOD[place + 1 :]

    assert parse_number(wrong) == ""


@given(st.text(max_size=60))
def test_any_text_is_a_number_or_none(text):
    assert parse_number(text) in ("", parse_number(parse_number(text)))
