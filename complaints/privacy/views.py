"""The list of wishes about personal data. A manager decides, an administrator carries an erasure out."""

from collections.abc import Callable
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from complaints import access
from complaints.desk.doors import SeeOther
from complaints.models import PrivacyRequest
from complaints.privacy.erasure import carry_out
from complaints.privacy.requests import CORRECTABLE, decide_privacy, wanted_of
from foundation.exceptions import ReasonedError
from ui.masking import mask_email, mask_name, mask_phone, mask_text

MOST_SHOWN = 100
MASKS = dict(zip(CORRECTABLE, (mask_name, mask_phone, mask_email), strict=True))


def privacy_view(permission: str) -> Callable:
    """Let in whoever holds the permission; a refusal by a service becomes the list with its reasons."""

    def wrap(view: Callable) -> Callable:
        @wraps(view)
        def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            if not request.user.has_perm(permission):
                raise PermissionDenied
            try:
                return view(request, *args, **kwargs)
            except ReasonedError as error:
                return list_page(request, reasons=error.reasons, status=error.status_code)

        return guarded

    return wrap


@require_safe
@privacy_view("complaints.view_privacyrequest")
def show_list(request):
    return list_page(request)


def list_page(request: HttpRequest, *, reasons=(), status: int = 200) -> HttpResponse:
    found = access.privacy_requests_for(request.user)[:MOST_SHOWN]
    reads = request.user.has_perm("complaints.decide_privacy")
    rows = [{"request": each, "said": _said(each) if reads else []} for each in found]
    return render(request, "complaints/privacy_list.html", {"rows": rows, "reasons": reasons}, status=status)


@require_POST
@privacy_view("complaints.decide_privacy")
def decide(request, request_id):
    wish = get_object_or_404(access.privacy_requests_for(request.user), pk=request_id)
    answer = request.POST.get("answer", "").replace("\x00", "")[:500]
    decide_privacy(wish, is_approved=request.POST.get("verdict") == "approve", answer=answer, by=request.user)
    return SeeOther(reverse("admin:privacy-list"))


@require_POST
@privacy_view("complaints.run_privacy")
def run(request, request_id):
    carry_out(get_object_or_404(access.privacy_requests_for(request.user), pk=request_id), by=request.user)
    return SeeOther(reverse("admin:privacy-list"))


def _said(wish: PrivacyRequest) -> list[str]:
    """What was asked for in words, masked."""
    wanted = [MASKS[name](value) for name, value in wanted_of(wish).items()]
    return [*wanted, *filter(None, [mask_text(wish.words)])]
