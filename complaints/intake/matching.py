"""Which order a complaint is about: what the visitor typed, checked against two things that only its owner knows."""

from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.db.models import Q, QuerySet

from foundation.crypto import blind_index
from foundation.limits import hit
from foundation.prepared import Prepared, Value
from orders.models import Order, Shipment
from ui.localize import is_english
from ui.normalise import normalise_code, normalise_phone

LINK_SALT = "complaints.order-link"
LINK_SECONDS = 90 * 24 * 3600
TRIES_PER_ORDER = 10
TRIES_SECONDS = 3600


@dataclass(frozen=True)
class Match:
    """An order and how it was proven: ``link`` (the shop signed it) or ``phone`` (number and phone fit)."""

    order: Order
    proof: str


def match_order(order_text: str, phone: str) -> Match | None:
    """The one order with this order or waybill number and this phone number; None for no hit, several hits, or one factor only.

    Whoever guesses phone numbers for one order gets ten tries an hour; beyond that every answer is None.
    """
    code, number = normalise_code(order_text), normalise_phone(phone)
    if not code or not number or not hit(f"order-match:{code}", TRIES_PER_ORDER, TRIES_SECONDS):
        return None
    index = blind_index(number, purpose="phone")
    hits = _fitting.all(code=code, phone=index)
    return Match(hits[0], "phone") if len(hits) == 1 else None


@Prepared
def _fitting() -> QuerySet[Order]:
    fits = Q(receiver_phone_index=Value("phone")) | Q(customer__phone_index=Value("phone"))
    return _narrow(orders_with_code(Value("code")).filter(fits))[:2]


def orders_with_code(code: str | Value) -> QuerySet[Order]:
    """Orders by order number or by the waybill of one of their parcels, each by its own index."""
    by_number = Order.objects.filter(number=code).values("pk")
    # The first condition is the index's own.
    by_waybill = Shipment.objects.filter(~Q(waybill=""), waybill=code).values("order_id")
    return Order.objects.filter(pk__in=by_number.union(by_waybill))


def sign_order(order: Order) -> str:
    """The token of a link that the shop puts beside an order: whoever holds it is taken for the buyer."""
    return signing.dumps(order.pk, salt=LINK_SALT)


def filing_url(order: Order, language: str) -> str:
    """The full address of the form for one order, on the configured base address."""
    prefix = "/en" if is_english(language) else ""
    return f"{settings.BIHUAN_BASE_URL}{prefix}/file/?order={sign_order(order)}"


def order_of_link(token: str) -> Match | None:
    """The order of a signed link, or None when it is forged, damaged or older than 90 days."""
    try:
        number = signing.loads(token[:200], salt=LINK_SALT, max_age=LINK_SECONDS)
    except signing.BadSignature:
        return None
    order = find_order(number)
    return Match(order, "link") if order else None


def find_order(number: int) -> Order | None:
    """An order by its key, with what a filing needs of it, its customer and its shop."""
    return _order.first(order=number)


@Prepared
def _order() -> QuerySet[Order]:
    return _narrow(Order.objects.filter(pk=Value("order")))


def _narrow(orders: QuerySet[Order]) -> QuerySet[Order]:
    """What a filing needs of an order: every encrypted column that is left out need not be decrypted."""
    return orders.select_related("customer", "merchant").only(*NEEDED)


NEEDED = (
    "number", "status", "currency", "total_fen", "freight_fen", "placed_at", "promised_ship_at", "shipped_at", "promised_delivery_at",
    "delivered_at", "receiver_phone", "merchant__currency", "customer__tier", "customer__is_green", "customer__phone", "customer__email",
)  # fmt: skip
