"""The customer's page about their own data: what is kept, who looked, a copy, corrections and erasure.

Reading needs the link of the complaint. A copy or a change needs a fresh link to the address that the complaint names, because an
old link may have been passed on.
"""

import secrets

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from complaints import services
from complaints.access import complaint_for_links
from complaints.intake.links import opened_links
from complaints.models import Complaint
from complaints.portal.answers import calm_down, is_flooding, see_other, show
from complaints.portal.files import protected
from complaints.portal.linking import show_resend
from complaints.privacy.copy import accesses_to, write_copy
from complaints.privacy.forms import FORMS
from complaints.privacy.person import Person
from complaints.privacy.proof import has_fresh_proof
from complaints.privacy.requests import Kind, ask_privacy, note_copy
from foundation.exceptions import Forbidden, RefusedError
from ui.masking import mask_email, mask_name, mask_phone

ASKS_PER_NETWORK, COPIES_PER_NETWORK, LINKS_PER_COMPLAINT = 30, 10, 3
UNPROVEN = Forbidden("not_proven", _("For this we must know that it is you."), _("Let us send you a fresh link first."))
DONE_CODES = {"link", "asked"}
ASKED = (Kind.CORRECTION, Kind.ERASURE)


@require_http_methods(["GET", "HEAD"])
def show_privacy(request: HttpRequest, number: str) -> HttpResponse:
    try:
        complaint = complaint_for_links(opened_links(request), number)
    except Http404:
        return show_resend(request, number)
    return privacy_page(request, complaint)


def privacy_page(request: HttpRequest, complaint: Complaint, *, form=None, reasons=(), status=200) -> HttpResponse:
    """The page, with what was typed and why it was refused if an act failed."""
    context = {
        "complaint": complaint,
        "is_proven": has_fresh_proof(complaint, opened_links(request)),
        "contact": {"name": mask_name(complaint.contact_name), "phone": mask_phone(complaint.contact_phone)},
        "mail_mask": mask_email(complaint.contact_email),
        "accesses": accesses_to(complaint),
        "wishes": list(complaint.privacy_requests.order_by("-pk")),
        "forms": {kind: form if form and form.kind == kind else FORMS[kind]() for kind in ASKED},
        "typed": form,
        "reasons": reasons,
        "request_id": secrets.token_urlsafe(16),
        "done": request.GET.get("done") if request.GET.get("done") in DONE_CODES else "",
    }
    return show(request, "privacy.html", context, status=status)


@require_POST
def send_link(request: HttpRequest, number: str) -> HttpResponse:
    """Mail the fresh link that proves the contact, at most three an hour. The answer is the same whether it was sent."""
    complaint = complaint_for_links(opened_links(request), number)
    if complaint.contact_email and not is_flooding(request, f"privacy-link:{complaint.pk}", LINKS_PER_COMPLAINT):
        services.notify(complaint, "privacy_link")
    return _back(complaint, "link")


@require_POST
def hand_out_copy(request: HttpRequest, number: str) -> HttpResponse:
    """Everything that is kept of this person, as one file, made now and kept nowhere."""
    complaint = complaint_for_links(opened_links(request), number)
    if is_flooding(request, "copy", COPIES_PER_NETWORK):
        return calm_down(privacy_page(request, complaint))
    if not has_fresh_proof(complaint, opened_links(request)):
        return privacy_page(request, complaint, reasons=[UNPROVEN], status=403)
    try:
        note_copy(complaint)
    except RefusedError as error:
        return privacy_page(request, complaint, reasons=error.reasons, status=409)
    copy = write_copy(Person.behind(complaint))
    return protected(FileResponse(copy, as_attachment=True, filename=f"{complaint.number}.zip", content_type="application/zip"))


@require_POST
def ask(request: HttpRequest, number: str) -> HttpResponse:
    """Ask for a correction or an erasure; a manager decides."""
    complaint = complaint_for_links(opened_links(request), number)
    kind = request.POST.get("kind", "")
    if kind not in ASKED:
        raise Http404
    form = FORMS[kind](request.POST)
    if is_flooding(request, "privacy", ASKS_PER_NETWORK):
        return calm_down(privacy_page(request, complaint, form=form))
    if not has_fresh_proof(complaint, opened_links(request)):
        return privacy_page(request, complaint, form=form, reasons=[UNPROVEN], status=403)
    if not form.is_valid():
        return privacy_page(request, complaint, form=form, status=422)
    try:
        words = form.cleaned_data["words"]
        ask_privacy(complaint, kind, words=words, wanted=form.wanted(), by=None, request_id=_request_id(request))
    except RefusedError as error:
        return privacy_page(request, complaint, form=form, reasons=error.reasons, status=409)
    return _back(complaint, "asked")


def _request_id(request: HttpRequest) -> str | None:
    return request.POST.get("request_id", "")[:64] or None


def _back(complaint: Complaint, done: str) -> HttpResponse:
    return see_other(f"{reverse('complaints:privacy', args=[complaint.number])}?done={done}")
