"""Doorways of remarks on days."""

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.redirects import see_other
from analytics.desk import remarks
from analytics.desk.choice import Choice
from analytics.desk.views import figures_view
from complaints.desk.doors import show_refusal
from foundation.exceptions import NotAllowedError, RefusedError


@figures_view("POST")
def add_remark(request: HttpRequest, choice: Choice) -> HttpResponse:
    try:
        remark = remarks.add_remark(_day(request.POST.get("day", "")), request.POST.get("text", ""), by=request.user)
    except RefusedError as error:
        messages.error(request, " ".join(str(reason.text) for reason in error.reasons))
    except NotAllowedError as error:
        return show_refusal(request, error)
    else:
        messages.success(request, _("The remark stands at %(day)s.") % {"day": remark.day})
    return see_other(f"{reverse('admin:reports')}?{choice.query}")


@figures_view("POST")
def remove_remark(request: HttpRequest, choice: Choice, remark_id: int) -> HttpResponse:
    try:
        if not remarks.remove_remark(remark_id, by=request.user):
            raise Http404
    except NotAllowedError as error:
        return show_refusal(request, error)
    messages.success(request, _("The remark is gone."))
    return see_other(f"{reverse('admin:reports')}?{choice.query}")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
