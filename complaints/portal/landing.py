"""The first page: one box, the ways in, and what is still open. And the page that leads straight to a person."""

import re
import secrets

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from complaints.access import opened_complaints
from complaints.intake import drafts, submission
from complaints.intake.catalogue import catalogue
from complaints.intake.forms import HumanForm
from complaints.intake.links import opened_links, remember_link
from complaints.numbers import parse_number
from complaints.portal.answers import calm_down, is_flooding, see_other, show
from complaints.portal.categories import choice_of
from complaints.portal.filing import FILINGS_PER_NETWORK, PAGES_PER_NETWORK
from ui.normalise import normalise_code, normalise_phone

LONGEST_WORDS = 200
MOBILE, FOREIGN = re.compile(r"1[3-9]\d{9}"), re.compile(r"\+\d{7,15}")
CODE, FEWEST_DIGITS = re.compile(r"[0-9A-Z]+"), 6


@require_http_methods(["GET", "HEAD", "POST"])
def show_landing(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _search(request)
    offered = catalogue()
    reasons = [choice_of(category) for category in offered.offered()[0]]
    return show(request, "landing.html", {"reasons": reasons, "own": opened_complaints(opened_links(request))})


def _search(request: HttpRequest) -> HttpResponse:
    """A complaint's number opens it; anything else is carried into the form, never into an address or a log."""
    words = " ".join(request.POST.get("words", "").replace("\x00", "").split())[:LONGEST_WORDS]
    number = parse_number(words)
    if number:
        return see_other(reverse("complaints:tracker", args=[number]))
    if not words or is_flooding(request, "problem", PAGES_PER_NETWORK):
        return see_other(reverse("complaints:filing"))
    token = drafts.draft_token(request) or drafts.new_token()
    if drafts.save_draft(token, _as_answers(words)) is None:
        token = drafts.new_token()
        drafts.save_draft(token, _as_answers(words))
    response = see_other(reverse("complaints:filing") + "?from=search")
    drafts.keep_token(response, token)
    return response


def _as_answers(words: str) -> dict[str, str]:
    """A mobile or foreign number is a phone, a code that is mostly digits an order or waybill, everything else what happened."""
    phone, code = normalise_phone(words), normalise_code(words)
    if MOBILE.fullmatch(phone) or FOREIGN.fullmatch(phone):
        return {"phone": words}
    digits = sum(sign.isdecimal() for sign in code)
    is_code = CODE.fullmatch(code) and digits >= FEWEST_DIGITS and 2 * digits >= len(code)
    return {"order_text": words} if is_code else {"description": words}


@require_http_methods(["GET", "HEAD", "POST"])
def show_human(request: HttpRequest) -> HttpResponse:
    """To a person in one page. What the visitor has already typed elsewhere is there."""
    if request.method != "POST":
        draft = drafts.find_draft(drafts.draft_token(request))
        known = drafts.unseal(draft.answers) if draft else {}
        return _human_page(
            request, HumanForm(initial={name: known.get(name, "") for name in HumanForm.base_fields}), secrets.token_urlsafe(24)
        )
    form = HumanForm(request.POST)
    token = request.POST.get("request_id", "")[:64] or secrets.token_urlsafe(24)
    if is_flooding(request, "filing", FILINGS_PER_NETWORK):
        return calm_down(_human_page(request, form, token, is_flood=True))
    if not form.is_valid():
        return _human_page(request, form, token, status=422)
    complaint, link = submission.ask_for_human(form.cleaned_data, catalogue=catalogue(), token=token)
    response = see_other(reverse("complaints:tracker", args=[complaint.number]))
    remember_link(request, response, link)
    return response


def _human_page(request, form, token, *, is_flood=False, status=200) -> HttpResponse:
    return show(request, "human.html", {"form": form, "request_id": token, "is_flood": is_flood}, status=status)
