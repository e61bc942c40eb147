"""After a restore: what was erased since the backup is back, and goes again."""

from django.db import transaction

from complaints.models import Complaint
from complaints.privacy.erasure import erase_rows
from complaints.privacy.erasure_list import Erasure, read_erasures
from orders.models import Customer


def replay_erasures() -> list[str]:
    """Erase again what the list names and the database still holds, held or not: it was decided once. Returns the numbers."""
    return [number for erasure in list(read_erasures()) for number in _replay(erasure)]


@transaction.atomic
def _replay(erasure: Erasure) -> list[str]:
    complaints = list(Complaint.objects.filter(number__in=erasure.complaints, erased_at__isnull=True).order_by("pk"))
    customers = list(Customer.objects.filter(pk__in=erasure.customers, erased_at__isnull=True).values_list("pk", flat=True))
    if complaints or customers:
        erase_rows(complaints, customers, by=None)
    return [complaint.number for complaint in complaints]
