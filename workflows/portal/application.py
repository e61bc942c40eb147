"""The page on which a return is applied for: from a complaint, or from an order that the shop signed."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.calendars import NoCalendarError, current_version, hours_of
from complaints.access import files_of
from complaints.intake.catalogue import catalogue
from complaints.intake.links import make_link_row, remember_link
from complaints.intake.matching import Match, order_of_link
from complaints.intake.uploads import MOST_FILES
from complaints.models import Complaint
from complaints.portal.answers import calm_down, is_flooding, see_other, show
from complaints.portal.linking import show_resend
from complaints.portal.tracker import files_ahead, opened_complaint, sign_file, take_files
from foundation.exceptions import RefusedError
from orders.models import Order
from ui.timefmt import relative
from workflows.machines.spine import SPINE, CaseState
from workflows.models import Case
from workflows.portal.applying import Application, applied_before, apply_for, apply_from_order
from workflows.portal.forms import ApplyForm, quantity_field, reason_field
from workflows.portal.offers import estimate_of, goods_of, guess_reason, guess_type, offers_of
from workflows.portal.pages import sent_cases
from workflows.portal.unsent import keep_unsent, recall_unsent
from workflows.services.tasks import CALENDAR

PAGES_PER_NETWORK, DRAFTS_PER_NETWORK = 120, 1200
REQUEST_SIGNS = 50


@dataclass(frozen=True)
class Subject:
    """What the application is about: an order, and the complaint if there is one already."""

    order: Order
    complaint: Complaint | None = None
    match: Match | None = None
    signed: str = ""

    @property
    def holder(self) -> Complaint:
        """For whom files wait; before there is a complaint it is a stand-in that no complaint's number can be."""
        return self.complaint or Complaint(pk=-self.order.pk)

    @cached_property
    def cases(self) -> list[Case]:
        """What was applied for already."""
        return sent_cases(self.complaint) if self.complaint else []

    @property
    def line_ids(self) -> list[int]:
        return list(self.complaint.line_ids) if self.complaint else []


@require_http_methods(["GET", "HEAD", "POST"])
def apply_on_complaint(request: HttpRequest, number: str) -> HttpResponse:
    """Apply for the goods of a complaint; what it says already is filled in."""
    try:
        complaint = opened_complaint(request, number)
    except Http404:
        return show_resend(request, number)
    if complaint.order_id is None:
        return see_other(reverse("complaints:tracker", args=[complaint.number]))
    return _answer(request, Subject(complaint.order, complaint))


@require_POST
def keep_draft(request: HttpRequest, number: str) -> HttpResponse:
    """What the page holds right now, sent by scripts while somebody fills it."""
    complaint = opened_complaint(request, number)
    if is_flooding(request, "draft", DRAFTS_PER_NETWORK):
        return calm_down(HttpResponse())
    keep_unsent(complaint, sent_cases(complaint), request.POST)
    return HttpResponse(status=204)


@require_http_methods(["GET", "HEAD", "POST"])
def apply_on_order(request: HttpRequest) -> HttpResponse:
    """Apply from the page of an order in the shop; the complaint is filed with it. A link that does not hold leads to the usual form."""
    signed = request.POST.get("order") or request.GET.get("order", "")
    match = order_of_link(signed) if signed else None
    if match is None:
        return see_other(reverse("complaints:filing"))
    return _answer(request, Subject(match.order, match=match, signed=signed))


def _answer(request: HttpRequest, subject: Subject) -> HttpResponse:
    if request.method != "POST":
        return _first_page(request, subject)
    if "recount" in request.POST:
        ahead = files_ahead(request.POST.getlist("evidence")[:MOST_FILES], subject.holder)
        return apply_page(request, subject, form_for(subject, None, unsent=request.POST.dict()), kept=ahead)
    form = form_for(subject, request.POST)
    known = applied_before(subject.order, _request_id(request))
    if known is not None:
        return _repeat(request, subject, known)
    kept, refusals = take_files(request, subject.holder)
    page = {"form": form, "kept": kept, "refusals": refusals}
    if is_flooding(request, "apply", PAGES_PER_NETWORK):
        return calm_down(apply_page(request, subject, **page))
    if not form.is_valid() or refusals:
        return apply_page(request, subject, **page, status=422)
    try:
        return _submit(request, subject, application_of(form, kept, _request_id(request)))
    except RefusedError as error:
        return apply_page(request, subject, **page, reasons=error.reasons, status=error.status_code)


