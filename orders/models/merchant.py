"""Shops, their people, their warehouses and the tokens of their systems."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from foundation.crypto import EncryptedTextField


class Merchant(models.Model):
    """A shop: the owner of customers, orders and complaints."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(pgettext_lazy("thing", "name"), max_length=80)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["code"]
        verbose_name = _("merchant")
        verbose_name_plural = _("merchants")

    def __str__(self):
        return self.name


class MerchantMember(models.Model):
    """A user who may see the rows of a shop."""

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="merchant_memberships")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merchant", "user"], name="orders_merchantmember_once")]

    def __str__(self):
        return str(self.user)


class Warehouse(models.Model):
    """A place that ships goods out and takes returns in; who sends something back gets its address."""

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="warehouses", verbose_name=_("merchant"))
    code = models.SlugField(_("code"), max_length=40)
    name = models.CharField(pgettext_lazy("thing", "name"), max_length=80)
    address = EncryptedTextField(_("return address"), blank=True, default="")
    contact = EncryptedTextField(_("contact for returns"), blank=True, default="")
    phone = EncryptedTextField(_("phone for returns"), blank=True, default="")

    class Meta:
        verbose_name = _("warehouse")
        verbose_name_plural = _("warehouses")
        constraints = [models.UniqueConstraint(fields=["merchant", "code"], name="orders_warehouse_code_once")]

    def __str__(self):
        return self.name


class WarehouseMember(models.Model):
    """A user who works in a warehouse."""

    warehouse = models.ForeignKey(Warehouse, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="warehouse_memberships")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["warehouse", "user"], name="orders_warehousemember_once")]

    def __str__(self):
        return str(self.user)


class ApiToken(models.Model):
    """A machine's key to one shop. Only the hash is stored; the token is shown once, when it is made.

    ``actor`` is the account that the machine acts as: a member of that shop which can never log in.
    """

    class Scope(models.TextChoices):
        COMPLAINTS_READ = "complaints:read", _("read complaints")
        COMPLAINTS_CREATE = "complaints:create", _("file complaints")
        COMPLAINTS_WRITE = "complaints:write", _("reply and change complaints")
        NOTES = "notes", _("read internal notes")
        CASES_CREATE = "cases:create", _("open after-sales cases")
        WMS = "wms", _("scan and inspect returned goods")
        ORDERS_READ = "orders:read", _("read orders")
        ORDERS_WRITE = "orders:write", _("sync orders, shipments and payments")
        PII = "pii", _("read personal data unmasked")

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="api_tokens", verbose_name=_("merchant"))
    name = models.CharField(pgettext_lazy("thing", "name"), max_length=60)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    prefix = models.CharField(_("begins with"), max_length=12, editable=False)
    actor = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="api_token", editable=False)
    scopes = ArrayField(models.CharField(max_length=40, choices=Scope), verbose_name=_("scopes"))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self):
        return f"{self.name} ({self.prefix}…)"
