"""Filing for a customer who calls, writes elsewhere or stands at the counter. One page; looking things up on it keeps what was typed."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from complaints import access
from complaints.desk.doors import SeeOther, desk_view, new_request_id
from complaints.desk.files import take_uploads
from complaints.desk.new_drafts import Typed, forget_typed, keep_typed, typed_before
from complaints.desk.new_filing import file_on_behalf, find_same, order_facts
from complaints.desk.new_forms import OnBehalfForm, typed_so_far
from complaints.desk.new_subject import LONGEST_QUERY, NONE, Subject, find_subjects, subject_card, subject_of
from complaints.desk.places import address_of
from complaints.intake.catalogue import Catalogue, catalogue
from complaints.intake.fields import PHONE
from complaints.models import Complaint
from foundation.exceptions import ReasonedError
from orders import access as order_access
from orders.models import Merchant
from ui.localize import localized
from ui.normalise import normalise_phone


@dataclass
class Sheet:
    """The page as it stands: what is chosen, what was found, and the form around it."""

    request: HttpRequest
    subject: Subject
    found: list[Subject]
    offered: Catalogue
    shops: list[Merchant]
    order: dict[str, Any] | None
    asked: str
    files: list = field(default_factory=list)
    refusals: list = field(default_factory=list)

    def form(self, answers=None, initial=None) -> OnBehalfForm:
        """The form for what is chosen; ``answers`` binds it."""
        chosen = {each.key: each for each in (self.subject, *self.found) if each.key != NONE}
        code = (answers if answers is not None else initial or {}).get("category", "")
        return OnBehalfForm(
            answers,
            initial=initial,
            offered=self.offered,
            code=code,
            order=self.order,
            asks_lines=bool(self.order) and len(self.order["lines"]) > 1,
            known_phone=bool(self.subject.masked),
            subjects=[*((key, subject_card(each)) for key, each in chosen.items()), (NONE, _("Without an order; it is matched later"))],
            shops=[(shop.pk, shop.name) for shop in self.shops] if not self.subject.merchant else [],
        )

    def merchant(self, answers: dict[str, Any]) -> Merchant:
        chosen = next((shop for shop in self.shops if shop.pk == answers.get("shop")), None)
        return self.subject.merchant or chosen or (self.shops[0] if self.shops else self.offered.merchant)


@desk_view("GET", "HEAD", "POST", permission="complaints.file_on_behalf")
def file_for_customer(request):
    if request.POST.get("step") == "forget":
        forget_typed(request.user, request.POST.get("page", ""))
        return SeeOther(request.get_full_path())
    if request.POST.get("step") == "resume":
        request.POST = _typed_on(request.user, request.POST.get("page", ""))
    sheet = _lay_out(request)
    if request.method != "POST":
        return _show(sheet, sheet.form(initial=_first_values(sheet)), offers=_offers(sheet))
    if request.POST.get("step") not in ("file", "anyway"):
        typed = typed_so_far(sheet.form(initial=request.POST.dict()), request.POST)
        return _show(sheet, sheet.form(initial=_first_values(sheet) | typed | {"about": sheet.subject.key}))
    form = sheet.form(request.POST)
    if not form.is_valid() or sheet.refusals:
        return _show(sheet, form, status=422)
    return _file(sheet, form)


@desk_view("POST", permission="complaints.file_on_behalf")
def keep_new(request):
    """Keep what is being typed, so that a lost tab loses nothing."""
    keep_typed(request.user, request.POST.get("page", ""), request.POST)
    return HttpResponse(status=204)


def _offers(sheet: Sheet) -> list[tuple[Typed, str]]:
    """What was typed before and not filed, each with the name of its category; the words themselves are not shown unasked."""
    known = sheet.offered.categories
    codes = [(typed, typed.fields.get("category", "")) for typed in typed_before(sheet.request.user)]
    return [(typed, localized(known[code], "name") if code in known else "") for typed, code in codes]


def _typed_on(user: User, page: str) -> QueryDict:
    """The fields of a page that was not filed, as if it had never been left; empty when it is gone."""
    found = next((typed.fields for typed in typed_before(user) if typed.page == page), QueryDict(mutable=True))
    found["page"] = page
    return found


def _lay_out(request: HttpRequest) -> Sheet:
    posted = request.POST
    beside = (posted.get("beside") or request.GET.get("beside", ""))[:40]
    subject = subject_of(request.user, about=posted.get("about"), beside=beside)
    asked = posted.get("q", "").replace("\x00", "").strip()[:LONGEST_QUERY]
    found = find_subjects(request.user, asked, network=request.META.get("REMOTE_ADDR")) if posted.get("step") == "find" else []
    if len(found) == 1 and posted.get("step") == "find":
        subject = found[0]
    uploaded, refusals = take_uploads(request, "evidence") if request.method == "POST" else ([], [])
    shops = [] if subject.merchant else list(order_access.shops_visible_to(request.user))
    return Sheet(request, subject, found, catalogue(), shops, order_facts(subject), asked, uploaded, refusals)


def _first_values(sheet: Sheet) -> dict[str, Any]:
    """What an empty page begins with; a phone or address that was looked for is the customer's own."""
    known = sheet.subject.beside or sheet.subject.customer
    first = {"channel": Complaint.Channel.PHONE, "wish": Complaint.Wish.FEEDBACK, "about": sheet.subject.key}
    first["language"] = known.language if known else "zh-hans"
    if not sheet.subject.masked and sheet.asked:
        first |= {"email": sheet.asked} if "@" in sheet.asked else {"phone": sheet.asked} if _is_phone(sheet.asked) else {}
    return first


