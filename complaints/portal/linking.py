"""Secret links: opening one, and asking for a new one. Whether a number exists is never told."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from complaints import services
from complaints.access import complaint_of_contact
from complaints.intake.forms import ResendForm
from complaints.intake.links import open_link, remember_link
from complaints.numbers import parse_number
from complaints.portal.answers import calm_down, is_flooding, network_of, see_other, show
from complaints.privacy.proof import prove_contact
from foundation.limits import hit

PAGES = {"": "complaints:tracker", "chat": "complaints:chat", "survey": "complaints:survey", "privacy": "complaints:privacy"}
WRONG_LINKS, WRONG_SECONDS = 60, 3600
SENDS_PER_COMPLAINT, SENDS_SECONDS = 3, 3600
ASKS_PER_NETWORK = 30


@require_GET
def open_complaint(request: HttpRequest, token: str, page: str = "") -> HttpResponse:
    """Follow a secret link: remember it in this browser and go on to an address without the secret."""
    link = open_link(token)
    if link is None:
        if not hit(f"link:{network_of(request)}", WRONG_LINKS, WRONG_SECONDS):
            return calm_down(show_resend(request, ""))
        return show_resend(request, "")
    prove_contact(link)
    query = f"?{request.META['QUERY_STRING']}" if page and request.META.get("QUERY_STRING") else ""
    response = see_other(reverse(PAGES[page], args=[link.complaint.number]) + query)
    remember_link(request, response, link)
    return response


def show_resend(request: HttpRequest, number: str) -> HttpResponse:
    """The page for everybody who may not see a complaint, whether it exists or not."""
    return show(request, "resend.html", {"form": ResendForm(initial={"number": number[:40]})}, status=404)


@require_http_methods(["GET", "HEAD", "POST"])
def send_link(request: HttpRequest) -> HttpResponse:
    """Send a new link to the e-mail address of a complaint, when number and contact fit. The answer is the same in every case."""
    if request.method != "POST":
        return show(request, "resend.html", {"form": ResendForm(), "is_sent": "sent" in request.GET})
    form = ResendForm(request.POST)
    if is_flooding(request, "resend", ASKS_PER_NETWORK):
        return calm_down(show(request, "resend.html", {"form": form, "is_flood": True}))
    if not form.is_valid():
        return show(request, "resend.html", {"form": form}, status=422)
    _send_if_it_fits(form.cleaned_data["number"], form.cleaned_data["contact"])
    return see_other(reverse("complaints:link-send") + "?sent=1")


def _send_if_it_fits(typed: str, contact: str) -> None:
    # Counted for every number, known or not, so that neither the answer nor the work tells them apart.
    may_send = hit(f"resend:{parse_number(typed) or typed}", SENDS_PER_COMPLAINT, SENDS_SECONDS)
    complaint = complaint_of_contact(typed, contact)
    if may_send and complaint is not None:
        services.notify(complaint, "link")