def _first_page(request: HttpRequest, subject: Subject) -> HttpResponse:
    """What is known, and over it what was filled in and not sent."""
    complaint = subject.complaint
    fields, kept = recall_unsent(complaint, subject.cases) if complaint else ({}, [])
    return apply_page(request, subject, form_for(subject, None, unsent=fields), kept=kept)


def _submit(request: HttpRequest, subject: Subject, asked: Application) -> HttpResponse:
    if subject.match is not None:
        case, link = apply_from_order(subject.match, asked, catalogue=catalogue())
        response = _go_on(case)
        remember_link(request, response, link)
        return response
    return _go_on(apply_for(subject.complaint, asked))


def _repeat(request: HttpRequest, subject: Subject, case: Case) -> HttpResponse:
    """The answer of the first tap once more; its cookie may not have arrived."""
    response = _go_on(case)
    if subject.match is not None:
        remember_link(request, response, make_link_row(case.complaint)[0])
    return response


def _request_id(request: HttpRequest) -> str | None:
    return request.POST.get("request_id", "")[:REQUEST_SIGNS] or None


def _go_on(case: Case) -> HttpResponse:
    return see_other(f"{reverse('workflows:return', args=[case.complaint.number])}?case={case.number}&done=sent")


def application_of(form: ApplyForm, kept: list, request_id: str | None) -> Application:
    """What a valid form asks for."""
    cleaned = form.cleaned_data
    return Application(
        form.offers[cleaned["kind"]],
        reason=cleaned["reason"],
        quantities=cleaned["quantities"],
        words=cleaned["words"],
        files=[file.pk for file in kept],
        request_id=request_id,
    )


def form_for(subject: Subject, posted: Mapping[str, Any] | None, *, unsent: Mapping[str, str] | None = None) -> ApplyForm:
    """The form with everything filled in that is known: the goods of the complaint, the type that was wished for, and why."""
    goods = goods_of(subject.order, subject.line_ids)
    offers = offers_of(subject.order, timezone.now(), is_taken=not any(each.free for each in goods))
    if posted is not None:
        return ApplyForm(posted, offers=offers, goods=goods)
    possible = [offer for offer in offers if offer.is_open]
    kind = guess_type(subject.complaint, possible)
    initial = {"kind": kind} | {quantity_field(each): len(each.free) if each.is_chosen else 0 for each in goods}
    initial |= {reason_field(offer): guess_reason(subject.complaint, offer) for offer in possible}
    return ApplyForm(initial=initial | dict(unsent or {}), offers=offers, goods=goods)


def apply_page(request, subject, form, *, kept=(), refusals=(), reasons=(), status=200) -> HttpResponse:
    complaint = subject.complaint
    chosen = form.offers.get(form["kind"].value() or "")
    quantities = {each.id: _whole(form[quantity_field(each)].value()) for each in form.goods}
    context = {
        "form": form,
        "order": subject.order,
        "complaint": complaint,
        "signed": subject.signed,
        "draft_url": reverse("workflows:return-draft", args=[complaint.number]) if complaint else "",
        "upload_url": reverse("complaints:tracker-files", args=[complaint.number]) if complaint else "",
        "chosen": chosen,
        "reason": chosen and chosen.reason(form[reason_field(chosen)].value() or ""),
        "quantities": quantities,
        "estimate": estimate_of(form.goods, quantities),
        "sums": [(each, quantities[each.id], sum(each.free[: quantities[each.id]])) for each in form.goods if quantities[each.id]],
        "shown": _files_shown(complaint),
        "other_cases": subject.cases,
        "promise": promise_words(),
        "kept": [(sign_file(file, subject.holder), file.name) for file in kept],
        "refusals": refusals,
        "reasons": reasons,
        "most_files": MOST_FILES,
        "request_id": request.POST.get("request_id") or secrets.token_urlsafe(16),
    }
    return show(request, "workflows/portal/apply.html", context, status=status)


def _whole(value: Any) -> int:
    """A number of pieces in what a field holds, however odd that is."""
    text = str(value or "")
    return int(text) if text.isdecimal() and len(text) < 6 else 0


def _files_shown(complaint: Complaint | None) -> int:
    """How many photos we have of it already."""
    return files_of(complaint, is_staff=False).count() if complaint else 0


def promise_words() -> str:
    """By when a person has answered, where the rules alone do not grant the request."""
    allowed: timedelta = SPINE.state(CaseState.IN_REVIEW).clock.after
    try:
        hours = hours_of(current_version(CALENDAR).pk)
    except NoCalendarError:
        return relative(timezone.now() + allowed)
    return relative(hours.add(timezone.now(), int(allowed.total_seconds())))
