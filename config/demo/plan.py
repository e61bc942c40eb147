"""What every part of the generator needs to know, small enough to be handed to another process."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from complaints.models import AssignmentRequest, Complaint, Contact, Decision, Event, FilingConsent, Message, Outbox, Survey
from orders.models import Customer, Order, OrderEvent, OrderLine, Payment, Shipment, ShipmentEvent

from .chain import check_columns
from .copying import Table
from .rhythm import Rhythm
from .seasons import Seasons

MODELS = (
    Customer, Order, OrderLine, Payment, Shipment, ShipmentEvent, OrderEvent, Complaint, Contact, Message, Event, Survey, Decision,
    AssignmentRequest, Outbox, FilingConsent,
)  # fmt: skip
CHUNK = 2_500
LEAN_FROM = 20_000
CUSTOMERS_PER_ORDER = 0.6
# What the newest complaints, today's work, are spread over.
RECENT_DAYS = 3


@dataclass(frozen=True)
class Topic:
    """A category as complaints of it need it."""

    id: int
    code: str
    form_id: int
    form_version: int
    team_id: int
    priority: int
    promise_hours: int
    asks_lines: bool
    fields: list[dict[str, Any]]


@dataclass(frozen=True)
class Plan:
    """How much of everything, from which chance, at which moment, around which rows that exist already."""

    seed: int
    orders: int
    complaints: int
    now: datetime
    days: int
    merchant_id: int
    carriers: dict[str, int]
    warehouses: list[int]
    topics: dict[str, Topic]
    agents: dict[int, list[int]]
    names: dict[int, str]
    base: dict[str, int]
    sends_mail: bool = True
    is_lean: bool = False

    @property
    def customers(self) -> int:
        return max(1, round(self.orders * CUSTOMERS_PER_ORDER))

    @cached_property
    def seasons(self) -> Seasons:
        return Seasons(self.now, self.days)

    @cached_property
    def rhythm(self) -> Rhythm:
        return Rhythm(self.now - timedelta(days=RECENT_DAYS), self.days - RECENT_DAYS)

    def age_of(self, at: datetime) -> float:
        """Which share of the shop's time has passed since this moment: 1 at its beginning, 0 at present."""
        return min(1.0, max(0.0, (self.now - at) / timedelta(days=self.days)))

    def order_id(self, number: int) -> int:
        return self.base["orders_order"] + number + 1

    def customer_id(self, number: int) -> int:
        return self.base["orders_customer"] + number + 1

    def complaint_id(self, number: int) -> int:
        return self.base["complaints_complaint"] + number + 1

    def complaints_of(self, order: int) -> range:
        """The numbers of the complaints about one order: they are spread evenly over the orders."""
        return range(-(-order * self.complaints // self.orders), -(-(order + 1) * self.complaints // self.orders))

    def order_of(self, complaint: int) -> int:
        return complaint * self.orders // self.complaints


@dataclass
class Tables:
    """The tables that rows are collected for."""

    tables: dict[type, Table] = field(default_factory=lambda: {model: Table(model) for model in MODELS})

    def __post_init__(self) -> None:
        for model in (OrderEvent, Event):
            check_columns(self.tables[model])

    def __getitem__(self, model: type) -> Table:
        return self.tables[model]

    def flush(self) -> None:
        for table in self.tables.values():
            table.flush()
