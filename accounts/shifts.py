"""Reading the plan: who works when, for whoever may know. Whether somebody gets work now is one condition of the assignment's query."""

from datetime import date, datetime, time, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from accounts.access import users_visible_to
from accounts.models import Shift, User


def shifts_visible_to(user: User) -> QuerySet[Shift]:
    """One's own, and those of everybody one may plan for."""
    return Shift.objects.filter(user__in=users_visible_to(user).values("pk")) | Shift.objects.filter(user=user)


def shifts_of_week(rows: QuerySet[Shift], monday: date) -> QuerySet[Shift]:
    """Those of ``rows`` that touch the local week beginning then, leave included, by person and start."""
    first = timezone.make_aware(datetime.combine(monday, time()))
    last = timezone.make_aware(datetime.combine(monday + timedelta(days=7), time()))
    return rows.filter(starts_at__lt=last, ends_at__gt=first).select_related("user").order_by("user_id", "starts_at")


def next_shift_of(user: User, *, after: datetime) -> Shift | None:
    """The first shift that ends after a moment and is not wholly within one leave; None if none is planned."""
    rows = list(Shift.objects.filter(user=user, ends_at__gt=after).order_by("starts_at")[:100])
    leave = [row for row in rows if row.is_leave]
    return next((row for row in rows if not row.is_leave and not any(_within(row, each) for each in leave)), None)


def _within(shift: Shift, leave: Shift) -> bool:
    return leave.starts_at <= shift.starts_at and shift.ends_at <= leave.ends_at
