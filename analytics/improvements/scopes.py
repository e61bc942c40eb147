"""About which complaints of which orders an improvement item is, as conditions on facts."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.db.models import Count, Exists, F, OuterRef

from analytics.models import Arrival, Delivery, Improvement

HERE = 0  # the facts of this house; others are imported logs
COUNTS_WITHIN = timedelta(days=30)
OF_COMPLAINTS = ("category", "reason")
OF_ORDERS = ("merchant", "warehouse", "carrier", "sku", "province")


@dataclass(frozen=True)
class Scope:
    """Empty text and 0 leave a part open."""

    category: str = ""
    reason: str = ""
    merchant: int = 0
    warehouse: int = 0
    carrier: str = ""
    sku: str = ""
    province: str = ""

    @classmethod
    def of(cls, item: Improvement) -> "Scope":
        places = {"merchant": item.merchant_id or 0, "warehouse": item.warehouse_id or 0}
        return cls(item.category, item.reason, **places, carrier=item.carrier, sku=item.sku, province=item.province)

    def beside(self, item: Improvement) -> "Scope | None":
        """The scope that the item is compared with in the same weeks, if it names one."""
        if not item.control_by:
            return None
        value = int(item.control_value) if item.control_by == Improvement.Control.WAREHOUSE else item.control_value
        return replace(self, **{item.control_by: value})

    @property
    def filters(self) -> dict[str, str | int]:
        """What is set, by dimension."""
        return {name: value for name in (*OF_COMPLAINTS, *OF_ORDERS) if (value := getattr(self, name))}

    def part(self, names: tuple[str, ...]) -> dict[str, str | int]:
        return {name: value for name, value in self.filters.items() if name in names}


@dataclass(frozen=True)
class Rate:
    """``complained`` of ``delivered`` orders."""

    complained: int
    delivered: int

    @property
    def per_mille(self) -> float | None:
        return 1000 * self.complained / self.delivered if self.delivered else None


def rate_of(scope: Scope, first: date, last: date) -> Rate:
    """Orders of the scope delivered from ``first`` to ``last``, and those complained about as it says within 30 days.

    Later complaints do not count, so that windows of different age can be compared.
    """
    complaints = Arrival.objects.filter(source=HERE, order_id=OuterRef("root_id"), arrived=1, **scope.part(OF_COMPLAINTS))
    within = complaints.filter(at__lt=OuterRef("at") + COUNTS_WITHIN)
    orders = Delivery.objects.filter(source=HERE, day__range=(first, last), delivered=1, **scope.part(OF_ORDERS))
    counted = orders.annotate(is_complained=Exists(within)).aggregate(
        delivered=Count("root_id"), complained=Count("root_id", filter=F("is_complained"))
    )
    return Rate(counted["complained"], counted["delivered"])


def arrivals_of(scope: Scope, first: date, last: date) -> int:
    """Complaints of the scope that arrived from ``first`` to ``last``."""
    return Arrival.objects.filter(source=HERE, day__range=(first, last), arrived=1, **scope.filters).count()
