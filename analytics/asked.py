"""What every form of the loop carries: the version that somebody saw, and the number of the request."""

from typing import Any

from django.forms import Form
from django.http import Http404, HttpRequest

from complaints.desk.doors import number_in
from foundation.exceptions import ReasonedError


def asked_of(request: HttpRequest) -> dict[str, Any]:
    """Who asks for what version; a double click is one act. Nobody acts on what they have not seen."""
    seen = number_in(request.POST.get("expected_version"))
    if seen is None:
        raise Http404
    return {"by": request.user, "expected_version": seen, "request_id": request_id_of(request)}


def request_id_of(request: HttpRequest) -> str | None:
    return request.POST.get("request_id", "")[:64] or None


def show_reasons(form: Form, error: ReasonedError) -> None:
    """Put what a service refused at the head of the form."""
    for reason in error.reasons:
        form.add_error(None, f"{reason.text} {reason.cure}".strip())
