"""Where to go after log-in: inside this site only."""

from urllib.parse import urlsplit

from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

LONGEST = 2000


def see_other(url: str) -> HttpResponse:
    """Send the browser on after a POST."""
    return HttpResponse(status=303, headers={"Location": url})


def safe_next(request, url: str) -> str:
    """The wanted page if it is a staff page of this very site, else the start page of the role."""
    start = reverse("admin:index")
    allowed = url_has_allowed_host_and_scheme(url, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    if not allowed or len(url) > LONGEST or not url.isprintable():
        return start
    parts = urlsplit(url)
    # Rebuilt from its parts, with one leading slash: "//elsewhere" is another site's address.
    path = f"/{parts.path.lstrip('/')}"
    if not path.startswith(start):
        return start
    return f"{path}?{parts.query}" if parts.query else path
