"""Handling time on the desk: what pages report of it, and what it comes to beside a complaint."""

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from complaints import access
from complaints.desk import directory
from complaints.desk.doors import desk_view
from complaints.effort.access import contacts_of
from complaints.effort.figures import Figure, figures_for
from complaints.effort.intake import record_stretches
from complaints.models import Complaint, Contact
from complaints.services.effort import CORRECT
from foundation.limits import flood
from ui.masking import mask_text
from ui.timefmt import absolute

BEACONS_A_MINUTE = 60  # of one person, over all their pages; a page needs two
MINUTE_MS = 60_000


@desk_view("GET", "HEAD", "POST")
def note_effort(request):
    """Take in what a page measured; the answer is the same whatever became of it. A page that is touched asks for what measures it."""
    if request.method != "POST":
        return render(request, "complaints/desk/_measure.html") if settings.BIHUAN_MEASURE_EFFORT else HttpResponse(status=204)
    page = _page_in(request.POST.get("page", ""))
    if page and settings.BIHUAN_MEASURE_EFFORT and flood(f"effort:{request.user.pk}", BEACONS_A_MINUTE, 60):
        record_stretches(request.user, page=page, lines=request.POST.getlist("stretch"))
    return HttpResponse(status=204)


def beacon_address() -> str:
    """Where a page says how long somebody works on what it shows; "" where the house does not measure that."""
    return reverse("admin:desk-effort") if settings.BIHUAN_MEASURE_EFFORT else ""


def fill_effort(request: HttpRequest, complaint: Complaint) -> dict:
    """The figures that this person may know, with what was corrected and why."""
    contacts = contacts_of(complaint).in_bulk()
    figures = figures_for(request.user, complaint)
    return {
        "figures": [_draw(each, contacts) for each in figures],
        "total": say_ms(sum(each.total_ms for each in figures)),
        "is_lead": access.is_lead_of(request.user, complaint),
        "may_correct": request.user.has_perm(CORRECT) and not complaint.erased_at,
        "is_measured": settings.BIHUAN_MEASURE_EFFORT,
    }


def name_contact(contact: Contact | None) -> str:
    """The way and the moment by which a customer came."""
    return f"{contact.get_channel_display()} {absolute(contact.at)}" if contact else ""


def say_ms(milliseconds: int) -> str:
    """A short duration to a tenth of a minute, with its sign where it is below nought."""
    return _("%(minutes)s min") % {"minutes": f"{milliseconds / MINUTE_MS:.1f}".replace("-", "−")}


def _draw(figure: Figure, contacts: dict[int, Contact]) -> dict:
    parts = [(_("working"), figure.active_ms), (_("in a call"), figure.hold_ms), (_("wrap-up"), figure.wrapup_ms)]
    return {
        "agent": str(directory.colleagues.get(figure.agent) or ""),
        "contact": name_contact(contacts.get(figure.contact)),
        "total": say_ms(figure.total_ms),
        "parts": [(title, say_ms(spent)) for title, spent in parts if spent],
        "corrections": [_draw_correction(event) for event in figure.corrections],
    }


def _draw_correction(event) -> dict:
    sign = "+" if event.codes["delta_ms"] > 0 else ""
    return {
        "delta": sign + say_ms(event.codes["delta_ms"]),
        "by": str(directory.colleagues.get(event.codes["author"]) or ""),
        "at": event.at,
        "reason": mask_text((event.payload or {}).get("reason", "")),
    }


def _page_in(text: str) -> UUID | None:
    try:
        return UUID(hex=text)
    except ValueError:
        return None
