"""Who may keep reports, who sees which, and whom one may send them to. All of it is read at use, so removal acts at once."""

from django.db.models import Q, QuerySet
from django.http import Http404

from accounts.models import Membership, User
from accounts.roles import PERMISSIONS
from analytics.access import VIEW, Sight, sight_of
from analytics.desk.boards import BOARDS, is_board_open
from analytics.metrics.registry import all_metrics
from analytics.models import SavedReport

SAVE = "analytics.save_report"
Shared = SavedReport.Shared


def reports_for(user: User) -> QuerySet[SavedReport]:
    """Own reports, and those shared with a team or a role of this person."""
    shared = Q(shared=Shared.TEAM, team__in=Membership.objects.filter(user=user).values("team"))
    shared |= Q(shared=Shared.ROLE, role__in=user.role_names)
    rows = SavedReport.objects.filter(Q(owner=user) | shared, removed_at__isnull=True)
    return rows.select_related("owner", "team").order_by("name", "pk")


def own_report(user: User, pk: int, *, removed: bool = False) -> SavedReport:
    """A report of this person; what others share can be opened, not changed."""
    found = SavedReport.objects.filter(pk=pk, owner=user, removed_at__isnull=not removed).first()
    if found is None:
        raise Http404
    return found


def removed_report(user: User, number: str) -> SavedReport | None:
    """One of the own reports that was deleted and can be brought back."""
    return SavedReport.objects.filter(pk=number, owner=user, removed_at__isnull=False).first() if number.isdigit() else None


def sees_report(report: SavedReport, user: User) -> bool:
    """Whether somebody sees any figure of it now."""
    sight = sight_of(user)
    return sight is not None and is_page_open(report.board, report.metric, sight)


def is_page_open(board: str, metric_id: str, sight: Sight) -> bool:
    """Whether there is such a page, and somebody sees anything of it."""
    if board:
        return board in BOARDS and is_board_open(BOARDS[board], sight)
    return any(each.id == metric_id and sight.sees(each) for each in all_metrics())


def recipients_for(user: User) -> QuerySet[User]:
    """To whom somebody may send: managers to everybody who sees figures, leads to their teams. Each gets what is theirs to see."""
    roles = [name for name, permissions in PERMISSIONS.items() if VIEW in permissions]
    staff = User.objects.filter(is_active=True, groups__name__in=roles).exclude(email="")
    sight = Sight(user)
    if not sight.sees_house:
        staff = staff.filter(Q(pk=user.pk) | Q(memberships__team__in=sight.teams))
    return staff.distinct().order_by("name", "pk")
