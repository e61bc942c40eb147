"""Whom and what a complaint is about that an agent files: found by what the customer says on the phone."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import AccessLog, User
from accounts.services import record_accesses
from complaints import access
from complaints.models import Complaint
from complaints.numbers import parse_number
from orders import access as order_access
from orders.models import Customer, Merchant, Order
from ui.controls import CardLabel
from ui.masking import mask_email, mask_name, mask_phone
from ui.money import format_money
from ui.timefmt import absolute

LONGEST_QUERY = 80
NONE = "none"


@dataclass(frozen=True)
class Subject:
    """An order, or a customer without one, or neither; ``beside`` is the complaint from which the page was opened."""

    order: Order | None = None
    customer: Customer | None = None
    beside: Complaint | None = None

    @property
    def key(self) -> str:
        return f"order:{self.order.pk}" if self.order else f"customer:{self.customer.pk}" if self.customer and not self.beside else NONE

    @property
    def merchant(self) -> Merchant | None:
        known = self.order or self.customer or self.beside
        return known.merchant if known else None

    def contact(self) -> dict[str, str]:
        """How the customer can be reached as far as the house knows; the page shows it masked, the server fills it in."""
        if self.beside is not None:
            return {name: getattr(self.beside, f"contact_{name}") for name in ("name", "phone", "email")}
        buyer, order = self.customer, self.order
        return {
            "name": (order.receiver_name if order else "") or (buyer.name if buyer else ""),
            "phone": (order.receiver_phone if order else "") or (buyer.phone if buyer else ""),
            "email": buyer.email if buyer else "",
        }

    @property
    def masked(self) -> str:
        known = self.contact()
        return " · ".join(filter(None, [mask_name(known["name"]), mask_phone(known["phone"]), mask_email(known["email"])]))


def subject_of(user: User, *, about: str | None, beside: str) -> Subject:
    """What was chosen, as far as this person may see it.

    ``about`` None: nothing was chosen yet, so the order of ``beside`` stands; ``NONE`` is its customer without an order.
    """
    neighbour = _neighbour(user, beside)
    if neighbour is not None and about in (None, "", NONE):
        return Subject(None if about == NONE else neighbour.order, neighbour.customer, neighbour)
    kind, _colon, number = (about or "").partition(":")
    order, customer = _row(order_access.visible_to(user), number, kind == "order"), None
    if order is not None:
        customer = order.customer
    elif kind == "customer":
        customer = _row(order_access.customers_visible_to(user), number, True)
    is_same = neighbour is not None and customer is not None and neighbour.customer_id == customer.pk
    return Subject(order, customer, neighbour if is_same else None)


def find_subjects(user: User, text: str, *, network: str | None) -> list[Subject]:
    """Orders that a number, waybill, phone or e-mail points at, else the customer behind it. Finding one is written down."""
    text = text.replace("\x00", "").strip()[:LONGEST_QUERY]
    if not text:
        return []
    orders = order_access.find_orders(order_access.visible_to(user), text)
    customers = [] if orders else order_access.find_customers(order_access.customers_visible_to(user), text)
    record_accesses(AccessLog.Act.SEARCH, orders or customers, by=user, field="", reason=_("to file a complaint"), network=network)
    return [Subject(order, order.customer) for order in orders] + [Subject(customer=customer) for customer in customers]


def subject_card(subject: Subject) -> CardLabel:
    """A found order or customer to choose from, masked."""
    order = subject.order
    if order is None:
        return CardLabel(_("Customer without an order"), hint=subject.masked)
    facts = [order.get_status_display(), absolute(order.placed_at), format_money(order.total_fen, order.currency)]
    return CardLabel(order.number, hint=" · ".join([*map(str, facts), mask_name(order.receiver_name or order.customer.name)]))


def _neighbour(user: User, number: str) -> Complaint | None:
    parsed = parse_number(number)
    rows = access.visible_to(user).select_related("order__merchant", "order__customer", "customer__merchant", "merchant")
    return rows.filter(number=parsed).first() if parsed else None


def _row(rows, number: str, is_wanted: bool):
    if not (is_wanted and number.isascii() and number.isdigit() and len(number) < 18):
        return None
    related = ("merchant", "customer") if rows.model is Order else ("merchant",)
    return rows.filter(pk=int(number)).select_related(*related).first()
