"""The pages of imported logs: the list, one log, and deleting it."""

from django.contrib import messages
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from complaints.desk.doors import SeeOther, desk_view
from foundation.keyset import InvalidCursorError

from .access import VIEW, log_for
from .boards import list_logs, make_sheet
from .leaving import RIGHT, delete_log


@desk_view(permission=VIEW)
def show_logs(request):
    try:
        page = list_logs(request.user, request.GET.get("after", ""))
    except InvalidCursorError:
        return SeeOther(reverse("admin:imported-logs"))
    return render(request, "analytics/imported_logs.html", {"page": page})


@desk_view(permission=VIEW)
def show_log(request, log_id):
    log = log_for(request.user, log_id)
    try:
        sheet = make_sheet(log, request.GET.get("after", ""), user=request.user)
    except InvalidCursorError:
        return SeeOther(reverse("admin:imported-log", args=[log_id]))
    return render(request, "analytics/imported_log.html", {"sheet": sheet, "log": log})


@desk_view("GET", "HEAD", "POST", permission=RIGHT)
def remove_log(request, log_id):
    log = log_for(request.user, log_id)
    if request.method != "POST":
        return render(request, "analytics/imported_log_delete.html", {"log": log})
    delete_log(log, by=request.user)
    messages.success(request, _("The log and its figures are being deleted."))
    return SeeOther(reverse("admin:imported-logs"))
