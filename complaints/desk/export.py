"""The list on the screen as a file: asked for on a page that says what it holds, written while it is sent."""

from django import forms
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from complaints.desk.choices import labels
from complaints.desk.doors import desk_view
from complaints.desk.export_rows import write_csv
from complaints.desk.filters import describe
from complaints.desk.places import Place, place_of
from complaints.desk.queue import bounded
from complaints.desk.queues import count_queues, rows_of
from complaints.desk.scope import Scope
from complaints.services.exporting import MOST_ROWS, owes_reason, record_export
from foundation.exceptions import ReasonedError

EXPORT = "complaints.export_complaint"


class ExportForm(forms.Form):
    """What the file is for. It stands in the file and in the access log."""

    reason = forms.CharField(label=_("What is it for?"), max_length=150, help_text=_("Your name and this reason stand in the file."))

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = owes_reason(user)


@desk_view("GET", "HEAD", "POST", permission=EXPORT)
def export_list(request):
    place = place_of(request)
    if request.method != "POST":
        return _ask(request, place, ExportForm(user=request.user))
    form = ExportForm(request.POST, user=request.user)
    if not form.is_valid():
        return _ask(request, place, form, status=422)
    complaints = rows_of(place.queue, place.chosen, Scope(request.user))
    reason = form.cleaned_data["reason"]
    try:
        entry = record_export(complaints, by=request.user, reason=reason, network=request.META.get("REMOTE_ADDR"))
    except ReasonedError as error:
        return _ask(request, place, form, status=error.status_code, reasons=error.reasons)
    mark = [_title(place), str(request.user), reason, f"#{entry.pk}"]
    response = StreamingHttpResponse(write_csv(complaints.order_by("-filed_at", "-pk"), mark=mark, at=entry.at), content_type="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="complaints-{place.queue.key}-{localdate():%Y%m%d}.csv"'
    return response


def _ask(request: HttpRequest, place: Place, form: ExportForm, *, status: int = 200, reasons=()) -> HttpResponse:
    count = count_queues([(place.queue, place.chosen)], Scope(request.user))[0]
    context = {
        "place": place,
        "form": form,
        "title": _title(place),
        "count": bounded(count),
        "reasons": reasons,
        "most": None if owes_reason(request.user) else MOST_ROWS,
    }
    return render(request, "complaints/desk/export.html", context, status=status)


def _title(place: Place) -> str:
    return describe(place.chosen, labels()) if place.chosen else str(place.queue.title)
