"""How a visitor likes pages shown: text size, theme, density. Kept in a cookie, so it works signed out and without scripts."""

from urllib.parse import urlsplit

from django.http import HttpResponse, HttpResponseBadRequest
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from ui.context_processors import CHOICES

A_YEAR = 365 * 24 * 3600


@require_POST
def save_display(request):
    chosen = {name: request.POST[name] for name in CHOICES if name in request.POST}
    if not chosen or any(value not in CHOICES[name] for name, value in chosen.items()):
        return HttpResponseBadRequest()
    response = HttpResponse(status=303, headers={"Location": _same_site(request.POST.get("next", ""), request)})
    for name, value in chosen.items():
        response.set_cookie(name, value, max_age=A_YEAR, samesite="Lax", secure=request.is_secure())
    return response


def _same_site(url: str, request) -> str:
    if not url_has_allowed_host_and_scheme(url, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return "/"
    parts = urlsplit(url)
    # One leading slash only: "//elsewhere" is another site's address.
    return f"/{parts.path.lstrip('/')}{'?' if parts.query else ''}{parts.query}"
