"""Goals: a list and a form."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.redirects import see_other
from analytics.desk.choice import Choice
from analytics.desk.filters import known_values
from analytics.desk.goals import Goals, goals_for, set_goal
from analytics.desk.names import name_of
from analytics.desk.views import figures_view, frame
from analytics.metrics.registry import all_metrics, metric
from analytics.models import Goal
from foundation.exceptions import ReasonedError

# What a person types for one of these, as a part of what is kept.
TYPED = {"share": 0.01, "s": 60, "fen": 100}


class GoalForm(forms.Form):
    """A figure, for whom, from which day on, and what it should reach."""

    metric = forms.ChoiceField(label=gettext_lazy("Figure"))
    whom = forms.ChoiceField(label=gettext_lazy("For"))
    value = forms.FloatField(
        label=gettext_lazy("Goal"), min_value=0, required=False, help_text=gettext_lazy("Percent, minutes or yuan. Empty ends the goal.")
    )
    valid_from = forms.DateField(label=pgettext_lazy("days", "From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, *args, choice: Choice, **options):
        super().__init__(*args, **options)
        goals = [each for each in all_metrics() if each.better and choice.sight.sees(each)]
        self.fields["metric"].choices = [(each.id, each.name) for each in goals]
        self.fields["whom"].choices = list(_people(choice))


@figures_view("GET", "HEAD", "POST")
def show_goals(request: HttpRequest, choice: Choice) -> HttpResponse:
    if request.method == "POST" and not request.user.has_perm("analytics.set_goal"):
        raise PermissionDenied
    form = GoalForm(request.POST or None, choice=choice, initial={"valid_from": timezone.localdate()})
    if request.method == "POST" and form.is_valid() and _set(request, form):
        return see_other(f"{reverse('admin:reports-goals')}?{choice.query}")
    rows = [(goal, metric(goal.metric), _whom(goal), Goals.say(metric(goal.metric), goal.value)) for goal in goals_for(request.user)[:500]]
    context = frame(choice) | {"form": form, "rows": rows, "may_set": request.user.has_perm("analytics.set_goal")}
    return render(request, "analytics/goals.html", context, status=422 if form.is_bound else 200)


def _set(request: HttpRequest, form: GoalForm) -> bool:
    one = metric(form.cleaned_data["metric"])
    scope, subject = form.cleaned_data["whom"].split(":")
    typed = form.cleaned_data["value"]
    value = None if typed is None else typed * TYPED.get(one.unit, 1)
    try:
        set_goal(one, scope=scope, subject_id=int(subject), value=value, valid_from=form.cleaned_data["valid_from"], by=request.user)
    except ReasonedError as error:
        form.add_error(None, [reason.text for reason in error.reasons])
        return False
    messages.success(request, _("The goal of “%(name)s” holds from %(day)s.") % {"name": one.name, "day": form.cleaned_data["valid_from"]})
    return True


def _people(choice: Choice):
    sight = choice.sight
    if sight.sees_house:
        yield "house:0", _("The whole house")
    known = known_values(sight)
    yield from ((f"team:{team}", _("Team %(name)s") % {"name": name_of("team", team)}) for team in known["team"])
    yield from ((f"agent:{agent}", name_of("agent", agent)) for agent in known["agent"])


def _whom(goal: Goal) -> str:
    return _("The whole house") if goal.scope == Goal.Scope.HOUSE else name_of(goal.scope, str(goal.subject_id))
