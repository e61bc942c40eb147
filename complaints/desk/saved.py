"""Saved views: a filter under a name, for oneself or for a team."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Team, User
from complaints.desk.filters import Filter
from complaints.models import SavedView
from foundation.exceptions import Forbidden, Reason
from foundation.verbs import require

MOST_OWN = 30


def views_of(user: User) -> QuerySet[SavedView]:
    """The saved views that a user may open: the own ones and those of the own teams."""
    return SavedView.objects.filter(Q(owner=user) | Q(team__in=user.team_ids)).order_by("team_id", "name", "pk")


def save_view(chosen: Filter, *, name: str, team: Team | None, by: User) -> SavedView:
    """Keep a filter under a name. For a team it needs the right to share views and a place in that team."""
    reasons = []
    if team is not None and not (by.has_perm("complaints.share_savedview") and team.pk in by.team_ids):
        reasons.append(Forbidden("not_own_team", _("Only leads save a view for their team.")))
    if SavedView.objects.filter(owner=by).count() >= MOST_OWN:
        reasons.append(Reason("too_many_views", _("You have 30 views. Delete one first.")))
    require(reasons)
    return SavedView.objects.create(owner=None if team else by, team=team, name=name, filter=chosen.as_json())


def delete_view(view: SavedView, *, by: User) -> None:
    """Delete an own view, or one of a team by somebody who may share views there."""
    is_own = view.owner_id == by.pk or (view.team_id in by.team_ids and by.has_perm("complaints.share_savedview"))
    require([] if is_own else [Forbidden("not_own_view", _("Only leads change the views of a team."))])
    view.delete()
