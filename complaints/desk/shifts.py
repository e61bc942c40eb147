"""The plan of a week: leads plan for their teams, everybody sees when they work themselves."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Shift, User
from accounts.services import plan_shift, plan_week, put_on_leave, remove_shift
from accounts.shifts import next_shift_of, shifts_of_week, shifts_visible_to
from complaints.desk import directory
from complaints.desk.board import Board, board_of
from complaints.desk.doors import SeeOther, desk_view
from complaints.desk.people import read_people
from complaints.desk.wall import LEAD

DAY = timedelta(days=1)
WEEK = 7 * DAY
FURTHEST = 5 * 365 * DAY
WORK, LEAVE = "work", "leave"


@dataclass(frozen=True)
class PlanRow:
    """One person's week: the shifts and leaves of each day."""

    person: int
    name: str
    cells: list[tuple[date, list[Shift]]]


class ShiftForm(forms.Form):
    """A shift or a leave of one person, at the same times on each of the chosen days."""

    person = forms.TypedChoiceField(label=gettext_lazy("Who"), coerce=int)
    days = forms.MultipleChoiceField(label=gettext_lazy("Days"), widget=forms.CheckboxSelectMultiple)
    what = forms.ChoiceField(label=gettext_lazy("What"), choices=[(WORK, gettext_lazy("Works")), (LEAVE, gettext_lazy("On leave"))])
    starts = forms.TimeField(label=gettext_lazy("Begins"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    ends = forms.TimeField(
        label=gettext_lazy("Ends"),
        help_text=gettext_lazy("Not later than the beginning: it ends on the next day."),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    capacity = forms.IntegerField(
        label=gettext_lazy("Capacity"), required=False, help_text=gettext_lazy("Units of work at the same time; empty: as usual.")
    )

    def __init__(self, *args, people: list[tuple[int, str]], monday: date, **options):
        super().__init__(*args, **options)
        self.fields["person"].choices = people
        self.fields["days"].choices = [(day.isoformat(), day_words(day)) for day in days_of(monday)]

    def plan(self, *, by: User) -> int:
        """Plan all days or, if one of them cannot be, none; returns how many."""
        given, user = self.cleaned_data, directory.colleagues.get(self.cleaned_data["person"])
        with transaction.atomic():
            for day in given["days"]:
                times = times_on(date.fromisoformat(day), given["starts"], given["ends"])
                if given["what"] == LEAVE:
                    put_on_leave(user, **times, by=by)
                else:
                    plan_shift(user, **times, capacity=given["capacity"], by=by)
        return len(given["days"])


@desk_view()
def show_shifts(request):
    chosen = {"person": request.GET.get("person"), "days": request.GET.getlist("day"), "starts": time(9), "ends": time(18)}
    return _show(request, board_of(request), monday_of(request), initial=chosen)


@desk_view("POST", permission=LEAD)
def plan(request):
    board, monday = board_of(request), monday_of(request)
    form = _form(board, monday, request.POST)
    if not form.is_valid():
        return _show(request, board, monday, form=form, status=422)
    count = form.plan(by=request.user)
    messages.success(request, ngettext("%(count)d day planned.", "%(count)d days planned.", count) % {"count": count})
    return SeeOther(week_url(board, monday))


@desk_view("POST", permission=LEAD)
def copy_week(request):
    """Plan every team of the board as in the week before."""
    board, monday = board_of(request), monday_of(request)
    count = sum(len(plan_week(team, monday=monday, by=request.user)) for team in board.shown)
    messages.success(request, ngettext("%(count)d shift copied.", "%(count)d shifts copied.", count) % {"count": count})
    return SeeOther(week_url(board, monday))


@desk_view("POST", permission=LEAD)
def remove(request, shift_id):
    shift = shifts_visible_to(request.user).filter(pk=shift_id).select_related("user").first()
    if shift is None:
        raise Http404
    remove_shift(shift, by=request.user)
    messages.success(request, _("Taken out of the plan of %(name)s.") % {"name": shift.user})
    return SeeOther(week_url(board_of(request), monday_of(request)))


def _show(request: HttpRequest, board: Board, monday: date, *, form=None, initial=None, status: int = 200):
    rows = list(shifts_of_week(shifts_visible_to(request.user), monday))
    context = {"board": board, "monday": monday, "days": days_of(monday), "before": monday - WEEK, "after": monday + WEEK}
    context |= {"own": [row for row in rows if row.user_id == request.user.pk], "week_query": week_query(board, monday)}
    context["next_shift"] = next_shift_of(request.user, after=timezone.now())
    if board.teams and request.user.has_perm(LEAD):
        weeks = [PlanRow(pk, name, [(day, shifts_on(day, pk, rows)) for day in days_of(monday)]) for pk, name in people_of(board)]
        context |= {"plan": weeks, "there": [working_on(number, weeks) for number in range(7)]}
        context["form"] = form or _form(board, monday, initial=initial)
    return render(request, "complaints/desk/shifts.html", context, status=status)


def _form(board: Board, monday: date, *answers, **options) -> ShiftForm:
    return ShiftForm(*answers, people=people_of(board), monday=monday, **options)


def people_of(board: Board) -> list[tuple[int, str]]:
    """Whom a plan of this board is about, by name."""
    return sorted(((person.id, person.name) for person in read_people(board.team_ids)), key=lambda pair: pair[1])


def shifts_on(day: date, person: int, rows: list[Shift]) -> list[Shift]:
    """What begins on a day, and every leave that touches it."""
    first, last = (timezone.make_aware(datetime.combine(each, time())) for each in (day, day + DAY))
    return [
        row
        for row in rows
        if row.user_id == person and row.starts_at < last and (row.ends_at > first if row.is_leave else row.starts_at >= first)
    ]


def working_on(number: int, plan: list[PlanRow]) -> int:
    """How many people work on a day of the week and are not on leave."""
    cells = [row.cells[number] for row in plan]
    return sum(bool(shifts) and not any(shift.is_leave for shift in shifts) for _day, shifts in cells)


def times_on(day: date, starts: time, ends: time) -> dict[str, datetime]:
    """A shift on the clock on the wall; one that ends at or before its beginning ends on the next day."""
    last = day + DAY if ends <= starts else day
    begin, end = datetime.combine(day, starts), datetime.combine(last, ends)
    return {"starts_at": timezone.make_aware(begin), "ends_at": timezone.make_aware(end)}


def monday_of(request: HttpRequest) -> date:
    """The Monday of the week in the address, else of this week."""
    today = timezone.localdate()
    try:
        day = date.fromisoformat(request.GET.get("week", ""))
    except ValueError:
        day = today
    day = day if abs(day - today) < FURTHEST else today
    return day - day.weekday() * DAY


def days_of(monday: date) -> list[date]:
    return [monday + number * DAY for number in range(7)]


def day_words(day: date) -> str:
    # Translators: the day of the week and the day of the month in Django's date format letters.
    return format_date(day, _("D j"))


def week_query(board: Board, monday: date) -> str:
    return "&".join(filter(None, [f"week={monday.isoformat()}", board.query]))


def week_url(board: Board, monday: date) -> str:
    return f"{reverse('admin:desk-shifts')}?{week_query(board, monday)}"
