"""Rows that systems send. Every field but the external id may be left out and then stays as it is."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from foundation.rest import StrictSerializer
from orders.models import Customer, Order, OrderLine, Payment
from orders.services import OrderPart, OrderRow, Row, ScanRow, ShipmentRow

MOST_ROWS = 500
MOST_LINES, MOST_SCANS = 200, 200


def text(longest: int) -> serializers.CharField:
    return serializers.CharField(required=False, allow_blank=True, max_length=longest)


def code() -> serializers.CharField:
    return serializers.CharField(max_length=80)


def moment() -> serializers.DateTimeField:
    return serializers.DateTimeField(required=False, allow_null=True)


def amount() -> serializers.IntegerField:
    return serializers.IntegerField(required=False, min_value=0, max_value=10**15, help_text=_("Minor units, for instance fen."))


def choice(choices: Any) -> serializers.ChoiceField:
    return serializers.ChoiceField(required=False, choices=choices)


class CustomerWrite(StrictSerializer):
    external_id = code()
    name = text(400)
    phone = text(400)
    email = text(400)
    language = serializers.ChoiceField(required=False, choices=["zh-hans", "en"])
    tier = choice(Customer.Tier.choices)
    city = text(60)
    since = serializers.DateTimeField(required=False)

    @staticmethod
    def row(values: dict[str, Any]) -> Row:
        return Row(values.pop("external_id"), values)


class LineWrite(StrictSerializer):
    external_id = code()
    sku = text(80)
    title = text(200)
    variant = text(120)
    supplier = text(80)
    quantity = serializers.IntegerField(required=False, min_value=1, max_value=32767)
    unit_fen = amount()
    paid_fen = amount()
    exception = serializers.ChoiceField(
        choices=OrderLine.Exemption.choices,
        required=False,
        allow_blank=True,
        help_text=_("Why there is no return without a reason, as the buyer confirmed it at purchase."),
    )


class PaymentWrite(StrictSerializer):
    external_id = code()
    method = text(40)
    status = choice(Payment.Status.choices)
    amount_fen = amount()
    currency = serializers.RegexField(r"^[A-Z]{3}$", required=False)
    installments = serializers.IntegerField(required=False, min_value=1, max_value=999)
    paid_at = moment()


class ScanWrite(StrictSerializer):
    at = serializers.DateTimeField()
    status = serializers.CharField(max_length=40, help_text=_("Our word or the carrier's: in_transit, InTransit, delivered …"))
    text = serializers.CharField(required=False, allow_blank=True, max_length=300, default="")
    place = serializers.CharField(required=False, allow_blank=True, max_length=80, default="")


class ShipmentWrite(StrictSerializer):
    external_id = code()
    carrier = text(40)
    warehouse = text(40)
    waybill = text(60)
    status = serializers.CharField(required=False, max_length=40)
    shipped_at = moment()
    promised_at = moment()
    delivered_at = moment()
    scans = ScanWrite(many=True, required=False, max_length=MOST_SCANS)


class OrderWrite(StrictSerializer):
    external_id = code()
    customer = CustomerWrite(required=False)
    number = text(80)
    status = choice(Order.Status.choices)
    currency = serializers.RegexField(r"^[A-Z]{3}$", required=False)
    total_fen = amount()
    freight_fen = amount()
    discount_fen = amount()
    placed_at = serializers.DateTimeField(required=False)
    paid_at = moment()
    promised_ship_at = moment()
    shipped_at = moment()
    promised_delivery_at = moment()
    delivered_at = moment()
    confirmed_at = moment()
    cancelled_at = moment()
    receiver_name = text(400)
    receiver_phone = text(400)
    receiver_address = text(400)
    province = text(40)
    city = text(60)
    buyer_note = text(500)
    lines = LineWrite(many=True, required=False, max_length=MOST_LINES)
    payments = PaymentWrite(many=True, required=False, max_length=MOST_LINES)
    shipments = ShipmentWrite(many=True, required=False, max_length=MOST_LINES)

    @staticmethod
    def row(values: dict[str, Any]) -> OrderRow:
        customer = values.pop("customer", None)
        parts = {
            "lines": tuple(make_row(each) for each in values.pop("lines", ())),
            "payments": tuple(make_row(each) for each in values.pop("payments", ())),
            "shipments": tuple(make_shipment(each) for each in values.pop("shipments", ())),
        }
        return OrderRow(values.pop("external_id"), values, customer and make_row(customer), **parts)


class PaymentPartWrite(PaymentWrite):
    order = code()

    @staticmethod
    def row(values: dict[str, Any]) -> OrderPart:
        return OrderPart(values.pop("order"), make_row(values))


class ShipmentPartWrite(ShipmentWrite):
    order = code()

    @staticmethod
    def row(values: dict[str, Any]) -> OrderPart:
        return OrderPart(values.pop("order"), make_shipment(values))


class WarehouseWrite(StrictSerializer):
    code = serializers.SlugField(max_length=40)
    name = serializers.CharField(max_length=80)

    @staticmethod
    def row(values: dict[str, Any]) -> Row:
        return Row(values.pop("code"), values)


class ResultRead(serializers.Serializer):
    """What became of one row."""

    index = serializers.IntegerField()
    external_id = serializers.CharField()
    outcome = serializers.ChoiceField(choices=["created", "changed", "unchanged", "rejected"])
    errors = serializers.DictField(child=serializers.CharField(), help_text=_("Field and reason, only of a rejected row."))


class SyncRead(serializers.Serializer):
    """What became of all rows, in the order in which they were sent."""

    counts = serializers.DictField(child=serializers.IntegerField())
    results = ResultRead(many=True)


def make_row(values: dict[str, Any]) -> Row:
    return Row(values.pop("external_id"), values)


def make_shipment(values: dict[str, Any]) -> ShipmentRow:
    scans = tuple(ScanRow(**scan) for scan in values.pop("scans", ()))
    carrier, warehouse = values.pop("carrier", None), values.pop("warehouse", None)
    return ShipmentRow(values.pop("external_id"), values, carrier, warehouse, scans)


def flatten_errors(errors: Any, path: str = "") -> dict[str, str]:
    """Nested errors as ``lines.0.sku``: first reason."""
    if isinstance(errors, Mapping):
        parts = errors.items()
    elif errors and all(isinstance(each, Mapping) for each in errors):
        parts = enumerate(errors)
    else:
        return {path or "row": str(errors[0])} if errors else {}
    flat: dict[str, str] = {}
    for name, inner in parts:
        here = path if name == "non_field_errors" else f"{path}.{name}".strip(".")
        flat |= flatten_errors(inner, here)
    return flat
