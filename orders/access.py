"""Every lookup of orders that depends on who is asking, and the exact-match searches. All of them walk an index."""

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from accounts.models import User
from foundation.crypto import blind_index
from orders.models import Customer, Merchant, MerchantMember, Order, Payment, Shipment, ShipmentEvent, Warehouse, WarehouseMember
from orders.services.faults import UNSTORABLE
from ui.normalise import normalise_code, normalise_phone

MOST_FOUND = 20
SHORTEST_PHONE = 7


def visible_to(user: User | None) -> QuerySet[Order]:
    """Orders of the user's shops; for a warehouse, those with a parcel of the own warehouse; nothing for anybody else.

    The desk narrows this further: an agent sees orders only through a complaint that is visible or a search that is logged.
    """
    if user is None or not user.is_active:
        return Order.objects.none()
    if user.has_perm("orders.view_order"):
        return Order.objects.filter(merchant__in=shop_ids(user))
    if user.has_perm("orders.view_own_warehouse"):
        own = WarehouseMember.objects.filter(user=user).values("warehouse")
        return Order.objects.filter(Exists(Shipment.objects.filter(order=OuterRef("pk"), warehouse__in=own)))
    return Order.objects.none()


def customers_visible_to(user: User | None) -> QuerySet[Customer]:
    """Customers of the user's shops."""
    if user is None or not user.is_active or not user.has_perm("orders.view_order"):
        return Customer.objects.none()
    return Customer.objects.filter(merchant__in=shop_ids(user))


def shops_visible_to(user: User) -> QuerySet[Merchant]:
    """The user's own shops that are open."""
    return Merchant.objects.filter(pk__in=shop_ids(user), is_active=True).order_by("pk")


def shop_ids(user: User) -> QuerySet:
    """The shops whose rows a user may see."""
    return MerchantMember.objects.filter(user=user).values("merchant")


def orders_of(merchant: Merchant) -> QuerySet[Order]:
    """All orders of one shop, for a machine that acts for it."""
    return Order.objects.filter(merchant=merchant)


def orders_with_parts(merchant: Merchant) -> QuerySet[Order]:
    """Orders of one shop with everything that hangs on them, in a constant number of queries."""
    parts = (Prefetch("payments", payments_of(merchant)), Prefetch("shipments", shipments_of(merchant)))
    return orders_of(merchant).select_related("customer").prefetch_related("lines", *parts)


def payments_of(merchant: Merchant) -> QuerySet[Payment]:
    """Payments of one shop's orders."""
    return Payment.objects.filter(order__merchant=merchant).select_related("order")


def shipments_of(merchant: Merchant) -> QuerySet[Shipment]:
    """Shipments of one shop's orders with their scans, oldest first."""
    scans = Prefetch("scans", ShipmentEvent.objects.order_by("at", "id"))
    return Shipment.objects.filter(order__merchant=merchant).select_related("order", "carrier", "warehouse").prefetch_related(scans)


def customers_of(merchant: Merchant) -> QuerySet[Customer]:
    """Customers of one shop."""
    return Customer.objects.filter(merchant=merchant)


def warehouses_of(merchant: Merchant) -> QuerySet[Warehouse]:
    """Warehouses of one shop."""
    return Warehouse.objects.filter(merchant=merchant)


def shop_of(merchant: Merchant) -> QuerySet[Merchant]:
    """The one shop that a machine acts for."""
    return Merchant.objects.filter(pk=merchant.pk)


def find_by_code(orders: QuerySet[Order], text: str) -> list[Order]:
    """Orders whose number or waybill is exactly what was typed, spaces and hyphens aside; at most twenty, newest first."""
    code = normalise_code(text)
    if not code:
        return []
    return _newest(orders, _ids(Order.objects.filter(number=code)), Shipment.objects.filter(waybill=code).values_list("order_id"))


def find_by_phone(orders: QuerySet[Order], text: str) -> list[Order]:
    """Orders of the customer with this whole phone number, or sent to it."""
    phone = normalise_phone(text)
    if len(phone) < SHORTEST_PHONE:
        return []
    index = blind_index(phone, purpose="phone")
    return _newest(orders, _ids(Order.objects.filter(receiver_phone_index=index)), _ids(Order.objects.filter(customer__phone_index=index)))


def find_by_email(orders: QuerySet[Order], text: str) -> list[Order]:
    """Orders of the customer with this e-mail address."""
    index = blind_index(text.strip().lower(), purpose="email")
    return _newest(orders, _ids(Order.objects.filter(customer__email_index=index))) if index else []


def find_orders(orders: QuerySet[Order], text: str) -> list[Order]:
    """Orders that a search box's text points at: number, waybill, phone or e-mail."""
    text = UNSTORABLE.sub("", text).strip()
    if "@" in text:
        return find_by_email(orders, text)
    return find_by_code(orders, text) or find_by_phone(orders, text)


def find_customers(customers: QuerySet[Customer], text: str) -> list[Customer]:
    """Customers with exactly this phone or e-mail address; at most twenty, newest first."""
    phone = normalise_phone(text)
    by_email = {"email_index": blind_index(text.strip().lower(), purpose="email")} if "@" in text else {}
    wanted = by_email or ({"phone_index": blind_index(phone, purpose="phone")} if len(phone) >= SHORTEST_PHONE else {})
    return list(customers.filter(**wanted).select_related("merchant").order_by("-pk")[:MOST_FOUND]) if wanted else []


def _ids(rows: QuerySet) -> QuerySet:
    return rows.values_list("pk")


def _newest(orders: QuerySet[Order], *ids: QuerySet) -> list[Order]:
    # A union, since PostgreSQL answers "this index or that subquery" by reading the whole table.
    found = orders.filter(pk__in=ids[0].union(*ids[1:], all=True) if ids[1:] else ids[0])
    return list(found.select_related("customer").order_by("-placed_at", "-pk")[:MOST_FOUND])
