"""Whose data is whose: everything in one shop that carries the same contact, and nothing that merely touches the same order."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from complaints.models import Complaint, Hold
from orders.models import Customer, Order


@dataclass(frozen=True)
class Person:
    """Somebody as one shop knows them. The e-mail address counts, since only that can be proven; without one, the phone.

    The order of a complaint proves nothing: buyer and receiver may each complain about it, and each owns their own words only.
    """

    complaint_id: int
    merchant_id: int
    email_index: str
    phone_index: str

    @classmethod
    def behind(cls, complaint: Complaint) -> "Person":
        return cls(complaint.pk, complaint.merchant_id, complaint.contact_email_index, complaint.contact_phone_index)

    def complaints(self) -> QuerySet[Complaint]:
        """This complaint and the others with the same contact, by number of row."""
        return Complaint.objects.filter(Q(pk=self.complaint_id) | self._same("contact_")).order_by("pk")

    def customers(self) -> QuerySet[Customer]:
        """What the shop's own system knows of them."""
        same = self._same("")
        return Customer.objects.filter(same).order_by("pk") if same else Customer.objects.none()

    def orders(self) -> QuerySet[Order]:
        return Order.objects.filter(customer__in=self.customers()).order_by("pk")

    def holds(self) -> QuerySet[Hold]:
        return Hold.objects.filter(complaint__in=self.complaints(), lifted_at__isnull=True)

    def _same(self, prefix: str) -> Q:
        if not (self.email_index or self.phone_index):
            return Q()
        contact: dict[str, Any] = {f"{prefix}email_index": self.email_index}
        if not self.email_index:
            contact[f"{prefix}phone_index"] = self.phone_index
        return Q(merchant_id=self.merchant_id, **contact)
