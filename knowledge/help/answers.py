"""How the help centre answers: a page, or the fragment of it that a script asked for."""

from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template
from django.utils.cache import patch_vary_headers


def show(request: HttpRequest, name: str, context: dict, *, status: int = 200, fragment: str = "") -> HttpResponse:
    """A page of the help centre; with ``fragment`` a script gets only that part of it."""
    template = fragment if fragment and request.htmx else name
    response = HttpResponse(get_template(f"knowledge/help/{template}").render(context, request), status=status)
    if fragment:
        patch_vary_headers(response, ["HX-Request"])
    return response


def see_other(url: str) -> HttpResponse:
    """303: a reload after a submit asks for the page again and never submits twice."""
    return HttpResponse(status=303, headers={"Location": url})
