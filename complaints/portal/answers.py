"""How the public pages answer: a page, the way on after a submit, or a calm "not so fast"."""

import ipaddress
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template
from django.utils.timezone import localdate, now

from accounts.hours_text import write_windows
from accounts.hours_words import LONGEST_LOOK, closed_days, is_closed_day, local_day
from complaints.assignment.patience import service_hours
from complaints.chat.hours import chat_hours
from complaints.privacy_notice import current_notice
from foundation.limits import flood

FLOOD_SECONDS = 600


def show(request: HttpRequest, template: str, context: dict, *, status: int = 200) -> HttpResponse:
    """A page of the portal; a template of a floor above comes with its folder."""
    about = {"service_hours": settings.BIHUAN_SERVICE_HOURS, "hours_today": hours_today, "closed": closed_today, "notice": current_notice()}
    path = template if "/" in template else f"complaints/portal/{template}"
    return HttpResponse(get_template(path).render(about | context, request), status=status)


def hours_today() -> str:
    """When somebody is there to talk today, by the calendar that opens and closes conversations; "" when nobody is."""
    return write_windows(chat_hours().windows_on(localdate()))


def closed_today() -> dict[str, Any] | None:
    """The days off that today is one of, and when work goes on: by the very hours that the clocks of complaints count with."""
    hours, at = service_hours(), now()
    days = closed_days(hours, at, at + LONGEST_LOOK)[:1] if is_closed_day(hours, local_day(hours, at)) else []
    return {"days": days[0].words, "opens_at": hours.next_open(at)} if days else None


def see_other(url: str) -> HttpResponse:
    """303: a reload after a submit asks for the page again and never submits twice."""
    return HttpResponse(status=303, headers={"Location": url})


def network_of(request: HttpRequest) -> str:
    """Where a request comes from, as limits count it: an address, or the /64 that one household has in IPv6."""
    address = request.META.get("REMOTE_ADDR", "")
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return address if parsed.version == 4 else str(ipaddress.ip_network(f"{parsed}/64", strict=False))


def is_flooding(request: HttpRequest, what: str, limit: int) -> bool:
    """Whether this network has done ``what`` more often than ``limit`` times in ten minutes."""
    return not flood(f"{what}:{network_of(request)}", limit, FLOOD_SECONDS)


def calm_down(response: HttpResponse) -> HttpResponse:
    """Make a page the answer to too many tries."""
    response.status_code = 429
    response.headers["Retry-After"] = str(FLOOD_SECONDS)
    return response
