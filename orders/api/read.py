"""What the API answers about orders. Children are read through their order."""

from rest_framework import serializers

from orders.models import Customer, Merchant, Order, OrderLine, Payment, Shipment, ShipmentEvent, Warehouse

from .fields import PersonalField


class MerchantRead(serializers.ModelSerializer):
    class Meta:
        model = Merchant
        fields = ["code", "name", "currency"]
        read_only_fields = fields


class WarehouseRead(serializers.ModelSerializer):
    class Meta:
        model = Warehouse
        fields = ["code", "name"]
        read_only_fields = fields


class CustomerRead(serializers.ModelSerializer):
    name = PersonalField("name")
    phone = PersonalField("phone")
    email = PersonalField("email")

    class Meta:
        model = Customer
        fields = ["external_id", "name", "phone", "email", "language", "tier", "city", "since", "synced_at"]
        read_only_fields = fields


class LineRead(serializers.ModelSerializer):
    class Meta:
        model = OrderLine
        fields = ["external_id", "sku", "title", "variant", "supplier", "quantity", "unit_fen", "paid_fen", "exception"]
        read_only_fields = fields


class PaymentRead(serializers.ModelSerializer):
    order = serializers.CharField(source="order.external_id", read_only=True)

    class Meta:
        model = Payment
        fields = ["order", "external_id", "method", "status", "amount_fen", "currency", "installments", "paid_at", "synced_at"]
        read_only_fields = fields


class ScanRead(serializers.ModelSerializer):
    class Meta:
        model = ShipmentEvent
        fields = ["at", "status", "place", "text"]
        read_only_fields = fields


class ShipmentRead(serializers.ModelSerializer):
    order = serializers.CharField(source="order.external_id", read_only=True)
    carrier = serializers.CharField(source="carrier.code", default="", read_only=True)
    warehouse = serializers.CharField(source="warehouse.code", default="", read_only=True)
    scans = ScanRead(many=True, read_only=True)

    class Meta:
        model = Shipment
        fields = [
            "order", "external_id", "carrier", "warehouse", "waybill", "status", "shipped_at", "promised_at", "delivered_at",
            "last_scan_at", "synced_at", "scans",
        ]  # fmt: skip
        read_only_fields = fields


class OrderRead(serializers.ModelSerializer):
    customer = serializers.CharField(source="customer.external_id", read_only=True)
    receiver_name = PersonalField("name")
    receiver_phone = PersonalField("phone")
    receiver_address = PersonalField("address")
    buyer_note = PersonalField("text")
    lines = LineRead(many=True, read_only=True)
    payments = PaymentRead(many=True, read_only=True)
    shipments = ShipmentRead(many=True, read_only=True)

    class Meta:
        model = Order
        fields = [
            "external_id", "number", "customer", "status", "currency", "total_fen", "freight_fen", "discount_fen", "placed_at", "paid_at",
            "promised_ship_at", "shipped_at", "promised_delivery_at", "delivered_at", "confirmed_at", "cancelled_at", "receiver_name",
            "receiver_phone", "receiver_address", "province", "city", "buyer_note", "synced_at", "lines", "payments", "shipments",
        ]  # fmt: skip
        read_only_fields = fields
