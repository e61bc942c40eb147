"""The people who buy."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.crypto import EncryptedTextField

from .merchant import Merchant


class Customer(models.Model):
    """A buyer of one shop. Personal fields are encrypted; equality search goes through the ``*_index`` columns (blind index)."""

    class Tier(models.TextChoices):
        STANDARD = "standard", _("Standard")
        VIP = "vip", _("VIP")

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="customers", db_index=False)
    external_id = models.CharField(max_length=80)
    name = EncryptedTextField(_("name"), blank=True, default="")
    phone = EncryptedTextField(_("phone"), blank=True, default="")
    phone_index = models.CharField(max_length=64, blank=True, default="", editable=False)
    phone_tail_index = models.CharField(max_length=64, blank=True, default="", editable=False)
    email = EncryptedTextField(_("e-mail"), blank=True, default="")
    email_index = models.CharField(max_length=64, blank=True, default="", editable=False)
    language = models.CharField(max_length=10, default="zh-hans")
    tier = models.CharField(_("tier"), max_length=20, choices=Tier, default=Tier.STANDARD)
    is_green = models.BooleanField(_("green channel"), default=False, help_text=_("Bought for at least ¥100,000 in the last 12 months."))
    city = models.CharField(_("city"), max_length=60, blank=True)
    since = models.DateTimeField(default=timezone.now)
    synced_at = models.DateTimeField(default=timezone.now)
    erased_at = models.DateTimeField(null=True, editable=False, help_text="The person was removed on request; a sync brings nothing back.")

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        constraints = [models.UniqueConstraint(fields=["merchant", "external_id"], name="orders_customer_external_once")]
        indexes = [
            models.Index(fields=["phone_index"], name="orders_customer_phone", condition=~models.Q(phone_index="")),
            models.Index(fields=["phone_tail_index"], name="orders_customer_tail", condition=~models.Q(phone_tail_index="")),
            models.Index(fields=["email_index"], name="orders_customer_email", condition=~models.Q(email_index="")),
            models.Index(fields=["merchant", "synced_at", "id"], name="orders_customer_synced"),
        ]

    def __str__(self):
        return self.external_id


class Consent(models.Model):
    """What a customer agreed to or withdrew, with the hash of the text that was shown. Rows are added, never changed."""

    class Purpose(models.TextChoices):
        SERVICE = "service", _("handling the complaint")
        MARKETING = "marketing", _("marketing")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="consents", db_index=False)
    purpose = models.CharField(max_length=20, choices=Purpose)
    is_given = models.BooleanField()
    text_digest = models.CharField(max_length=64)
    channel = models.CharField(max_length=20)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["customer", "purpose", "-at"], name="orders_consent_latest")]

    def __str__(self):
        return f"{self.customer_id} {self.purpose} {self.is_given}"
