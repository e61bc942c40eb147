"""Who may see which statements, lines, anomalies and recoveries. Whoever reconciles sees the money of the own shops only.

A line that no shop can be told of, because our books do not know the refund, is everybody's: it is the highest alarm.
"""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404

from accounts.models import User
from complaints.access import shops_of
from workflows.models import Anomaly, Recovery, Statement, StatementLine, StatementPull

READ, RECONCILE = "workflows.read_money", "workflows.reconcile_money"


def lines_for(user: User) -> QuerySet[StatementLine]:
    """The lines about refunds or payments of the own shops, and those that belong to no known shop."""
    if not _may_read(user):
        return StatementLine.objects.none()
    return StatementLine.objects.filter(_of_shops(user, refund="refund", balance="balance"))


def statements_for(user: User) -> QuerySet[Statement]:
    """Statements that have anything of the own shops in them, or nothing of anybody."""
    if not _may_read(user):
        return Statement.objects.none()
    lines = StatementLine.objects.filter(statement=OuterRef("pk"))
    return Statement.objects.filter(Exists(lines_for(user).filter(statement=OuterRef("pk"))) | ~Exists(lines))


def statement_for(user: User, gateway: str, day: str) -> Statement:
    """One visible statement by its provider and day, or 404."""
    found = statements_for(user).select_related("uploaded_by", "closed_by", "reopened_by").filter(gateway=gateway, day=parse_day(day))
    return _found(found)


def anomaly_for(user: User, pk: int) -> Anomaly:
    return _found(anomalies_for(user).filter(pk=pk))


def sees_all_of(user: User, statement: Statement) -> bool:
    """Whether nothing in a statement is hidden from somebody: only they can say that the whole of it balances."""
    return not statement.lines.exclude(pk__in=lines_for(user).values("pk")).exists()


def anomalies_for(user: User) -> QuerySet[Anomaly]:
    if not (user.is_active and user.has_perm(RECONCILE)):
        return Anomaly.objects.none()
    return Anomaly.objects.filter(_of_shops(user, refund="refund", balance="balance"))


def recoveries_for(user: User) -> QuerySet[Recovery]:
    """What others owe to the own shops."""
    if not _may_read(user):
        return Recovery.objects.none()
    return Recovery.objects.filter(case__complaint__merchant__in=shops_of(user))


def pulls_for(user: User) -> QuerySet[StatementPull]:
    """Fetching a statement shows nothing of what is in it, so whoever reconciles sees who asked."""
    return StatementPull.objects.all() if user.is_active and user.has_perm(RECONCILE) else StatementPull.objects.none()


def parse_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _found(rows: QuerySet):
    row = rows.first()
    if row is None:
        raise Http404
    return row


def _may_read(user: User) -> bool:
    return user.is_active and user.has_perm(READ) and bool(shops_of(user))


def _of_shops(user: User, *, refund: str, balance: str) -> Q:
    shops = shops_of(user)
    by_refund = Q(**{f"{refund}__case__complaint__merchant__in": shops})
    by_payment = Q(**{f"{refund}__isnull": True, f"{balance}__payment__order__merchant__in": shops})
    return by_refund | by_payment | Q(**{f"{refund}__isnull": True, f"{balance}__isnull": True})
