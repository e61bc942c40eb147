"""What the pages of reconciliation show, gathered in a few queries."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from workflows.models import Anomaly, PaymentBalance, Recovery, Statement, StatementPull
from workflows.reconciling import access
from workflows.reconciling.listed import day_of
from workflows.reconciling.rows import Row, lines_of
from workflows.reconciling.totals import GROUPS, Day, days_of
from workflows.services.anomalies import is_elsewhere
from workflows.services.statements import reasons_against_closing, reasons_against_reopening

DAYS_SHOWN, LINES_SHOWN, ANOMALIES_SHOWN, PULLS_SHOWN, RECOVERIES_SHOWN = 40, 200, 100, 5, 200
WHY = {
    "not_configured": _("This provider is not set up in this installation."),
    "unreachable": _("The provider did not answer, or has no statement of this day yet."),
    "crashed": _("Fetching broke off several times."),
    "is_closed": _("This day was closed meanwhile."),
}


def yesterday() -> date:
    return day_of(timezone.now()) - timedelta(days=1)


def list_board(user: User, *, before: date | None) -> dict[str, Any]:
    """The days, the newest first; ``before`` goes on where another page ended."""
    statements = access.statements_for(user).select_related("closed_by").order_by("-day", "gateway")
    shown = list(statements.filter(day__lt=before) if before else statements)[: DAYS_SHOWN + 1]
    days = days_of(user, shown[:DAYS_SHOWN])
    more = days[-1].statement.day if len(shown) > DAYS_SHOWN else None
    return {"days": days, "more": more, "tab": "days", "is_first": before is None, **figures(user)}


def figures(user: User) -> dict[str, Any]:
    """What waits for finance."""
    if not user.has_perm(access.RECONCILE):
        return {}
    anomalies = access.anomalies_for(user)
    frozen = PaymentBalance.objects.filter(frozen_at__isnull=False, anomalies__in=anomalies).distinct()
    return {"open_anomalies": anomalies.filter(closed_at=None).count(), "frozen_payments": frozen.count()}


def pull_board(user: User) -> dict[str, Any]:
    """The last wishes to fetch a statement, with words for those that failed, and whether one is still under way."""
    pulls = list(access.pulls_for(user).select_related("asked_by").order_by("-pk")[:PULLS_SHOWN])
    for pull in pulls:
        pull.why_words = WHY.get(pull.why, pull.why)
        pull.is_open = pull.state in StatementPull.OPEN
    return {"pulls": pulls, "is_pulling": any(pull.is_open for pull in pulls)}


def day_of_statement(user: User, statement: Statement) -> Day:
    return days_of(user, [statement])[0]


def day_board(user: User, statement: Statement) -> dict[str, Any]:
    """One day: its sums for whoever may read them, its lines for whoever reconciles."""
    board = {"day": day_of_statement(user, statement), "acts": signatures(statement), "tab": "days"}
    if user.has_perm(access.RECONCILE):
        board["groups"] = _groups(user, statement, board["day"])
        board["against_closing"] = reasons_against_closing(statement, user)
        board["against_reopening"] = reasons_against_reopening(statement, user)
        board["is_partial"] = not access.sees_all_of(user, statement)
    return board


def _groups(user: User, statement: Statement, day: Day) -> list[dict[str, Any]]:
    """The lines by group; a long group is cut, its sums are not."""
    lines = lines_of(user, statement)
    return [
        {
            "key": group.value,
            "label": group.label,
            "count": day.totals.count_of(group),
            "rows": [Row(line) for line in lines.filter(match=group)[:LINES_SHOWN]],
        }
        for group in GROUPS
    ]


def signatures(statement: Statement) -> list:
    return list(statement.acts.select_related("by").order_by("-pk")[:20])


def anomaly_board(user: User, *, is_open: bool) -> dict[str, Any]:
    """Anomalies: those that nobody has explained, or those that somebody has."""
    rows = access.anomalies_for(user).filter(closed_at__isnull=is_open)
    rows = rows.select_related("refund", "balance__payment", "closed_by", "second_by").prefetch_related("acts__by")
    return {
        "anomalies": [AnomalyRow(each, user) for each in rows.order_by("-pk")[:ANOMALIES_SHOWN]],
        "tab": "anomalies",
        "is_open": is_open,
    }


class AnomalyRow:
    """An anomaly with what this person may do about it."""

    def __init__(self, anomaly: Anomaly, user: User) -> None:
        self.anomaly = anomaly
        self.is_frozen = bool(anomaly.balance and anomaly.balance.frozen_at)
        signed = anomaly.refund and user.pk in (anomaly.refund.created_by_id, anomaly.refund.authorised_by_id)
        self.is_own_refund = bool(signed)
        self.may_explain = anomaly.closed_at is None and not signed
        self.may_count = self.may_explain and is_elsewhere(anomaly)
        self.may_look = anomaly.closed_at is not None and anomaly.second_by_id is None and anomaly.closed_by_id != user.pk and not signed
        self.may_lift = anomaly.closed_at is not None and self.is_frozen and not signed

    @property
    def key(self) -> str:
        return self.anomaly.refund.out_refund_no if self.anomaly.refund else self.anomaly.codes.get("key", "")

    @property
    def amounts(self) -> tuple[int, int, str] | None:
        codes = self.anomaly.codes
        if "theirs" not in codes:
            return None
        owner = self.anomaly.refund or self.anomaly.balance
        return codes["theirs"], codes.get("ours", 0), owner.currency if owner else "CNY"


def recovery_board(user: User) -> dict[str, Any]:
    """What others owe: the sums by debtor for all who read, each recovery with its age and proof for those who reconcile."""
    rows = list(access.recoveries_for(user).select_related("case").order_by("opened_at", "pk"))
    return {
        "sums": _recovery_sums(rows),
        "recoveries": rows[:RECOVERIES_SHOWN] if user.has_perm(access.RECONCILE) else [],
        "tab": "recoveries",
    }


def _recovery_sums(rows: list[Recovery]) -> list[dict[str, Any]]:
    sums: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        one = sums.setdefault(
            (row.debtor, row.currency), {"debtor": row.get_debtor_display(), "currency": row.currency, "count": 0, "owed": 0, "got": 0}
        )
        one["count"] += 1
        one["owed"] += row.amount_fen
        one["got"] += row.collected_fen
    return [sums[key] for key in sorted(sums)]
