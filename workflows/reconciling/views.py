"""The pages of reconciliation: the days, one day, its exports and its sheet of paper."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from complaints.desk.doors import SeeOther, new_request_id
from foundation.exceptions import ReasonedError
from workflows.models import Statement
from workflows.reconciling import access, boards
from workflows.reconciling.access import RECONCILE
from workflows.reconciling.doors import money_view
from workflows.reconciling.exports import write_csv, write_xlsx
from workflows.reconciling.forms import DayForm, ReasonForm, UploadForm, name_of_gateway
from workflows.reconciling.rows import lines_of, pages_of
from workflows.services import statements as acts
from workflows.services.pulling import ask_pull

EXPORTS = ("csv", "xlsx")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@money_view()
def show_days(request):
    return _list_page(request)


@money_view("POST", permission=RECONCILE)
def upload(request):
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _list_page(request, upload=form, status=422)
    given, file = form.cleaned_data, form.statement
    try:
        statement = acts.take_statement(
            given["gateway"],
            given["day"],
            file.lines,
            digest=file.digest,
            name=form.name,
            has_total=file.has_total,
            by=request.user,
        )
    except ReasonedError as error:
        for reason in error.reasons:
            form.add_error("file", f"{reason.text} {reason.cure}".strip())
        return _list_page(request, upload=form, status=error.status_code)
    count = len(file.lines)
    messages.success(request, ngettext("%(count)d refund taken in.", "%(count)d refunds taken in.", count) % {"count": count})
    return SeeOther(day_url(statement))


@money_view("POST", permission=RECONCILE)
def pull(request):
    form = DayForm(request.POST, prefix="pull")
    if not form.is_valid():
        return _list_page(request, fetch=form, status=422)
    try:
        ask_pull(form.cleaned_data["gateway"], form.cleaned_data["day"], by=request.user)
    except ReasonedError as error:
        for reason in error.reasons:
            form.add_error("day", f"{reason.text} {reason.cure}".strip())
        return _list_page(request, fetch=form, status=error.status_code)
    messages.success(request, _("The provider is being asked."))
    return SeeOther(reverse("admin:reconcile"))


@money_view(permission=RECONCILE)
def show_pulls(request):
    """How far the fetching has come, for a page that asks again and again."""
    return render(request, "workflows/_reconcile_pulls.html", boards.pull_board(request.user))


@money_view()
def show_day(request, gateway, day):
    return _day_page(request, access.statement_for(request.user, gateway, day))


@money_view("POST", permission=RECONCILE)
def match_day(request, gateway, day):
    statement = access.statement_for(request.user, gateway, day)
    acts.rematch_statement(statement, by=request.user, **_asked(request))
    messages.success(request, _("Matched again."))
    return SeeOther(day_url(statement))


@money_view("POST", permission=RECONCILE)
def close_day(request, gateway, day):
    statement = access.statement_for(request.user, gateway, day)
    acts.close_statement(statement, by=request.user, **_asked(request))
    messages.success(request, _("The day is closed, with your name."))
    return SeeOther(day_url(statement))


@money_view("POST", permission=RECONCILE)
def reopen_day(request, gateway, day):
    statement = access.statement_for(request.user, gateway, day)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _day_page(request, statement, reopening=form, status=422)
    acts.reopen_statement(statement, reason=form.cleaned_data["reason"], by=request.user, **_asked(request))
    messages.success(request, _("The day is open again."))
    return SeeOther(day_url(statement))


@money_view(permission=RECONCILE)
def export_day(request, gateway, day, kind):
    if kind not in EXPORTS:
        raise Http404
    statement = access.statement_for(request.user, gateway, day)
    board = boards.day_of_statement(request.user, statement)
    title = [name_of_gateway(gateway), day, str(request.user), timezone.localtime().strftime("%Y-%m-%d %H:%M")]
    lines = lines_of(request.user, statement)
    if kind == "xlsx":
        response = HttpResponse(write_xlsx(title, lines, board.totals), content_type=XLSX)
    else:
        response = StreamingHttpResponse(write_csv(title, lines, board.totals), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="reconcile-{gateway}-{statement.day:%Y%m%d}.{kind}"'
    return response


@money_view(permission=RECONCILE)
def print_day(request, gateway, day):
    statement = access.statement_for(request.user, gateway, day)
    board = boards.day_of_statement(request.user, statement)
    context = {"day": board, "pages": pages_of(lines_of(request.user, statement)), "acts": boards.signatures(statement)}
    return render(request, "workflows/reconcile_print.html", context)


def day_url(statement: Statement) -> str:
    return reverse("admin:reconcile-day", args=[statement.gateway, statement.day.isoformat()])


def _asked(request: HttpRequest) -> dict:
    """Which version somebody saw, and the number of the request, so that a double click is one act."""
    seen = request.POST.get("expected_version", "")
    if not (seen.isascii() and seen.isdigit() and len(seen) < 10):
        raise Http404
    return {"expected_version": int(seen), "request_id": request.POST.get("request_id", "")[:64] or None}


def _list_page(request: HttpRequest, *, upload: UploadForm | None = None, fetch: DayForm | None = None, status: int = 200) -> HttpResponse:
    context = {"upload": None, "fetch": None} | boards.list_board(request.user, before=access.parse_day(request.GET.get("before", "")))
    if request.user.has_perm(RECONCILE):
        first = {"day": boards.yesterday()}
        context |= {"upload": upload or UploadForm(initial=first), "fetch": fetch or DayForm(initial=first, prefix="pull")}
        context |= boards.pull_board(request.user)
    return render(request, "workflows/reconcile_list.html", context, status=status)


def _day_page(request: HttpRequest, statement: Statement, *, reopening: ReasonForm | None = None, status: int = 200) -> HttpResponse:
    context = boards.day_board(request.user, statement)
    context |= {"reopening": reopening or ReasonForm(), "request_id": new_request_id()}
    return render(request, "workflows/reconcile_day.html", context, status=status)
