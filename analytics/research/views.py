"""The pages of exports for research: the list, the wish, one export, and its files."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from complaints.desk.doors import SeeOther, desk_view
from foundation.exceptions import ReasonedError
from foundation.keyset import InvalidCursorError
from foundation.verbs import require

from .access import EXPORT, export_for, own_export_for, shops_for
from .boards import closed_months, list_exports, show_export
from .exporting import ask_export, cohorts_of, record_download
from .files import TYPES, write_file
from .forms import ExportForm
from .words import refusal


@desk_view(permission=EXPORT)
def show_exports(request):
    try:
        lines, page = list_exports(request.user, request.GET.get("after", ""))
    except InvalidCursorError:
        return SeeOther(reverse("admin:research"))
    return render(request, "analytics/research_list.html", {"lines": lines, "page": page})


@desk_view("GET", "HEAD", "POST", permission=EXPORT)
def ask(request):
    merchants = shops_for(request.user)
    answers = request.POST if request.method == "POST" else None
    form = ExportForm(answers, merchants=merchants, months=closed_months(merchants))
    if not form.is_bound:
        return _form_page(request, form)
    if not form.is_valid():
        return _form_page(request, form, status=422)
    network = request.META.get("REMOTE_ADDR")
    try:
        export = ask_export(form.wish, merchants=form.chosen, by=request.user, reason=form.cleaned_data["reason"], network=network)
    except ReasonedError as error:
        return _form_page(request, form, status=error.status_code, reasons=error.reasons)
    messages.success(request, _("It is being made. You can leave this page."))
    return SeeOther(reverse("admin:research-export", args=[export.pk]))


@desk_view(permission=EXPORT)
def show_one(request, export_id):
    export = export_for(request.user, export_id)
    template = "analytics/_research_export.html" if request.htmx else "analytics/research_export.html"
    return render(request, template, show_export(export, request.user))


@desk_view(permission=EXPORT)
def fetch(request, export_id, file):
    if file not in TYPES:
        raise Http404
    export = own_export_for(request.user, export_id)
    require([refusal("expired")] if export.is_expired else [])
    record_download(export, file, by=request.user, network=request.META.get("REMOTE_ADDR"))
    response = StreamingHttpResponse(write_file(file, export, cohorts_of(export)), content_type=TYPES[file])
    response.headers["Content-Disposition"] = content_disposition_header(True, f"research-{export.pk}-{file}")
    return response


def _form_page(request: HttpRequest, form: ExportForm, *, status: int = 200, reasons=()) -> HttpResponse:
    return render(request, "analytics/research_form.html", {"form": form, "reasons": reasons}, status=status)
