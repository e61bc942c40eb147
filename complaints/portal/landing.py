"""The first page: one box, the ways in, what is still open, and how long it takes to reach a person now."""

import re

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from complaints.access import opened_complaints
from complaints.chat.hours import is_open, opens_at
from complaints.chat.queue import recent_wait
from complaints.intake import drafts
from complaints.intake.catalogue import catalogue
from complaints.intake.links import opened_links
from complaints.numbers import parse_number
from complaints.portal.answers import is_flooding, see_other, show
from complaints.portal.categories import choice_of
from complaints.portal.filing import PAGES_PER_NETWORK
from complaints.portal.talk import range_words
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
    at = timezone.now()
    context = {"reasons": reasons, "own": opened_complaints(opened_links(request)), "is_open": is_open(at)}
    context |= {"wait_words": range_words(recent_wait())} if context["is_open"] else {"opens_at": opens_at(at)}
    return show(request, "landing.html", context)


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
