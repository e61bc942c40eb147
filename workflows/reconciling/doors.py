"""How the pages of reconciliation let people in, and what they answer to refusals."""

from collections.abc import Callable
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from complaints.desk.doors import back_to
from foundation.exceptions import ReasonedError, VersionConflictError
from workflows.reconciling.access import READ

View = Callable[..., HttpResponse]


def money_view(*methods: str, permission: str = READ) -> Callable[[View], View]:
    """Let in whoever holds the permission; a refusal by a service becomes a page with its reasons."""

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            if not (request.user.has_perm(READ) and request.user.has_perm(permission)):
                raise PermissionDenied
            try:
                return view(request, *args, **kwargs)
            except (ReasonedError, VersionConflictError) as error:
                context = {"reasons": getattr(error, "reasons", None), "back": back_to(request)}
                return render(request, "workflows/reconcile_refusal.html", context, status=error.status_code)

        return require_http_methods(list(methods or ("GET", "HEAD")))(guarded)

    return wrap
