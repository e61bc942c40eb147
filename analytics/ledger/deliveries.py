"""Delivery facts: each delivered order, and whether somebody complained about it."""

from collections.abc import Iterable
from dataclasses import dataclass

from analytics.models import Arrival, Delivery

from .entries import Entry, Goods, Settings

# What is asked here expresses no dissatisfaction with an order.
ENQUIRIES = frozenset({"service.invoice", "service.rule", "service.account"})


@dataclass(frozen=True)
class OrderGroup:
    """An order: its events in order, and the arrivals of the complaints that are about it."""

    order: int
    entries: tuple[Entry, ...]
    arrivals: tuple[Arrival, ...] = ()


def fold_delivery(group: OrderGroup, settings: Settings) -> list[Delivery]:
    """The fact of an order that was delivered; none before that."""
    delivered = next((each for each in group.entries if each.kind == "order.delivered"), None)
    if delivered is None:
        return []
    goods = goods_of(group.entries)
    counted = [each for each in group.arrivals if each.arrived or each.out_merged]
    net = [each for each in counted if each.category not in ENQUIRIES and not each.withdrawn]
    parcels = {each.codes["shipment"] for each in group.entries if each.kind == "shipment.scanned"}
    return [
        Delivery(
            root_id=group.order,
            day=settings.day(delivered.at),
            at=delivered.at,
            merchant=delivered.codes.get("merchant") or 0,
            carrier=goods.carrier,
            warehouse=goods.warehouse,
            sku=goods.skus[0] if len(goods.skus) == 1 else "",
            province=goods.province,
            delivered=1,
            parcels=max(1, len(parcels)),
            complained=int(bool(counted)),
            complained_net=int(bool(net)),
            external=int(any(each.external for each in counted)),
        )
    ]


def goods_of(entries: Iterable[Entry]) -> Goods:
    """What the events of an order tell: its articles, its province, and who carried its first parcel from where."""
    skus: tuple[str, ...] = ()
    province, carrier, warehouse = "", "", 0
    for each in entries:
        codes = each.codes
        skus = tuple(codes.get("skus", skus))
        province = codes.get("province", province)
        carrier = carrier or codes.get("carrier") or ""
        warehouse = warehouse or codes.get("warehouse") or 0
    return Goods(carrier, warehouse, skus, province)
