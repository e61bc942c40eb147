"""Remarks on days."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.redirects import see_other
from analytics.desk.choice import Choice
from analytics.desk.views import figures_view
from analytics.models import Remark

LONGEST = 120


@figures_view("POST")
def add_remark(request: HttpRequest, choice: Choice) -> HttpResponse:
    """Write what happened on a day; everybody who looks at a curve of that day reads it."""
    _require_right(request)
    text, day = request.POST.get("text", "").strip(), _day(request.POST.get("day", ""))
    if not text or day is None:
        messages.error(request, _("A remark needs a day and a few words."))
    else:
        Remark.objects.create(day=day, text=text[:LONGEST], by=request.user)
        messages.success(request, _("The remark stands at %(day)s.") % {"day": day})
    return see_other(f"{reverse('admin:reports')}?{choice.query}")


@figures_view("POST")
def remove_remark(request: HttpRequest, choice: Choice, remark_id: int) -> HttpResponse:
    """Take a remark away; it is kept with its writer."""
    _require_right(request)
    if not Remark.objects.filter(pk=remark_id, removed_at__isnull=True).update(removed_at=timezone.now()):
        raise Http404
    messages.success(request, _("The remark is gone."))
    return see_other(f"{reverse('admin:reports')}?{choice.query}")


def _require_right(request: HttpRequest) -> None:
    if not request.user.has_perm("analytics.annotate_day"):
        raise PermissionDenied


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
