"""Orders of the demo shop with lines, payment, parcel, scans and events."""

from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

from orders.models import Order as OrderModel
from orders.models import OrderEvent, OrderLine, Payment, Shipment, ShipmentEvent
from orders.services.rows import ScanRow
from orders.services.scans import scan_digest

from .chain import Chain
from .corpus import Person, chance, goods, person, words
from .journeys import Journey, label_of, travel
from .people import index_of
from .plan import Plan, Tables

LINES, SCANS, EVENTS = 4, 8, 24
METHODS = ["alipay", "alipay", "wechat", "wechat", "wechat", "unionpay"]
REPEAT_SHARE = 0.35


@dataclass
class DemoOrder:
    """What a complaint needs to know of its order."""

    id: int
    number: str
    person: Person
    journey: Journey
    waybill: str
    carrier: list
    total_fen: int
    lines: list[dict[str, Any]] = field(default_factory=list)


class OrderWriter:
    """Writes the orders with numbers of its share."""

    def __init__(self, plan: Plan, tables: Tables) -> None:
        self.plan, self.tables = plan, tables
        self.carrier_weights = [carrier[-1] for carrier in words()["carriers"]]
        self.warehouse_weights = [place[-1] for place in words()["warehouses"]]

    def write(self, number: int, *, placed_at: datetime | None, filed_at: datetime | None, fate: str) -> DemoOrder:
        """Write one order; a complaint fixes when it was placed and what went wrong with it."""
        plan, luck = self.plan, chance(self.plan.seed, "order", number)
        buyer = self._buyer(number, luck)
        placed_at = placed_at or plan.seasons.moment((number + luck.random()) / plan.orders, luck)
        carrier = luck.choices(words()["carriers"], self.carrier_weights)[0]
        place = luck.choices(range(len(words()["warehouses"])), self.warehouse_weights)[0]
        hub = words()["warehouses"][place][2]
        journey = travel(luck, placed_at=placed_at, now=plan.now, city=buyer.city, pace=carrier[6], hub=hub, filed_at=filed_at, fate=fate)
        if plan.is_lean:
            journey.scans = journey.scans[-1:]
        waybill = f"{carrier[4]}{luck.randrange(10 ** carrier[5]):0{carrier[5]}}"
        shown = f"QH{placed_at:%y%m%d}{number % 10**7:07}"
        order = DemoOrder(plan.order_id(number), shown, buyer, journey, waybill, carrier, 0, self._choose(number, luck))
        order.total_fen = sum(line["paid_fen"] for line in order.lines)
        self._write_rows(number, order, carrier, place, luck)
        return order

    def _buyer(self, number: int, luck: Random) -> Person:
        newest = number * self.plan.customers // self.plan.orders
        return person(self.plan.seed, luck.randint(0, newest) if luck.random() < REPEAT_SHARE else newest)

    def _choose(self, number: int, luck: Random) -> list[dict[str, Any]]:
        lines = []
        for place, kind in enumerate(luck.sample(goods(), luck.choices((1, 2, 3), (72, 21, 7))[0])):
            quantity = luck.choices((1, 2, 3), (84, 13, 3))[0]
            paid = kind[4] * quantity - (luck.choice((0, 0, 500, 1000)) if kind[4] > 5000 else 0)
            lines.append(
                {
                    "id": self.plan.base["orders_orderline"] + number * LINES + place + 1,
                    "sku": kind[0],
                    "title": kind[1],
                    "title_en": kind[2],
                    "variant": luck.choice(kind[3]),
                    "quantity": quantity,
                    "unit_fen": kind[4],
                    "paid_fen": paid,
                }
            )
        return lines

    def _write_rows(self, number: int, order: DemoOrder, carrier: list, place: int, luck: Random) -> None:
        plan, tables, journey = self.plan, self.tables, order.journey
        chain = Chain(tables[OrderEvent], order.id, plan.base["orders_orderevent"] + number * EVENTS + 1)
        shipment_id = plan.base["orders_shipment"] + number + 1
        self._tell(chain, order, shipment_id, carrier, place)
        buyer = order.person
        tables[OrderModel].add(
            id=order.id,
            head_seq=chain.seq,
            head_hash=chain.hash,
            merchant_id=plan.merchant_id,
            customer_id=plan.customer_id(buyer.number),
            external_id=order.number,
            number=order.number,
            status=journey.order_status,
            total_fen=order.total_fen,
            placed_at=journey.placed_at,
            paid_at=journey.paid_at,
            promised_ship_at=journey.promised_ship_at,
            shipped_at=journey.shipped_at,
            promised_delivery_at=journey.promised_delivery_at,
            delivered_at=journey.delivered_at,
            confirmed_at=journey.confirmed_at,
            cancelled_at=journey.cancelled_at,
            receiver_name=buyer.name,
            receiver_phone=buyer.phone,
            receiver_phone_index=index_of(buyer.phone, "phone"),
            receiver_address=buyer.address,
            province=buyer.city.province,
            city=buyer.city.name,
            synced_at=plan.now,
        )
        self._write_lines(order)
        self._write_payment(number, order, luck)
        if journey.shipped_at or not journey.cancelled_at:
            self._write_shipment(number, order, shipment_id, place)

    def _write_lines(self, order: DemoOrder) -> None:
        for place, line in enumerate(order.lines, start=1):
            stored = {name: value for name, value in line.items() if name != "title_en"}
            self.tables[OrderLine].add(order_id=order.id, external_id=str(place), **stored)

    def _write_payment(self, number: int, order: DemoOrder, luck: Random) -> None:
        self.tables[Payment].add(
            id=self.plan.base["orders_payment"] + number + 1,
            order_id=order.id,
            external_id=f"P{order.number}",
            method=luck.choice(METHODS),
            status="captured" if order.journey.paid_at else "pending",
            amount_fen=order.total_fen,
            paid_at=order.journey.paid_at,
            synced_at=self.plan.now,
        )

    def _write_shipment(self, number: int, order: DemoOrder, shipment_id: int, place: int) -> None:
        journey, plan = order.journey, self.plan
        self.tables[Shipment].add(
            id=shipment_id,
            order_id=order.id,
            external_id=f"S{order.number}",
            carrier_id=plan.carriers[order.carrier[0]],
            warehouse_id=plan.warehouses[place],
            waybill=order.waybill if journey.shipped_at else "",
            promised_at=journey.promised_delivery_at,
            synced_at=plan.now,
            **label_of(journey),
        )
        for index, (at, status, where, text) in enumerate(journey.scans):
            self.tables[ShipmentEvent].add(
                id=plan.base["orders_shipmentevent"] + number * SCANS + index + 1,
                shipment_id=shipment_id,
                at=at,
                status=status,
                place=where,
                text=text,
                digest=scan_digest(ScanRow(at, status, text)),
            )

    def _tell(self, chain: Chain, order: DemoOrder, shipment_id: int, carrier: list, place: int) -> None:
        journey, plan = order.journey, self.plan
        about = {"merchant": plan.merchant_id, "province": order.person.city.province, "skus": sorted(line["sku"] for line in order.lines)}
        seen = {"shipment": shipment_id, "carrier": carrier[0], "warehouse": plan.warehouses[place]}
        news = [
            (journey.placed_at, "order.placed", about),
            (journey.paid_at, "order.paid", about),
            (journey.paid_at, "payment.captured", {"fen": order.total_fen, "currency": "CNY"}),
            (journey.shipped_at, "order.shipped", about),
            *((at, "shipment.scanned", {**seen, "status": status}) for at, status, _where, _text in journey.scans),
            (journey.delivered_at, "order.delivered", about),
            (journey.confirmed_at, "order.confirmed", about),
            (journey.cancelled_at, "order.cancelled", about),
        ]
        for at, kind, codes in sorted((each for each in news if each[0]), key=lambda each: each[0]):
            chain.add(kind, at, codes)
