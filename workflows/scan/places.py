"""The warehouse that somebody is in now: of several the one they chose last."""

from dataclasses import dataclass

from django.http import HttpRequest

from orders.models import Warehouse
from workflows.access import warehouses_of

CHOSEN = "scan_place"


@dataclass(frozen=True)
class Place:
    """``here`` is None for somebody who works in no warehouse."""

    own: list[Warehouse]
    here: Warehouse | None

    def find(self, number: object) -> Warehouse | None:
        """One of the own warehouses by its number, whatever a device says."""
        return next((each for each in self.own if str(each.pk) == str(number)), None)


def place_of(request: HttpRequest) -> Place:
    own = own_warehouses(request.user)
    chosen = request.session.get(CHOSEN)
    here = next((each for each in own if each.pk == chosen), own[0] if own else None)
    return Place(own, here)


def own_warehouses(user) -> list[Warehouse]:
    ids = warehouses_of(user)
    return list(Warehouse.objects.filter(pk__in=ids).only("pk", "name", "merchant_id").order_by("name", "pk")) if ids else []


def choose(request: HttpRequest, number: object) -> None:
    """Remember the warehouse for this log-in; one that is not theirs changes nothing."""
    found = place_of(request).find(number)
    if found is not None:
        request.session[CHOSEN] = found.pk
