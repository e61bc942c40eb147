"""How the pages about the rows of a case let people in and answer refusals."""

from collections.abc import Callable
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from complaints.desk.doors import back_to, show_refusal
from foundation.exceptions import ReasonedError, VersionConflictError
from workflows.access import INSPECT, PAY, WORK

View = Callable[..., HttpResponse]


def track_view(*methods: str) -> Callable[[View], View]:
    """Let in the desk, warehouses and finance; which cases each sees is asked afterwards."""

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            if not any(request.user.has_perm(right) for right in (WORK, INSPECT, PAY)):
                raise PermissionDenied
            try:
                return view(request, *args, **kwargs)
            except (ReasonedError, VersionConflictError) as error:
                return _show_refusal(request, error)

        return require_http_methods(list(methods or ("GET", "HEAD")))(guarded)

    return wrap


def frame_of(request: HttpRequest) -> str:
    """The desk's own frame; who does not work there gets the same page without what only the desk may ask for."""
    return "workflows/desk/frame.html" if request.user.has_perm(WORK) else "workflows/desk/plain_frame.html"


def _show_refusal(request: HttpRequest, error: Exception) -> HttpResponse:
    if request.htmx:
        return show_refusal(request, error)
    context = {"frame": frame_of(request), "reasons": getattr(error, "reasons", None), "back": back_to(request)}
    return render(request, "workflows/desk/refused.html", context, status=error.status_code)
