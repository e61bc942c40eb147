"""The checks that run side by side when a case is submitted (P1). Each says yes, no, or that a person must look, and what it rests on.

Pure functions over ``CheckFacts``; a no refuses nothing, it only leaves the decision to a person. ``basis`` holds codes and numbers,
nothing personal and nothing that a language model wrote.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workflows.models import Case, CasePolicy, CheckResult
from workflows.policies.evidence import lacking
from workflows.policies.facts import CheckFacts, facts_for_checks

logger = logging.getLogger(__name__)
Answer, Type = CheckResult.Answer, CasePolicy.Type
LOW, MEDIUM, HIGH = "low", "medium", "high"
LEVELS = (LOW, MEDIUM, HIGH)
ANSWER_OF_LEVEL = {LOW: Answer.PASS, MEDIUM: Answer.UNKNOWN, HIGH: Answer.FAIL}
# A share of returns means something only from so many on.
FEWEST_FOR_A_SHARE = 4
# Types that presuppose that the goods arrived, so a shop that does not say when leaves the window open to question.
NEEDS_ARRIVAL = frozenset({Type.RETURN_NO_REASON, Type.RETURN_QUALITY, Type.EXCHANGE_QUALITY, Type.REPAIR})


@dataclass(frozen=True)
class Checked:
    """What one check found."""

    answer: str
    basis: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class RiskRow:
    """One ground for caution: a number, from where on it counts as medium or high."""

    code: str
    value: int
    medium: int
    high: int

    @property
    def level(self) -> str:
        return HIGH if self.value >= self.high else MEDIUM if self.value >= self.medium else LOW

    def as_basis(self) -> dict[str, Any]:
        return {"code": self.code, "value": self.value, "medium": self.medium, "high": self.high, "level": self.level}


def check_eligibility(facts: CheckFacts) -> Checked:
    """Whether the rules provide for this claim. A closed window is a no here and a question for a person, never a refusal."""
    no_reason = facts.type == Type.RETURN_NO_REASON
    rows = {
        "offered": facts.is_offered,
        "paid": facts.is_paid,
        "window": None if facts.is_signed is None and facts.type in NEEDS_ARRIVAL else not facts.is_out_of_window,
        "exception": not (no_reason and facts.exceptions),
    }
    return Checked(_all(rows.values()), {"rows": rows, "exceptions": list(facts.exceptions) if no_reason else []})


def check_risk(facts: CheckFacts) -> Checked:
    """How careful to be: the highest level of any ground decides, and each is shown."""
    rows = risk_rows(facts)
    level = max((row.level for row in rows), key=LEVELS.index)
    return Checked(ANSWER_OF_LEVEL[level], {"level": level, "rows": [row.as_basis() for row in rows]})


def risk_rows(facts: CheckFacts) -> list[RiskRow]:
    cases = facts.cases_before + 1
    share = 100 * cases // max(1, facts.orders_before) if cases >= FEWEST_FOR_A_SHARE else 0
    return [
        RiskRow("cases_90d", cases, medium=5, high=10),
        RiskRow("share_90d", share, medium=50, high=80),
        RiskRow("amount", facts.amount_fen, medium=100_000, high=500_000),
        RiskRow("reused", sum(each.is_reused for each in facts.evidence), medium=1, high=1),
        RiskRow("kept_goods", int(facts.owes_goods), medium=1, high=1),
    ]


def check_evidence(facts: CheckFacts) -> Checked:
    """Whether what the reason needs is there, can be looked at, and was not shown for another order before."""
    readable = [each for each in facts.evidence if each.is_readable]
    missing = lacking(facts.evidence_needed, (each.kind for each in facts.evidence))
    unreadable = lacking(facts.evidence_needed, (each.kind for each in readable)) - missing
    reused = sum(each.is_reused for each in facts.evidence)
    basis = {"missing": sorted(missing), "unreadable": sorted(unreadable), "reused": reused, "files": len(facts.evidence)}
    return Checked(Answer.FAIL if missing or reused else Answer.UNKNOWN if unreadable else Answer.PASS, basis)


def check_stock(facts: CheckFacts) -> Checked:
    """Whether what has to go out is there. Where no system tells us, a person looks."""
    if facts.in_stock is None:
        return Checked(Answer.UNKNOWN, {"why": "no_stock_source"})
    return Checked(Answer.PASS if facts.in_stock else Answer.FAIL)


def check_route(facts: CheckFacts) -> Checked:
    """Where the goods go back to: where they came from, else the only warehouse of the shop, else the first in the customer's city."""
    if facts.shipped_from is not None:
        return Checked(Answer.PASS, {"warehouse": facts.shipped_from, "why": "shipped_from"})
    if len(facts.places) == 1:
        return Checked(Answer.PASS, {"warehouse": facts.places[0].id, "why": "only_one"})
    city = facts.city.strip().removesuffix("市")
    near = next((place.id for place in facts.places if city and city in place.name), None)
    return Checked(Answer.PASS, {"warehouse": near, "why": "same_city"}) if near else Checked(Answer.UNKNOWN, {"why": "no_warehouse_near"})


def check_liability(facts: CheckFacts) -> Checked:
    """Who is likely to bear it, by the reason that the customer chose: a draft, which the inspection confirms or changes."""
    if not facts.liable:
        return Checked(Answer.UNKNOWN, {"why": "reason_unknown"})
    return Checked(Answer.PASS, {"liability": facts.liable, "is_draft": True})


CHECKS: dict[str, Callable[[CheckFacts], Checked]] = {
    "eligibility": check_eligibility,
    "risk": check_risk,
    "evidence": check_evidence,
    "stock": check_stock,
    "route": check_route,
    "liability": check_liability,
}


def run_checks(case: Case, *, codes: Sequence[str] | None = None) -> list[CheckResult]:
    """Answer the checks that the rules of a case ask for, or those named, and that have no answer in this visit yet; returns all answers.

    A check that fails leaves the others; its own answer is then that a person must look. Safe to repeat and to run twice at once: the
    first answer stands.
    """
    given = set(CheckResult.objects.filter(case=case, visit=case.visit).values_list("check_code", flat=True))
    waiting = [code for code in (case.policy.checks if codes is None else codes) if code in CHECKS and code not in given]
    facts = facts_for_checks(case) if waiting else None
    _write(case, {code: _answer(code, facts) for code in waiting})
    return list(CheckResult.objects.filter(case=case, visit=case.visit).order_by("pk"))


def _answer(code: str, facts: CheckFacts) -> Checked:
    try:
        return CHECKS[code](facts)
    except Exception as error:
        logger.exception("check %s failed", code)
        return Checked(Answer.UNKNOWN, {"why": "error", "error": type(error).__name__})


def _write(case: Case, found: Mapping[str, Checked]) -> None:
    told = {"case": case, "visit": case.visit}
    rows = [CheckResult(**told, check_code=code, answer=checked.answer, basis=checked.basis) for code, checked in found.items()]
    CheckResult.objects.bulk_create(rows, ignore_conflicts=True)


def _all(answers: Iterable[bool | None]) -> str:
    """No beats unknown, unknown beats yes."""
    seen = set(answers)
    return Answer.FAIL if False in seen else Answer.UNKNOWN if None in seen else Answer.PASS
