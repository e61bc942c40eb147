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
from complaints.models import Complaint
from complaints.numbers import parse_number
from complaints.portal.answers import calm_down, is_flooding, see_other, show
from complaints.portal.categories import choice_of
from complaints.portal.filing import PAGES_PER_NETWORK
from complaints.portal.talk import range_words
from knowledge.help.looking import Found, look_up, tidy, top_articles
from ui.normalise import normalise_code, normalise_phone

MOST_ARTICLES, MOST_FOUND = 6, 10
TYPED_PER_NETWORK = 1200
MOBILE, FOREIGN = re.compile(r"1[3-9]\d{9}"), re.compile(r"\+\d{7,15}")
CODE, FEWEST_DIGITS = re.compile(r"[0-9A-Z]+"), 6


@require_http_methods(["GET", "HEAD", "POST"])
def show_landing(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _landing_page(request)
    return _show_instantly(request) if request.htmx else _search(request)


def _landing_page(request: HttpRequest, found: Found | None = None) -> HttpResponse:
    """The first page; what was searched for stands in it and in no address."""
    offered, at = catalogue(), timezone.now()
    context = {
        "reasons": [choice_of(category) for category in offered.offered()[0]],
        "own": opened_complaints(opened_links(request)),
        "is_open": is_open(at),
        "found": found or Found(""),
        "popular": [] if found else top_articles(MOST_ARTICLES),
    }
    context |= {"wait_words": range_words(recent_wait())} if context["is_open"] else {"opens_at": opens_at(at)}
    return show(request, "landing.html", context)


def _show_instantly(request: HttpRequest) -> HttpResponse:
    """What fits the words so far: articles, or what will be done with a number. Nothing is told about whose number it is."""
    words = tidy(request.POST.get("words", ""))
    if is_flooding(request, "typed", TYPED_PER_NETWORK):
        return calm_down(show(request, "knowledge/help/_hits.html", {"found": Found(words)}))
    number, answers = parse_number(words), _as_answers(words)
    is_question = not number and "description" in answers
    context = {
        "found": look_up(words, limit=MOST_ARTICLES, is_typing=True) if is_question else Found(words),
        "number": number,
        "asks": {} if is_question else answers,
        "own": [] if is_question or number else _own_about(request, words),
    }
    return show(request, "_found.html", context)


def _own_about(request: HttpRequest, words: str) -> list[Complaint]:
    """This customer's complaints about an order or waybill; whether anybody else knows that number is never told."""
    return opened_complaints(opened_links(request), about=normalise_code(words))


def _search(request: HttpRequest) -> HttpResponse:
    """A complaint's number opens it, a question shows its articles, anything else is carried into the form, never into an address."""
    words = tidy(request.POST.get("words", ""))
    number = parse_number(words)
    if number:
        return see_other(reverse("complaints:tracker", args=[number]))
    if not words or is_flooding(request, "problem", PAGES_PER_NETWORK):
        return see_other(reverse("complaints:filing"))
    if "to" in request.POST:
        return _carry_into_form(request, words)
    if "description" not in _as_answers(words):
        own = _own_about(request, words)
        return see_other(reverse("complaints:tracker", args=[own[0].number])) if own else _carry_into_form(request, words)
    found = look_up(words, limit=MOST_FOUND)
    return _landing_page(request, found) if found.hits else _carry_into_form(request, words)


def _carry_into_form(request: HttpRequest, words: str) -> HttpResponse:
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
