"""The customer beside the complaint, in sections that load by themselves: who it is, the disputed order, other orders and complaints."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.services import reveal_personal
from complaints import access
from complaints.chat.access import calls_for, calls_of
from complaints.chat.callbacks import REPLY
from complaints.desk import directory
from complaints.desk.calls import draw_calls
from complaints.desk.doors import SeeOther, desk_view, new_request_id, number_in
from complaints.desk.effort import fill_effort
from complaints.desk.forms import RevealForm
from complaints.desk.places import address_of, place_of
from complaints.desk.strips import acts_on, open_clocks_of
from complaints.models import Complaint
from complaints.services import bind_order
from orders import access as order_access
from orders.models import Order, Payment
from ui.localize import localized
from ui.masking import MASKS, mask_text
from ui.money import format_money

MOST_ORDERS, MOST_COMPLAINTS, MOST_SCANS, MOST_NOTES, MOST_FOLLOW_UPS = 8, 10, 12, 10, 10
COMPLAINT_FIELDS = {"contact_name": _("Name"), "contact_phone": _("Phone"), "contact_email": _("E-mail")}
ORDER_FIELDS = {"receiver_name": _("Receiver"), "receiver_phone": _("Receiver's phone"), "receiver_address": _("Address")}

OPEN = "open"


@dataclass(frozen=True)
class Section:
    """A part of the panel: what it needs from the complaint, and what it shows."""

    key: str
    title: str | Promise
    fill: Callable[[HttpRequest, Complaint], dict]
    is_open: bool = False

    @property
    def template(self) -> str:
        return f"complaints/desk/_{self.key}.html"


def fill_identity(request: HttpRequest, complaint: Complaint) -> dict:
    customer = complaint.customer
    consents = customer.consents.order_by("purpose", "-at").distinct("purpose") if customer else []
    filer = directory.colleagues.get(complaint.filed_by_id) if complaint.filed_by_id else None
    return {"customer": customer, "consents": list(consents), "personal": _masked(complaint, COMPLAINT_FIELDS), "filer": filer}


def _masked(row: Complaint | Order, fields: dict) -> list[tuple]:
    """Personal fields as (name, label, whether there is one, masked); the full value stays on the server."""
    values = [(name, label, getattr(row, name)) for name, label in fields.items()]
    return [(name, label, bool(value), MASKS[name.partition("_")[2]](value)) for name, label, value in values]


def fill_order(request: HttpRequest, complaint: Complaint) -> dict:
    order = complaint.order
    if order is None:
        return {"candidates": _candidates(request, complaint), "q": request.GET.get("q", "")[:80], "request_id": new_request_id()}
    shipments = list(order.shipments.select_related("carrier").order_by("id")[:5])
    for shipment in shipments:
        shipment.carrier_name = localized(shipment.carrier, "name") if shipment.carrier else ""
    payments = list(order.payments.order_by("id")[:10])
    paid = sum(each.amount_fen for each in payments if each.status == Payment.Status.CAPTURED)
    return {
        "order": order,
        "lines": [(line, line.pk in complaint.line_ids) for line in order.lines.order_by("id")[:20]],
        "payments": payments,
        "paid_fen": paid,
        "shipments": [(each, list(each.scans.order_by("-at", "-id")[:MOST_SCANS])) for each in shipments],
        "total": format_money(order.total_fen, order.currency),
        "personal": _masked(order, ORDER_FIELDS),
    }


def _candidates(request: HttpRequest, complaint: Complaint) -> list[Order]:
    """Orders that an unmatched complaint may be about: what the agent typed, else what the customer gave."""
    orders = order_access.visible_to(request.user).filter(merchant=complaint.merchant_id)
    typed = request.GET.get("q", "").strip()[:80]
    hints = [typed] if typed else [complaint.order_text, complaint.contact_phone, complaint.contact_email]
    return next((found for hint in hints if hint and (found := order_access.find_orders(orders, hint))), [])[:MOST_ORDERS]


def fill_orders(request: HttpRequest, complaint: Complaint) -> dict:
    orders = order_access.visible_to(request.user).filter(customer=complaint.customer_id).exclude(pk=complaint.order_id)
    return {"orders": list(orders.order_by("-placed_at", "-id")[:MOST_ORDERS]) if complaint.customer_id else []}


def fill_complaints(request: HttpRequest, complaint: Complaint) -> dict:
    visible = access.visible_to(request.user).exclude(pk=complaint.pk).select_related("category")
    others = visible.filter(customer=complaint.customer_id) if complaint.customer_id else visible.none()
    if complaint.customer_id is None and complaint.contact_phone_index:
        others = visible.filter(contact_phone_index=complaint.contact_phone_index)
    linked = visible.filter(linked_from__source=complaint) | visible.filter(links__target=complaint) | visible.filter(merged_into=complaint)
    return {
        "complaints": list(others.order_by("-filed_at")[:MOST_COMPLAINTS]),
        "linked": list(linked.distinct().order_by("-filed_at")[:MOST_COMPLAINTS]),
    }


def fill_notes(request: HttpRequest, complaint: Complaint) -> dict:
    """What colleagues wrote about this customer on other complaints that this agent sees."""
    shown = list(access.notes_beside(complaint, request.user).select_related("complaint", "author")[:MOST_NOTES])
    for note in shown:
        note.shown = mask_text(note.body)
    return {"notes": shown}


def fill_clocks(request: HttpRequest, complaint: Complaint) -> dict:
    clocks = open_clocks_of(complaint)
    return {"clocks": clocks, "clock_acts": acts_on(clocks)}


def fill_follow_ups(request: HttpRequest, complaint: Complaint) -> dict:
    """What waits here for whoever looks; the same rows as on their page."""
    rows = access.follow_ups_for(request.user).filter(complaint=complaint)[:MOST_FOLLOW_UPS]
    return {"follow_ups": [(row, new_request_id()) for row in rows]}


def fill_calls(request: HttpRequest, complaint: Complaint) -> dict:
    """The calls about this complaint, open ones first: who is to make them, and how often somebody has tried."""
    calls = list(calls_of(complaint)[:MOST_FOLLOW_UPS])
    may_call = request.user.has_perm(REPLY)
    own = set(calls_for(request.user).filter(complaint=complaint).values_list("pk", flat=True)) if calls and may_call else set()
    return {"calls": draw_calls(calls, own=own, may_take=may_call)}


SECTIONS: dict[str, Section] = {
    section.key: section
    for section in (
        Section("order", _("Disputed order"), fill_order, is_open=True),
        Section("identity", _("Customer"), fill_identity, is_open=True),
        Section("clocks", _("Clocks"), fill_clocks),
        Section("follow", _("Follow-ups"), fill_follow_ups),
        Section("calls", _("Calls"), fill_calls),
        Section("complaints", _("Other complaints"), fill_complaints),
        Section("orders", _("Other orders"), fill_orders),
        Section("notes", _("Notes on this customer"), fill_notes),
        Section("effort", _("Handling time"), fill_effort),
    )
}


@desk_view()
def show_section(request, number, key):
    """One section, as a page or as its inside; to htmx also all of those at once that are open from the start (``OPEN``)."""
    if key == OPEN and request.htmx:
        return _show_open(request, number)
    section = SECTIONS.get(key)
    if section is None:
        raise Http404
    complaint = access.complaint_for(request.user, number, "customer", "order")
    context = _section_context(request, complaint, section)
    if request.htmx:
        return render(request, section.template, context)
    return render(request, "complaints/desk/section.html", {**context, "template": section.template})


def _show_open(request: HttpRequest, number: str) -> HttpResponse:
    complaint = access.complaint_for(request.user, number, "customer", "order")
    parts = [
        (section.key, render_to_string(section.template, _section_context(request, complaint, section), request))
        for section in SECTIONS.values()
        if section.is_open
    ]
    return render(request, "complaints/desk/_open_sections.html", {"parts": parts})


def _section_context(request: HttpRequest, complaint: Complaint, section: Section) -> dict:
    return {"complaint": complaint, "section": section, "place": place_of(request), **section.fill(request, complaint)}


@desk_view("POST", permission="complaints.label_complaint")
def bind(request, number):
    complaint = access.complaint_for(request.user, number)
    order = order_access.visible_to(request.user).filter(pk=number_in(request.POST.get("order")), merchant=complaint.merchant_id).first()
    if order is None:
        raise Http404
    bind_order(
        complaint,
        order=order,
        by=request.user,
        expected_version=number_in(request.POST.get("expected_version")),
        request_id=request.POST.get("request_id"),
    )
    return SeeOther(address_of(complaint.number, place_of(request).query))


@desk_view("GET", "HEAD", "POST", permission="accounts.reveal_personal")
def reveal(request, number, subject, name):
    """One personal field in full, once, for a reason that is written down."""
    complaint = access.complaint_for(request.user, number, "order", "customer")
    row, label = _personal(complaint, subject, name)
    form = RevealForm(request.POST or None)
    context = {"complaint": complaint, "form": form, "label": label, "subject": subject, "name": name, "place": place_of(request)}
    status = 200
    if request.method == "POST":
        if form.is_valid():
            reason = form.cleaned_data["reason"]
            context["value"] = reveal_personal(row, name, by=request.user, reason=reason, network=request.META.get("REMOTE_ADDR"))
        else:
            status = 422
    return render(request, "complaints/desk/_reveal.html" if request.htmx else "complaints/desk/reveal.html", context, status=status)


def _personal(complaint: Complaint, subject: str, name: str) -> tuple[Complaint | Order, str]:
    """The row that holds a field, reached through the complaint; 404 for anything that is not shown masked here."""
    rows = {"complaint": (complaint, COMPLAINT_FIELDS), "order": (complaint.order, ORDER_FIELDS)}
    row, fields = rows.get(subject, (None, {}))
    if row is None or name not in fields:
        raise Http404
    return row, fields[name]
