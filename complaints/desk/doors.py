"""How every desk view lets people in and answers refusals: 403 and 409 with the reasons, as a page or as a fragment."""

from collections.abc import Callable
from functools import wraps
from uuid import uuid4

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from foundation.exceptions import ReasonedError, VersionConflictError

View = Callable[..., HttpResponse]


class SeeOther(HttpResponseRedirect):
    """The answer to a POST that worked: go and look."""

    status_code = 303


def leave_for(request: HttpRequest, url: str) -> HttpResponse:
    """The same for a form that may be open in a dialog: htmx leaves the page, where it would put the next one into the dialog."""
    return HttpResponse(status=204, headers={"HX-Redirect": url}) if request.htmx else SeeOther(url)


def desk_view(*methods: str, permission: str = "complaints.use_desk") -> Callable[[View], View]:
    """Let in whoever holds the permission; a refusal by a service becomes an answer with its reasons."""

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            if not (request.user.has_perm("complaints.use_desk") and request.user.has_perm(permission)):
                raise PermissionDenied
            try:
                return view(request, *args, **kwargs)
            except (ReasonedError, VersionConflictError) as error:
                return show_refusal(request, error)

        return require_http_methods(list(methods or ("GET", "HEAD")))(guarded)

    return wrap


def show_refusal(request: HttpRequest, error: Exception) -> HttpResponse:
    """Say why nothing was done. htmx puts the fragment into the page's notices, whatever its target was."""
    context = {"reasons": getattr(error, "reasons", None), "back": back_to(request)}
    if not request.htmx:
        return render(request, "complaints/desk/refusal.html", context, status=error.status_code)
    response = render(request, "complaints/desk/_refusal.html", context, status=error.status_code)
    response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#desk-notices", "innerHTML"
    return response


def back_to(request: HttpRequest, fallback: str = "") -> str:
    """Where a form came from, if that is on this site."""
    for candidate in (request.POST.get("next"), request.headers.get("Referer")):
        if candidate and url_has_allowed_host_and_scheme(candidate, {request.get_host()}):
            return candidate
    return fallback


def new_request_id() -> str:
    return uuid4().hex


def number_in(text: str | None) -> int | None:
    """A number that a form sent back, or None when somebody changed it."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None
