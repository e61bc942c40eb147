"""Asking for an export, making it period by period, and fetching it: who may, why, and the trace that it leaves."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import AccessLog, User
from accounts.services import record_access
from analytics.models import ResearchCohort, ResearchExport
from complaints.access import shops_of
from foundation.exceptions import Reason, RefusedError
from foundation.hints import hint
from foundation.leases import claim, finish, give_back
from foundation.verbs import lock, require
from orders.models import Merchant

from .access import EXPORT
from .classes import LEAST_K, TooRareError
from .columns import NAMES, QUASI
from .files import row_lines
from .ledger import is_ledger_behind
from .planning import Period, against_known, last_closed, name_of, plan_periods
from .publishing import publish_period
from .words import NO_RIGHT, refusal

State = ResearchExport.State
TASK = "analytics.research"
SHORTEST_REASON = 2
LEASE_SECONDS = 900
LEDGER_WAIT = timedelta(seconds=60)


@dataclass(frozen=True)
class Wish:
    """What somebody wants to have. ``floors`` are the coarsest levels that will do, by column."""

    first: date
    last: date
    step: str = "month"
    k: int = 5
    l: int = 1  # noqa: E741 - what the literature calls it
    columns: tuple[str, ...] = NAMES
    floors: Mapping[str, int] = field(default_factory=dict)


@transaction.atomic
def ask_export(wish: Wish, *, merchants: Sequence[Merchant], by: User | None, reason: str, network: str | None = None) -> ResearchExport:
    """Write down what somebody wants and why, and have a worker make it.

    Managers get their own shops; ``by`` None is somebody at the machine. Leaves a row in the access log. Raises ``RefusedError`` or
    ``NotAllowedError`` with the reasons.
    """
    if by is not None:
        lock(by)
    require(_against_asking(wish, merchants, by, reason))
    periods, reasons = plan_periods(merchants, wish.first, wish.last, wish.step)
    require(reasons or against_known(periods, k=wish.k, l=wish.l, columns=wish.columns))
    export = ResearchExport.objects.create(
        asked_by=by,
        reason=reason.strip()[:200],
        merchant_ids=[merchant.pk for merchant in merchants],
        first_on=wish.first,
        last_on=wish.last,
        step=wish.step,
        k=wish.k,
        l=wish.l,
        columns=[name for name in NAMES if name in wish.columns],
        floors={name: level for name, level in wish.floors.items() if name in QUASI},
        period_count=len(periods),
    )
    record_access(AccessLog.Act.EXPORT, export, by=by, reason=reason, network=network)
    hint(TASK)
    return export


def _against_asking(wish: Wish, merchants: Sequence[Merchant], by: User | None, reason: str) -> list[Reason]:
    if by is not None and not by.has_perm(EXPORT):
        return [NO_RIGHT]
    closed = last_closed(timezone.localdate())
    faults = {
        "no_shop": not merchants or (by is not None and not {each.pk for each in merchants} <= shops_of(by)),
        "no_reason": len(reason.strip()) < SHORTEST_REASON,
        "no_columns": not set(wish.columns) & set(NAMES),
        "k_too_small": wish.k < LEAST_K or wish.l < 1,
        "backwards": wish.last < wish.first,
        "not_closed": wish.last > closed,
        "under_way": by is not None and ResearchExport.objects.filter(asked_by=by, state__in=ResearchExport.OPEN).exists(),
    }
    return [refusal(code, day=closed) for code, is_so in faults.items() if is_so]


def work_due(limit: int = 1, *, only: int | None = None) -> int:
    """Take exports one step further each: publish one period, or finish. Returns how many were worked on."""
    due = ResearchExport.objects.filter(state__in=ResearchExport.OPEN)
    parked = {"state": State.REFUSED, "why": "crashed", "ended_at": timezone.now()}
    exports = claim(
        due.filter(pk=only) if only else due, seconds=LEASE_SECONDS, limit=limit, claimed={"state": State.RUNNING}, parked=parked
    )
    for export in exports:
        _advance(export)
    return len(exports)


def _advance(export: ResearchExport) -> None:
    try:
        periods = _periods_of(export)
    except RefusedError as error:
        _refuse(export, error.reasons[0].code)
        return
    missing = [period for period in periods if period.cohort is None]
    if not missing:
        _finish(export)
    elif is_ledger_behind(timezone.now()):
        give_back(export, delay=LEDGER_WAIT)
    else:
        _publish(export, missing[0], done=len(periods) - len(missing))


def _periods_of(export: ResearchExport) -> list[Period]:
    """What it is made of now. Somebody else may have published a part of it meanwhile."""
    merchants = list(Merchant.objects.filter(pk__in=export.merchant_ids).order_by("pk"))
    periods, reasons = plan_periods(merchants, export.first_on, export.last_on, export.step)
    require(reasons or against_known(periods, k=export.k, l=export.l, columns=export.columns))
    return periods


def _publish(export: ResearchExport, period: Period, *, done: int) -> None:
    try:
        publish_period(period, k=export.k, l=export.l, floors=export.floors)
    except TooRareError as error:
        about = {"name": name_of(period), "suppressed": error.suppressed, "total": error.total}
        column = {} if error.column is None else {"column": QUASI[error.column]}
        _refuse(export, "too_rare" if column else "too_few", **about, **column)
        return
    finish(export, done_count=done + 1, next_at=Now())


def _finish(export: ResearchExport) -> None:
    """The rows are read once for their digest, with which everybody can see that two files are the same."""
    cohorts, digest = cohorts_of(export), hashlib.sha256()
    for line in row_lines(export, cohorts):
        digest.update(line.encode())
    finish(
        export,
        state=State.DONE,
        done_count=len(cohorts),
        period_count=len(cohorts),
        row_count=sum(cohort.row_count for cohort in cohorts),
        suppressed_count=sum(cohort.suppressed_count for cohort in cohorts),
        digest=digest.hexdigest(),
        ended_at=timezone.now(),
    )


def _refuse(export: ResearchExport, code: str, **about) -> None:
    finish(export, state=State.REFUSED, why=code, about=about, ended_at=timezone.now())


def cohorts_of(export: ResearchExport) -> list[ResearchCohort]:
    """What a finished export is made of. Published periods stand, so these are still those that it was made of."""
    known = ResearchCohort.objects.filter(merchant__in=export.merchant_ids, first_on__gte=export.first_on, last_on__lte=export.last_on)
    return list(known.order_by("first_on", "merchant"))


def record_download(export: ResearchExport, name: str, *, by: User, network: str | None) -> None:
    """Write down that somebody fetched a file of an export."""
    record_access(AccessLog.Act.DOWNLOAD, export, by=by, field=name, reason=export.reason, network=network)