def _is_phone(text: str) -> bool:
    phone = normalise_phone(text)
    return bool(PHONE.fullmatch(phone)) and len(phone) >= 7 and phone.lstrip("+").isdigit()


def _file(sheet: Sheet, form: OnBehalfForm) -> HttpResponse:
    request, answers = sheet.request, form.filing_answers()
    same = find_same(request.user, answers, sheet.subject, catalogue=sheet.offered)
    if same and request.POST["step"] != "anyway":
        return _show(sheet, form, status=409, same=same)
    try:
        complaint = file_on_behalf(
            answers,
            sheet.subject,
            order=sheet.order,
            merchant=sheet.merchant(answers),
            catalogue=sheet.offered,
            said="" if "@" in sheet.asked or _is_phone(sheet.asked) else sheet.asked,
            same=same[0] if same else None,
            attachments=[file.pk for file in sheet.files],
            by=request.user,
            request_id=request.POST.get("request_id") or new_request_id(),
        )
    except ReasonedError as error:
        return _show(sheet, form, status=error.status_code, reasons=error.reasons)
    forget_typed(request.user, request.POST.get("page", ""))
    return _lead_on(request, complaint)


def _lead_on(request: HttpRequest, complaint: Complaint) -> HttpResponse:
    """To the new complaint; to the queue when another team works on it."""
    if access.can_see(request.user, complaint):
        messages.success(request, _("Filed as %(number)s.") % {"number": complaint.number})
        return SeeOther(address_of(complaint.number))
    team = localized(complaint.team, "name")
    messages.success(request, _("Filed as %(number)s. %(team)s works on it.") % {"number": complaint.number, "team": team})
    return SeeOther(reverse("admin:desk-queue"))


def _show(sheet: Sheet, form: OnBehalfForm, *, status: int = 200, **more) -> HttpResponse:
    posted = sheet.request.POST
    context = {
        "form": form,
        "subject": sheet.subject,
        "asked": sheet.asked,
        "is_nothing_found": posted.get("step") == "find" and sheet.asked and not sheet.found,
        "is_about_shown": len(form.fields["about"].choices) > 1 or sheet.subject.beside,
        "files": sheet.files,
        "refusals": sheet.refusals,
        "request_id": posted.get("request_id") or new_request_id(),
        "page": posted.get("page") or new_request_id(),
    }
    return render(sheet.request, "complaints/desk/new.html", context | more, status=status)
