"""How every screen of the warehouse lets people in and answers refusals."""

from collections.abc import Callable
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from foundation.exceptions import ReasonedError, VersionConflictError
from workflows.access import INSPECT

View = Callable[..., HttpResponse]


def scan_view(*methods: str) -> Callable[[View], View]:
    """Let in whoever works in warehouses; a refusal by a service becomes a page with its reasons."""

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            if not request.user.has_perm(INSPECT):
                raise PermissionDenied
            try:
                return view(request, *args, **kwargs)
            except (ReasonedError, VersionConflictError) as error:
                context = {"reasons": getattr(error, "reasons", None)}
                return render(request, "workflows/scan/refusal.html", context, status=error.status_code)

        return require_http_methods(list(methods or ("GET", "HEAD")))(guarded)

    return wrap
