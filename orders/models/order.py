"""Orders, their lines and their payments. Money is integer minor units (fen) with a currency."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.crypto import EncryptedTextField
from foundation.events import ChainSubject

from .customer import Customer
from .merchant import Merchant


class Order(ChainSubject):
    """One purchase as the shop's order system knows it. ``number`` is stored normalised: capitals, no spaces or hyphens."""

    class Status(models.TextChoices):
        UNPAID = "unpaid", _("Waiting for payment")
        PAID = "paid", _("Paid")
        SHIPPED = "shipped", _("Shipped")
        DELIVERED = "delivered", _("Delivered")
        CONFIRMED = "confirmed", _("Receipt confirmed")
        CANCELLED = "cancelled", _("Cancelled")

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="orders", db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="orders", db_index=False)
    external_id = models.CharField(max_length=80)
    number = models.CharField(_("order number"), max_length=80)
    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.PAID)
    currency = models.CharField(max_length=3, default="CNY")
    total_fen = models.BigIntegerField(_("total"), default=0)
    freight_fen = models.BigIntegerField(_("freight"), default=0)
    discount_fen = models.BigIntegerField(_("discount"), default=0)
    placed_at = models.DateTimeField(_("placed"))
    paid_at = models.DateTimeField(_("paid"), null=True, blank=True)
    promised_ship_at = models.DateTimeField(_("promised shipping"), null=True, blank=True)
    shipped_at = models.DateTimeField(_("shipped"), null=True, blank=True)
    promised_delivery_at = models.DateTimeField(_("promised delivery"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)
    confirmed_at = models.DateTimeField(_("receipt confirmed"), null=True, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True)
    receiver_name = EncryptedTextField(_("receiver"), blank=True, default="")
    receiver_phone = EncryptedTextField(_("receiver's phone"), blank=True, default="")
    receiver_phone_index = models.CharField(max_length=64, blank=True, default="", editable=False)
    receiver_address = EncryptedTextField(_("address"), blank=True, default="")
    province = models.CharField(_("province"), max_length=40, blank=True)
    city = models.CharField(_("city"), max_length=60, blank=True)
    buyer_note = models.CharField(_("buyer's note"), max_length=500, blank=True)
    synced_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        permissions = [("view_own_warehouse", "May read the parcels of the own warehouse")]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "external_id"], name="orders_order_external_once"),
            models.CheckConstraint(
                condition=Q(total_fen__gte=0, freight_fen__gte=0, discount_fen__gte=0), name="orders_order_money_not_negative"
            ),
        ]
        indexes = [
            models.Index(fields=["number"], name="orders_order_number"),
            models.Index(fields=["customer", "-placed_at"], name="orders_order_customer"),
            models.Index(fields=["receiver_phone_index"], name="orders_order_phone", condition=~Q(receiver_phone_index="")),
            models.Index(fields=["merchant", "synced_at", "id"], name="orders_order_synced"),
        ]

    def __str__(self):
        return self.number


class OrderLine(models.Model):
    """One kind of goods in an order. ``paid_fen`` is what the customer paid for the whole line, discounts apportioned.

    ``exception`` is why the law gives no return without a reason, as the buyer was told and confirmed when they bought; what the page
    of the goods says today does not count.
    """

    class Exemption(models.TextChoices):
        CUSTOM_MADE = "custom_made", _("made to order")
        PERISHABLE = "perishable", _("perishable")
        DIGITAL = "digital", _("opened or downloaded digital goods")
        PRESS = "press", _("newspapers and magazines")
        CONFIRMED = "confirmed", _("unsuitable by nature, confirmed at purchase")

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines", db_index=False)
    external_id = models.CharField(max_length=80)
    sku = models.CharField(_("SKU"), max_length=80)
    title = models.CharField(_("goods"), max_length=200)
    variant = models.CharField(_("variant"), max_length=120, blank=True)
    supplier = models.CharField(_("supplier"), max_length=80, blank=True)
    image_path = models.CharField(max_length=200, blank=True, help_text="Path below the site's own media, never a foreign address.")
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    unit_fen = models.BigIntegerField(_("unit price"), default=0)
    paid_fen = models.BigIntegerField(_("paid"), default=0)
    exception = models.CharField(_("no return without a reason"), max_length=12, choices=Exemption, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "external_id"], name="orders_orderline_external_once"),
            models.CheckConstraint(condition=Q(unit_fen__gte=0, paid_fen__gte=0, quantity__gte=1), name="orders_orderline_not_negative"),
        ]

    def __str__(self):
        return self.title


class Payment(models.Model):
    """Money that came in for an order."""

    class Status(models.TextChoices):
        PENDING = "pending", _("Pending")
        CAPTURED = "captured", _("Received")
        FAILED = "failed", _("Failed")

    # Methods are the shop's own words; these are the usual ones.
    METHOD_LABELS = {
        "alipay": _("Alipay"),
        "wechat": _("WeChat Pay"),
        "unionpay": _("UnionPay"),
        "credit_card": _("Credit card"),
        "debit_card": _("Debit card"),
        "voucher": _("Voucher"),
    }

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="payments", db_index=False)
    external_id = models.CharField(max_length=80)
    method = models.CharField(_("method"), max_length=40)
    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.CAPTURED)
    amount_fen = models.BigIntegerField(_("amount"))
    currency = models.CharField(max_length=3, default="CNY")
    installments = models.PositiveSmallIntegerField(default=1)
    paid_at = models.DateTimeField(null=True, blank=True)
    synced_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "external_id"], name="orders_payment_external_once"),
            models.CheckConstraint(condition=Q(amount_fen__gte=0), name="orders_payment_not_negative"),
        ]
        indexes = [models.Index(fields=["synced_at", "id"], name="orders_payment_synced")]

    def __str__(self):
        return f"{self.method} {self.amount_fen}"

    @property
    def method_label(self) -> str:
        """The method in the reader's language where it is known, else as the shop's system calls it."""
        return str(self.METHOD_LABELS.get(self.method.lower(), self.method))
