"""The pages of saved reports: the list, the form, and what can be done with one."""

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.redirects import see_other
from analytics.access import sight_of
from analytics.asked import show_reasons
from analytics.models import SavedReport
from complaints.desk.doors import show_refusal
from foundation.exceptions import ReasonedError

from .access import SAVE, is_page_open, own_report, removed_report, reports_for
from .forms import ReportForm, answers_of
from .letters import title_of_page
from .saving import Page, change_report, pause_report, remove_report, restore_report, save_report, send_now
from .words import lines_of, say_choice

MOST = 200


@require_safe
def show_reports(request: HttpRequest) -> HttpResponse:
    """Own reports and those that others share. One that was just deleted can be brought back from here."""
    if sight_of(request.user) is None:
        raise PermissionDenied
    rows = list(reports_for(request.user).prefetch_related("recipients__user")[:MOST])
    removed = removed_report(request.user, request.GET.get("gone", ""))
    return render(request, "analytics/saved_list.html", {"lines": lines_of(rows, request.user), "removed": removed})


@require_http_methods(["GET", "HEAD", "POST"])
def keep(request: HttpRequest) -> HttpResponse:
    """Keep a page of figures: which one, and what is chosen on it, stands in the address."""
    sight = _sight_of(request)
    page = Page(request.GET.get("board", ""), request.GET.get("metric", ""), request.GET.urlencode())
    if bool(page.board) == bool(page.metric) or not is_page_open(page.board, page.metric, sight):
        raise Http404
    report = SavedReport(owner=request.user, board=page.board, metric=page.metric, query=page.query)
    title = title_of_page(report)
    form = ReportForm(request.POST or None, by=request.user, initial=answers_of_new(request.user, title))
    return _answer(request, form, report, lambda: save_report(page, form.wish, by=request.user))


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, report_id: int) -> HttpResponse:
    """Change one of the own reports."""
    _sight_of(request)
    report = own_report(request.user, report_id)
    form = ReportForm(request.POST or None, by=request.user, initial=answers_of(report))
    return _answer(request, form, report, lambda: change_report(report, form.wish, by=request.user))


@require_http_methods(["POST"])
def act_on(request: HttpRequest, report_id: int, act: str) -> HttpResponse:
    """Pause, go on, delete, bring back, send to oneself."""
    _sight_of(request)
    if act not in ACTS:
        raise Http404
    run, words = ACTS[act]
    report = own_report(request.user, report_id, removed=act == "restore")
    try:
        run(report, by=request.user)
    except ReasonedError as error:
        return show_refusal(request, error)
    if act != "delete":  # the page says so itself, with the way back
        messages.success(request, words % {"name": report.name})
    return see_other(reverse("admin:reports-saved") + (f"?gone={report.pk}" if act == "delete" else ""))


ACTS: dict[str, tuple[Callable[..., object], str]] = {
    "pause": (partial(pause_report, is_paused=True), gettext_lazy("“%(name)s” is not sent until you let it go on.")),
    "resume": (partial(pause_report, is_paused=False), gettext_lazy("“%(name)s” is sent again.")),
    "delete": (remove_report, ""),
    "restore": (restore_report, gettext_lazy("“%(name)s” is back.")),
    "send": (send_now, gettext_lazy("“%(name)s” is on its way to your mailbox.")),
}


def answers_of_new(user: User, title: str) -> dict:
    """What the form of a new report proposes."""
    return {"name": title, "month_day": 1, "hour": 8, "recipients": [user.pk]}


def _answer(request: HttpRequest, form: ReportForm, report: SavedReport, write: Callable[[], SavedReport]) -> HttpResponse:
    if form.is_bound and form.is_valid():
        try:
            saved = write()
        except ReasonedError as error:
            show_reasons(form, error)
        else:
            messages.success(request, _("“%(name)s” is saved.") % {"name": saved.name})
            return see_other(reverse("admin:reports-saved"))
    context = {"form": form, "report": report, "page": title_of_page(report), "chosen": say_choice(report, request.user)}
    return render(request, "analytics/saved_form.html", context, status=422 if form.is_bound else 200)


def _sight_of(request: HttpRequest):
    sight = sight_of(request.user)
    if sight is None or not request.user.has_perm(SAVE):
        raise PermissionDenied
    return sight
