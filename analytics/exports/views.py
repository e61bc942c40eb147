"""The pages of lists that are made into files: those of one person, one of them, and its file."""

from django.http import Http404
from django.shortcuts import render

from complaints.desk.doors import desk_view
from ui.exports.responses import stored_response

from .access import EXPORT, export_for
from .asking import fetch_file
from .boards import line_of, own_lines


@desk_view(permission=EXPORT)
def show_exports(request):
    return render(request, "analytics/exports.html", {"lines": own_lines(request.user)})


@desk_view(permission=EXPORT)
def show_export(request, export_key):
    export = export_for(request.user, export_key)
    template = "analytics/_export.html" if request.htmx else "analytics/export.html"
    return render(request, template, {"export": export, "line": line_of(export)})


@desk_view(permission=EXPORT)
def fetch(request, export_key):
    export = export_for(request.user, export_key)
    if export.state != export.State.DONE:
        raise Http404
    file = fetch_file(export, network=request.META.get("REMOTE_ADDR"))
    return stored_response(file, name=export.name, extension=export.extension)
