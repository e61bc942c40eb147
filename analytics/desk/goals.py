"""Goals: what a figure should reach, whose goal counts, and how a figure stands against it in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from analytics.access import Sight
from analytics.desk.choice import Choice
from analytics.desk.words import unit_of
from analytics.metrics.registry import Metric
from analytics.metrics.results import Result
from analytics.models import Goal
from foundation.exceptions import Forbidden, Reason
from foundation.verbs import require

REACHED, MISSED = "good", "bad"


@dataclass(frozen=True)
class State:
    """How a figure stands against its goal."""

    text: str
    level: str


class Goals:
    """The goals that hold on a day, read once for a page."""

    def __init__(self, day: date) -> None:
        rows = Goal.objects.filter(valid_from__lte=day).order_by("metric", "scope", "subject_id", "-valid_from")
        self._known = {(goal.metric, goal.scope, goal.subject_id): goal.value for goal in rows.distinct("metric", "scope", "subject_id")}

    def of(self, metric: Metric, choice: Choice) -> float | None:
        """The goal of the one colleague or team that is looked at, else that of the house."""
        for scope, name in ((Goal.Scope.AGENT, "agent"), (Goal.Scope.TEAM, "team")):
            values = choice.filters.values(name)
            if len(values) == 1 and (metric.id, scope, int(values[0])) in self._known:
                return self._known[metric.id, scope, int(values[0])]
        return self._known.get((metric.id, Goal.Scope.HOUSE, 0))

    @staticmethod
    def judge(metric: Metric, goal: float | None, value: float | None, result: Result) -> State | None:
        """Nothing is judged where there are too few."""
        if goal is None or value is None or result.is_few or not metric.better:
            return None
        is_reached = value <= goal if metric.better == "down" else value >= goal
        return State(_("goal reached"), REACHED) if is_reached else State(_("goal missed"), MISSED)

    @staticmethod
    def say(metric: Metric, goal: float | None) -> str:
        if goal is None:
            return ""
        return f"{'≤' if metric.better == 'down' else '≥'} {unit_of(metric).write(goal)}"


@transaction.atomic
def set_goal(metric: Metric, *, scope: str, subject_id: int, value: float | None, valid_from: date, by: User) -> Goal:
    """Set what a figure should reach from a day on. Leads set goals of their own teams and people, managers of the whole house.

    ``NotAllowedError`` beyond that, ``RefusedError`` for a value that the figure cannot have.
    """
    require([*_against_scope(scope, subject_id, by), *_against_value(metric, value)])
    fields = {"value": value, "set_by": by}
    goal, _is_new = Goal.objects.update_or_create(
        metric=metric.id, scope=scope, subject_id=subject_id, valid_from=valid_from, defaults=fields
    )
    return goal


def goals_for(user: User) -> Iterable[Goal]:
    """The goals that somebody may see: of the house, and of their teams and people."""
    rows = Goal.objects.select_related("set_by").order_by("metric", "scope", "subject_id", "-valid_from")
    sight = Sight(user)
    if sight.sees_house:
        return rows
    own = rows.filter(scope=Goal.Scope.TEAM, subject_id__in=sight.teams) | rows.filter(scope=Goal.Scope.AGENT, subject_id=user.pk)
    return rows.filter(scope=Goal.Scope.HOUSE) | own


def _against_scope(scope: str, subject_id: int, by: User) -> list[Reason]:
    sight = Sight(by)
    if not by.has_perm("analytics.set_goal"):
        return [Forbidden("no_permission", _("Your role does not include setting goals."))]
    if sight.sees_house or (scope == Goal.Scope.TEAM and subject_id in sight.teams):
        return []
    is_member = scope == Goal.Scope.AGENT and User.objects.filter(memberships__team__in=sight.teams, pk=subject_id).exists()
    return [] if is_member else [Forbidden("not_yours", _("You set goals of your own teams only."))]


def _against_value(metric: Metric, value: float | None) -> list[Reason]:
    if not metric.better:
        return [Reason("no_better", _("This figure is neither good nor bad, so it has no goal."))]
    if value is not None and (value < 0 or (metric.unit == "share" and value > 1)):
        return [Reason("impossible", _("The figure cannot have this value."))]
    return []
