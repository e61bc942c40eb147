"""Which periods an export is made of: those that are published already as they are, the rest in whole months, quarters or years."""

from collections.abc import Sequence
from datetime import date, timedelta

from analytics.models import ResearchCohort
from foundation.exceptions import Reason
from orders.models import Merchant

from .hierarchies import period_of
from .publishing import Period
from .words import refusal

# What became of a complaint is known by then: the times for reopening and for answering a survey are over.
SETTLES = timedelta(days=30)
MONTHS = {"month": 1, "quarter": 3, "year": 12}


def plan_periods(merchants: Sequence[Merchant], first: date, last: date, step: str) -> tuple[list[Period], list[Reason]]:
    """The periods of these shops from ``first`` to ``last``, both included, or why it cannot be done. One query."""
    known = ResearchCohort.objects.filter(merchant__in=merchants, first_on__lte=last, last_on__gte=first).defer("codes")
    by_merchant: dict[int, list[ResearchCohort]] = {merchant.pk: [] for merchant in merchants}
    for cohort in known.order_by("first_on"):
        by_merchant[cohort.merchant_id].append(cohort)
    periods: list[Period] = []
    for merchant in merchants:
        own, reasons = _periods_of(merchant, by_merchant[merchant.pk], first, last, step)
        if reasons:
            return [], reasons
        periods += own
    return periods, []


def _periods_of(merchant: Merchant, known: list[ResearchCohort], first: date, last: date, step: str) -> tuple[list[Period], list[Reason]]:
    periods, begin = [], first
    while begin <= last:
        cohort = next((each for each in known if each.last_on >= begin), None)
        if cohort and cohort.first_on <= begin:
            if cohort.first_on < begin or cohort.last_on > last:
                return [], [refusal("straddles", first=cohort.first_on, last=cohort.last_on)]
            periods.append(Period(merchant, begin, cohort.last_on, cohort.step, cohort))
        else:
            end = end_of(begin, step)
            beside = cohort if cohort and cohort.first_on <= end else periods[-1].cohort if periods else None
            if beside and (not begins(begin, step) or beside is cohort):
                return [], [refusal("apart", first=beside.first_on, last=beside.last_on)]
            if not begins(begin, step) or end > last:
                return [], [refusal("not_whole", first=first, last=last)]
            periods.append(Period(merchant, begin, end, step))
        begin = periods[-1].last + timedelta(days=1)
    return periods, []


def against_known(periods: Sequence[Period], *, k: int, l: int, columns: Sequence[str]) -> list[Reason]:  # noqa: E741
    """Why what is published already is not what somebody wants. It is never made again."""
    for cohort in filter(None, (period.cohort for period in periods)):
        about = {"first": cohort.first_on, "last": cohort.last_on}
        if cohort.k < k:
            return [refusal("low_k", k=cohort.k, **about)]
        if cohort.l < l:
            return [refusal("low_l", l=cohort.l, **about)]
        if set(columns) - set(cohort.columns):
            return [refusal("old_columns", **about)]
    return []


def begins(day: date, step: str) -> bool:
    return day.day == 1 and (day.month - 1) % MONTHS[step] == 0


def end_of(begin: date, step: str) -> date:
    """The last day of the month, quarter or year that begins on a day."""
    months = begin.year * 12 + begin.month - 1 + MONTHS[step]
    return date(months // 12, months % 12 + 1, 1) - timedelta(days=1)


def last_closed(today: date) -> date:
    """The last day of the last month that can be published."""
    return (today - SETTLES + timedelta(days=1)).replace(day=1) - timedelta(days=1)


def name_of(period: Period) -> str:
    """2026-01, 2026-Q1 or 2026."""
    return period_of(f"{period.first:%Y-%m}", period.step)
