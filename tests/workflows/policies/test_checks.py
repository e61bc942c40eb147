"""The checks of a submitted case: yes, no, or a person must look; never more than the facts say."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.models import CheckResult
from workflows.policies import checks as c
from workflows.policies.checks import CHECKS, LEVELS, check_risk, risk_rows
from workflows.policies.evidence import Evidence, lacking
from workflows.policies.facts import CheckFacts, Place

PASS, FAIL, UNKNOWN = CheckResult.Answer.PASS, CheckResult.Answer.FAIL, CheckResult.Answer.UNKNOWN
PHOTO, VIDEO = Evidence("image"), Evidence("video")
USUAL = CheckFacts(type="return_no_reason", amount_fen=9900, orders_before=3, liable="customer", shipped_from=4)


def facts(**changes) -> CheckFacts:
    return replace(USUAL, **changes)


@pytest.mark.parametrize("code", sorted(set(CHECKS) - {"stock"}))
def test_a_plain_case_passes_every_check(code):
    assert CHECKS[code](USUAL).answer == PASS


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({"is_out_of_window": True}, FAIL),
        ({"is_offered": False}, FAIL),
        ({"is_paid": False}, FAIL),
        ({"exceptions": ("custom_made",)}, FAIL),
        ({"exceptions": ("custom_made",), "type": "return_quality"}, PASS),
        ({"is_signed": False}, PASS),
        ({"is_signed": None}, UNKNOWN),
        ({"is_signed": None, "type": "refund_only"}, PASS),
        ({"is_signed": None, "is_paid": False}, FAIL),
    ],
    ids=str,
)
def test_eligibility(changes, answer):
    assert c.check_eligibility(facts(**changes)).answer == answer


def test_eligibility_says_which_rule_spoke():
    basis = c.check_eligibility(facts(is_signed=None, exceptions=("perishable",))).basis

    assert basis == {"rows": {"offered": True, "paid": True, "window": None, "exception": False}, "exceptions": ["perishable"]}


@pytest.mark.parametrize(
    ("changes", "level"),
    [
        ({"cases_before": 3, "orders_before": 40}, "low"),
        ({"cases_before": 4, "orders_before": 40}, "medium"),
        ({"cases_before": 8, "orders_before": 40}, "medium"),
        ({"cases_before": 9, "orders_before": 40}, "high"),
        ({"cases_before": 2, "orders_before": 3}, "low"),
        ({"cases_before": 3, "orders_before": 9}, "low"),
        ({"cases_before": 3, "orders_before": 8}, "medium"),
        ({"cases_before": 3, "orders_before": 5}, "high"),
        ({"cases_before": 3, "orders_before": 0}, "high"),
        ({"amount_fen": 99_999}, "low"),
        ({"amount_fen": 100_000}, "medium"),
        ({"amount_fen": 500_000}, "high"),
        ({"evidence": (PHOTO, replace(PHOTO, is_reused=True))}, "high"),
        ({"owes_goods": True}, "high"),
    ],
    ids=str,
)
def test_risk_is_the_highest_of_its_grounds(changes, level):
    checked = check_risk(facts(**changes))

    assert (checked.basis["level"], checked.answer) == (level, {"low": PASS, "medium": UNKNOWN, "high": FAIL}[level])


def test_risk_shows_every_ground_with_its_limits():
    rows = check_risk(facts(cases_before=4)).basis["rows"]

    assert rows[0] == {"code": "cases_90d", "value": 5, "medium": 5, "high": 10, "level": "medium"}
    assert [row["code"] for row in rows] == ["cases_90d", "share_90d", "amount", "reused", "kept_goods"]


@given(st.integers(0, 20), st.integers(0, 20), st.integers(0, 10**6), st.integers(1, 9), st.integers(1, 10**6))
def test_more_claims_and_more_money_are_never_less_risky(cases, orders, amount, more_cases, more_money):
    less = check_risk(facts(cases_before=cases, orders_before=orders, amount_fen=amount))
    more = check_risk(facts(cases_before=cases + more_cases, orders_before=orders, amount_fen=amount + more_money))

    assert LEVELS.index(more.basis["level"]) >= LEVELS.index(less.basis["level"])
    assert all(row.medium <= row.high for row in risk_rows(USUAL))


@pytest.mark.parametrize(
    ("needed", "files", "answer", "key"),
    [
        (set(), (), PASS, None),
        ({"photo"}, (PHOTO,), PASS, None),
        ({"photo"}, (VIDEO,), PASS, None),
        ({"photo"}, (), FAIL, "missing"),
        ({"video"}, (PHOTO,), FAIL, "missing"),
        ({"photo"}, (replace(PHOTO, is_readable=False),), UNKNOWN, "unreadable"),
        ({"photo"}, (replace(PHOTO, is_readable=False), PHOTO), PASS, None),
        ({"photo"}, (PHOTO, replace(PHOTO, is_reused=True)), FAIL, "reused"),
        (set(), (replace(PHOTO, is_reused=True),), FAIL, "reused"),
    ],
    ids=str,
)
def test_evidence(needed, files, answer, key):
    checked = c.check_evidence(facts(evidence_needed=frozenset(needed), evidence=files))

    assert (checked.answer, [name for name in ("missing", "unreadable", "reused") if checked.basis[name]]) == (answer, [key] if key else [])


@given(
    st.sets(st.sampled_from(["photo", "video"])),
    st.lists(st.sampled_from(["image", "video", "sound"])),
    st.sampled_from(["image", "video"]),
)
def test_a_further_file_never_makes_more_missing(needed, kinds, another):
    assert lacking(needed, [*kinds, another]) <= lacking(needed, kinds) <= needed


@pytest.mark.parametrize(("in_stock", "answer"), [(None, UNKNOWN), (True, PASS), (False, FAIL)])
def test_stock_is_unknown_where_nobody_tells(in_stock, answer):
    assert c.check_stock(facts(in_stock=in_stock)).answer == answer


HANGZHOU, BEIJING = Place(1, "杭州一号仓"), Place(2, "北京仓")


@pytest.mark.parametrize(
    ("changes", "answer", "basis"),
    [
        ({"shipped_from": 9, "places": (HANGZHOU,)}, PASS, {"warehouse": 9, "why": "shipped_from"}),
        ({"shipped_from": None, "places": (BEIJING,), "city": "杭州市"}, PASS, {"warehouse": 2, "why": "only_one"}),
        ({"shipped_from": None, "places": (BEIJING, HANGZHOU), "city": "杭州市"}, PASS, {"warehouse": 1, "why": "same_city"}),
        ({"shipped_from": None, "places": (BEIJING, HANGZHOU), "city": "成都市"}, UNKNOWN, {"why": "no_warehouse_near"}),
        ({"shipped_from": None, "places": (BEIJING, HANGZHOU), "city": ""}, UNKNOWN, {"why": "no_warehouse_near"}),
        ({"shipped_from": None}, UNKNOWN, {"why": "no_warehouse_near"}),
    ],
    ids=str,
)
def test_the_way_back(changes, answer, basis):
    checked = c.check_route(facts(**changes))

    assert (checked.answer, checked.basis) == (answer, basis)


@pytest.mark.parametrize(("liable", "answer"), [("carrier", PASS), ("", UNKNOWN)])
def test_liability_is_a_draft_by_the_reason(liable, answer):
    checked = c.check_liability(facts(liable=liable))

    assert (checked.answer, checked.basis.get("liability", "")) == (answer, liable)
