"""Which colleagues somebody may see and change. An unseen row is a row that does not exist."""

from django.db.models import Q, QuerySet

from accounts.models import AccessLog, Membership, Presence, RoleGrant, User
from accounts.roles import INTEGRATION
from ui.localize import localized


def users_visible_to(user: User) -> QuerySet[User]:
    """Administrators see everybody who logs in, leads the members of the teams they lead."""
    people = User.objects.exclude(groups__name=INTEGRATION)
    if may_configure(user):
        return people
    if user.has_perm("accounts.manage_team"):
        return people.filter(Q(pk__in=Membership.objects.filter(team__in=user.led_team_ids).values("user_id")))
    return people.none()


def access_log_visible_to(user: User) -> QuerySet[AccessLog]:
    """Administrators read the whole log, leads what the members of their teams looked at."""
    if user.has_perm("accounts.view_accesslog"):
        return AccessLog.objects.all()
    return AccessLog.objects.filter(actor__in=users_visible_to(user))


def may_configure(by: User | None) -> bool:
    """Whether somebody may change users and their roles; None is the command line."""
    return by is None or by.has_perm("accounts.configure")


def plannable(people: QuerySet[User], by: User | None) -> QuerySet[User]:
    """Those of these people whose shifts somebody may plan; None is the command line."""
    return people if by is None else people.filter(pk__in=users_visible_to(by).values("pk"))


def may_plan_for(user: User, by: User | None) -> bool:
    return plannable(User.objects.filter(pk=user.pk), by).exists()


def open_grants_of(user: User) -> QuerySet[RoleGrant]:
    """Roles of this user that wait for a second administrator."""
    return RoleGrant.objects.filter(user=user, decided_at__isnull=True).order_by("role")


def colleague(number: int) -> User | None:
    """The living staff account of this number."""
    return User.objects.filter(pk=number, is_active=True, is_staff=True).first()


def own_account(user: User) -> dict:
    """What the profile page shows beside its form."""
    codes_left = user.recovery_codes.filter(used_at__isnull=True).count() if user.has_second_factor else 0
    teams = [localized(membership.team, "name") for membership in user.memberships.select_related("team").order_by("team__code")]
    return {"presence": Presence.objects.filter(user=user).first(), "codes_left": codes_left, "own_teams": teams}
