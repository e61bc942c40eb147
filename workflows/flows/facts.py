"""What a flow definition may ask of a case, read in one query for as many cases as are wanted. What is not known is left out."""

from collections.abc import Collection, Mapping
from fractions import Fraction
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils import timezone

from workflows.flows.conditions import Facts
from workflows.models import Case, CaseUnit, CheckResult, Resolution

RISK_OF = {CheckResult.Answer.PASS: "low", CheckResult.Answer.FAIL: "high"}
COLUMNS = {
    "type": "policy__type",
    "category": "complaint__category__code",
    "channel": "complaint__channel",
    "customer_level": "order__customer__tier",
    "signed_at": "order__delivered_at",
    "warehouse": "warehouse__code",
    "out_of_window": "is_out_of_window",
    "submitted_at": "submitted_at",
    "opened_at": "opened_at",
}


def facts_of(case: Case) -> Facts:
    """The facts of one case as they are now."""
    return facts_of_many([case.pk])[case.pk]


def facts_of_many(ids: Collection[int]) -> dict[int, Facts]:
    """The facts of these cases by id; one query."""
    rows = _with_reads(Case.objects.filter(pk__in=ids)).values("pk", *READS, *COLUMNS.values())
    return {row["pk"]: _facts(row) for row in rows}


def _facts(row: Mapping[str, Any]) -> Facts:
    columns = {name: row[column] for name, column in COLUMNS.items()}
    plain = {name: columns[name] for name in ("type", "category", "channel", "customer_level", "warehouse", "out_of_window")}
    counted = {
        "amount": row["claimed_fen"] if row["proposed_fen"] is None else row["proposed_fen"],
        "risk": _risk(row),
        "liability": _liability(row),
        "days_since_signed": _days(columns["signed_at"], columns["submitted_at"] or columns["opened_at"]),
        "received_ratio": Fraction(row["arrived"] or 0, row["claimed"]) if row["claimed"] else None,
    }
    return {name: value for name, value in (plain | counted).items() if value is not None}


def _risk(row: Mapping[str, Any]) -> str | None:
    """The level that the check named, else what its answer means; a check that could not tell leaves it open."""
    return (row["risk_basis"] or {}).get("level") or RISK_OF.get(row["risk_answer"])


def _liability(row: Mapping[str, Any]) -> str | None:
    """Who bears most of what is proposed, else whom the check of liability named."""
    shares = {name: fen for name, fen in (row["shares"] or {}).items() if isinstance(fen, int) and fen > 0}
    if shares:
        return max(sorted(shares), key=shares.__getitem__)
    return (row["liability_basis"] or {}).get("liability")


def _days(signed_at, submitted_at) -> int | None:
    """Days of the shop's calendar between the signature and the request."""
    if signed_at is None:
        return None
    return max(0, (timezone.localdate(submitted_at) - timezone.localdate(signed_at)).days)


def _with_reads(cases: QuerySet[Case]) -> QuerySet[Case]:
    return cases.annotate(**{name: Subquery(rows, **options) for name, (rows, options) in READS.items()})


def _proposal(field: str) -> tuple[QuerySet, dict]:
    standing = Q(standing__in=[Resolution.Standing.PROPOSED, Resolution.Standing.CURRENT])
    return Resolution.objects.filter(standing, case=OuterRef("pk")).order_by("-revision").values(field)[:1], {}


def _check(code: str, field: str) -> tuple[QuerySet, dict]:
    return CheckResult.objects.filter(case=OuterRef("pk"), check_code=code).order_by("-visit").values(field)[:1], {}


def _units(total: Any) -> tuple[QuerySet, dict]:
    counted = CaseUnit.objects.filter(case=OuterRef("pk")).order_by().values("case").annotate(total=total).values("total")
    return counted, {"output_field": IntegerField()}


READS: Mapping[str, tuple[QuerySet, dict]] = {
    "proposed_fen": _proposal("amount_fen"),
    "shares": _proposal("shares"),
    "claimed_fen": _units(Sum("unit__entitled_fen")),
    "claimed": _units(Count("pk")),
    "arrived": _units(Count("received_at")),
    "risk_basis": _check("risk", "basis"),
    "risk_answer": _check("risk", "answer"),
    "liability_basis": _check("liability", "basis"),
}
