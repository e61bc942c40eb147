"""Conditions: what may be asked, the three truths, and the boundary values."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.flows.conditions import FIELDS, AllOf, AnyOf, ConditionError, Row, all_of, any_of, boundaries, parse_condition, truth

T, F, U = True, False, None
# Whether out_of_window is so, a row that is true, false or unknown about it.
YES = ["out_of_window", "=", True]
LOW = ["risk", "=", "low"]


@pytest.mark.parametrize(
    ("left", "right", "both", "either"),
    [(T, T, T, T), (T, F, F, T), (T, U, U, T), (F, T, F, T), (F, F, F, F), (F, U, F, U), (U, T, U, T), (U, F, F, U), (U, U, U, U)],
)
def test_groups_follow_the_truth_tables(left, right, both, either):
    facts = {"out_of_window": left, "risk": {T: "low", F: "high", U: None}[right]}

    assert truth(parse_condition({"all": [YES, LOW]}), facts) is both
    assert truth(parse_condition({"any": [YES, LOW]}), facts) is either


def test_groups_of_nothing_are_neutral():
    assert all_of([]) is True
    assert any_of([]) is False


@pytest.mark.parametrize(
    ("row", "fact", "expected"),
    [
        (["amount", "=", 5], 5, T),
        (["amount", "=", 5], 6, F),
        (["amount", "!=", 5], 5, F),
        (["amount", "<", 5], 4, T),
        (["amount", "<", 5], 5, F),
        (["amount", "<=", 5], 5, T),
        (["amount", "<=", 5], 6, F),
        (["amount", ">", 5], 5, F),
        (["amount", ">", 5], 6, T),
        (["amount", ">=", 5], 4, F),
        (["amount", ">=", 5], 5, T),
        (["received_ratio", "<", 0.5], 0.49, T),
        (["received_ratio", "<", 0.3], Decimal("0.3"), F),
        (["received_ratio", "<", 0.3], Fraction(1, 3), F),
        (["risk", "in", ["low", "medium"]], "medium", T),
        (["risk", "in", ["low", "medium"]], "high", F),
        (["risk", "not_in", ["low", "medium"]], "high", T),
        (["category", "=", "shoes"], "hats", F),
        (["warehouse", "!=", "north"], "south", T),
        (["out_of_window", "=", True], False, F),
    ],
)
def test_rows_compare_a_fact_with_their_value(row, fact, expected):
    assert truth(parse_condition(row), {row[0]: fact}) is expected


@pytest.mark.parametrize(
    ("row", "fact"),
    [
        (["amount", "!=", 5], None),
        (["amount", "!=", 5], "6"),
        (["amount", "!=", 5], True),
        (["amount", "!=", 5], -1),
        (["amount", "!=", 5], 6.5),
        (["received_ratio", "!=", 0.5], 1.5),
        (["risk", "!=", "low"], "enormous"),
        (["category", "!=", "shoes"], 7),
        (["category", "!=", "shoes"], ""),
        (["out_of_window", "!=", True], 0),
    ],
)
def test_a_fact_that_cannot_be_is_unknown(row, fact):
    assert truth(parse_condition(row), {row[0]: fact}) is None


@pytest.mark.parametrize(
    ("raw", "path", "field", "reason"),
    [
        (["colour", "=", "red"], "when", "colour", "There is no such field"),
        (["risk", "<", "low"], "when", "risk", "cannot be asked"),
        (["amount", "in", [5]], "when", "amount", "cannot be asked"),
        (["out_of_window", ">", True], "when", "out_of_window", "cannot be asked"),
        (["amount", "=", "5"], "when", "amount", "not a value"),
        (["amount", "=", True], "when", "amount", "not a value"),
        (["amount", "=", -5], "when", "amount", "not a value"),
        (["amount", "=", 5.5], "when", "amount", "not a value"),
        (["amount", "=", float("nan")], "when", "amount", "not a value"),
        (["amount", "=", None], "when", "amount", "not a value"),
        (["received_ratio", "=", 1.1], "when", "received_ratio", "not a value"),
        (["risk", "=", "mild"], "when", "risk", "not a value"),
        (["type", "=", "gift"], "when", "type", "not a value"),
        (["risk", "in", []], "when", "risk", "at least one"),
        (["risk", "in", "low"], "when", "risk", "at least one"),
        (["risk", "in", ["low", "mild"]], "when", "risk", "not a value"),
        (["amount", ">"], "when", "", "three parts"),
        ([5, ">", "amount"], "when", "", "three parts"),
        ("amount > 5", "when", "", "a row [field, operator, value] or a group"),
        ({}, "when", "", "a row [field, operator, value] or a group"),
        ({"not": [YES]}, "when", "", "a row [field, operator, value] or a group"),
        ({"all": [YES], "any": [YES]}, "when", "", "a row [field, operator, value] or a group"),
        ({"all": []}, "when.all", "", "at least one row"),
        ({"all": [YES, {"any": [LOW, ["amount", "~", 1]]}]}, "when.all[1].any[1]", "amount", "cannot be asked"),
    ],
)
def test_what_cannot_be_read_is_named(raw, path, field, reason):
    with pytest.raises(ConditionError) as caught:
        parse_condition(raw)

    assert (caught.value.path, caught.value.field) == (path, field)
    assert reason in str(caught.value.reason)


def test_groups_do_not_go_down_for_ever():
    raw = YES
    for _level in range(2000):
        raw = {"all": [raw]}

    with pytest.raises(ConditionError, match="at most 8 deep"):
        parse_condition(raw)


def test_boundaries_stand_on_both_sides_of_each_number():
    condition = parse_condition({"any": [["amount", ">", 5], ["amount", "<", 1], ["received_ratio", ">=", 1]]})

    found = boundaries(condition)

    assert found == {"amount": (0, 1, 2, 4, 5, 6), "received_ratio": (0, Fraction(99, 100), 1)}


def test_boundaries_hold_every_member_and_one_code_that_nobody_named():
    conditions = [parse_condition(row) for row in (["risk", "=", "low"], ["category", "in", ["b", "a"]], ["category", "!=", "c"], YES)]

    found = boundaries(*conditions)

    assert found == {"risk": ("low", "medium", "high"), "category": ("a", "b", "c", "another-a-b-c"), "out_of_window": (False, True)}


AMOUNT_ROWS = st.builds(Row, st.just("amount"), st.sampled_from(FIELDS["amount"].ops), st.integers(0, 30).map(Fraction))
RISK_ROWS = st.builds(Row, st.just("risk"), st.sampled_from(["=", "!="]), st.sampled_from(["low", "medium", "high"]))


def conditions_over(rows):
    def groups(inner):
        parts = st.lists(inner, min_size=1, max_size=3).map(tuple)
        return parts.map(AllOf) | parts.map(AnyOf)

    return st.recursive(rows, groups, max_leaves=6)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(conditions_over(AMOUNT_ROWS))
def test_boundaries_meet_every_answer_a_condition_has(condition):
    answers = {truth(condition, {"amount": amount}) for amount in range(40)}

    assert {truth(condition, {"amount": amount}) for amount in boundaries(condition)["amount"]} == answers


@settings(max_examples=100, deadline=None, derandomize=True)
@given(conditions_over(AMOUNT_ROWS | RISK_ROWS), st.integers(0, 40), st.sampled_from(["low", "medium", "high"]))
def test_learning_a_fact_never_turns_an_answer_round(condition, amount, risk):
    known = truth(condition, {"amount": amount, "risk": risk})

    assert known is not None
    assert truth(condition, {"amount": amount}) in (known, None)
    assert truth(condition, {"risk": risk}) in (known, None)
    assert truth(condition, {}) in (known, None)
