"""Planning who works when. Leads plan for the members of the teams they lead, administrators for everybody."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import may_plan_for, plannable
from accounts.models import Shift, Team, User
from accounts.signals import shifts_changed
from foundation.exceptions import Forbidden, Reason
from foundation.verbs import announce, require

LONGEST_SHIFT = timedelta(hours=24)
LONGEST_LEAVE = timedelta(days=366)
MOST_CAPACITY = 1000
WEEK = timedelta(days=7)
NOT_PLANNED_BY_THEM = Forbidden("may_not_plan", _("Shifts are planned by the lead of the team."))


@transaction.atomic
def plan_shift(user: User, *, starts_at: datetime, ends_at: datetime, by: User | None, capacity: int | None = None) -> Shift:
    """Let somebody work from then until then, with this many units of room (None: as usual for them).

    Raises ``NotAllowedError`` or ``RefusedError`` with the reasons, for instance that another shift of theirs overlaps.
    """
    return _plan(Shift(user=user, starts_at=starts_at, ends_at=ends_at, capacity=capacity), by=by)


@transaction.atomic
def put_on_leave(user: User, *, starts_at: datetime, ends_at: datetime, by: User | None) -> Shift:
    """Keep work away from somebody from then until then, whatever shifts they have; the shifts stay planned."""
    return _plan(Shift(user=user, starts_at=starts_at, ends_at=ends_at, is_leave=True), by=by)


@transaction.atomic
def remove_shift(shift: Shift, *, by: User | None) -> None:
    """Take a shift or a leave out of the plan. One that is gone already is no error: the plan is as it should be."""
    require(_against_right(shift.user, by))
    Shift.objects.filter(pk=shift.pk).delete()
    announce(shifts_changed, user=shift.user, by=by)


@transaction.atomic
def plan_week(team: Team, *, monday: date, by: User | None) -> list[Shift]:
    """Plan the week that begins on ``monday`` for a team like the one before: the same people at the same local times.

    Leave is not copied. Whoever is planned at that time already, was closed, or may not be planned by this person is left out;
    the new shifts are returned.
    """
    members = User.objects.filter(memberships__team=team, is_active=True)
    allowed = list(User.objects.select_for_update(no_key=True).filter(pk__in=plannable(members, by).values("pk")).order_by("pk"))
    require([] if allowed or not members.exists() else [NOT_PLANNED_BY_THEM])
    wanted = [_a_week_later(shift) for shift in _working(allowed, since=monday - WEEK)]
    planned = _working(allowed, since=monday - timedelta(days=1), days=9)
    free = [shift for shift in wanted if not any(_overlap(shift, other) for other in planned)]
    Shift.objects.bulk_create(free)
    for user in {shift.user for shift in free}:
        announce(shifts_changed, user=user, by=by)
    return free


def reasons_against(shift: Shift, *, by: User | None) -> list[Reason]:
    """Everything that keeps this person from planning this shift or leave. Empty: they may."""
    return [*_against_right(shift.user, by), *_against_length(shift), *_against_overlap(shift)]


def _plan(shift: Shift, *, by: User | None) -> Shift:
    """The person's row is the lock: two leads who plan the same hours at once get one shift and one reason."""
    user = User.objects.select_for_update(no_key=True).get(pk=shift.user_id)
    require(reasons_against(shift, by=by))
    shift.save()
    announce(shifts_changed, user=user, by=by)
    return shift


def _working(users: Iterable[User], *, since: date, days: int = 7) -> list[Shift]:
    """Shifts that start within so many local days."""
    first = timezone.make_aware(datetime.combine(since, time()))
    last = timezone.make_aware(datetime.combine(since + timedelta(days=days), time()))
    rows = Shift.objects.filter(user__in=users, is_leave=False, starts_at__gte=first, starts_at__lt=last)
    return list(rows.select_related("user").order_by("user_id", "starts_at"))


def _a_week_later(shift: Shift) -> Shift:
    """The same times on the clock on the wall, whatever the clocks did in between."""
    starts_at, ends_at = (timezone.make_aware(timezone.make_naive(at) + WEEK) for at in (shift.starts_at, shift.ends_at))
    return Shift(user=shift.user, starts_at=starts_at, ends_at=ends_at, capacity=shift.capacity)


def _overlap(one: Shift, other: Shift) -> bool:
    return one.user_id == other.user_id and one.starts_at < other.ends_at and other.starts_at < one.ends_at


def _against_right(user: User, by: User | None) -> list[Reason]:
    return [] if may_plan_for(user, by) else [NOT_PLANNED_BY_THEM]


def _against_length(shift: Shift) -> list[Reason]:
    longest = LONGEST_LEAVE if shift.is_leave else LONGEST_SHIFT
    found = []
    if not timedelta(0) < shift.ends_at - shift.starts_at <= longest:
        found.append(Reason("length", _("It ends after it starts, and a shift lasts at most 24 hours, a leave a year.")))
    if shift.capacity is not None and not 0 < shift.capacity <= MOST_CAPACITY:
        found.append(Reason("capacity", _("The capacity is between 1 and %(most)d.") % {"most": MOST_CAPACITY}))
    return found


def _against_overlap(shift: Shift) -> list[Reason]:
    others = Shift.objects.filter(user_id=shift.user_id, is_leave=shift.is_leave, starts_at__lt=shift.ends_at, ends_at__gt=shift.starts_at)
    other = others.order_by("starts_at").first()
    if other is None:
        return []
    times = {
        "start": timezone.localtime(other.starts_at).strftime("%m-%d %H:%M"),
        "end": timezone.localtime(other.ends_at).strftime("%H:%M"),
    }
    return [Reason("overlap", _("Planned already: %(start)s to %(end)s.") % times)]
