"""What a fold needs, read from the database: whole groups by a handful of queries, however many there are."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings as django_settings
from django.db.models import Q

from accounts.calendars import hours_of
from analytics.models import Arrival
from complaints.lifecycle import Status
from complaints.models import Complaint, Event
from orders.models import OrderEvent, OrderLine

from .deliveries import OrderGroup, goods_of
from .entries import Entry, Goods, Group, Kin, Settings
from .turns import HOUSE

COLUMNS = ("at", "complaint_id", "seq", "kind", "actor_id", "author_kind", "codes")
# How long after another complaint of the same matter can still be a sign that the first was not solved.
KIN_WITHIN = timedelta(days=120)


def house_settings() -> Settings:
    return Settings(zone=ZoneInfo(django_settings.TIME_ZONE))


def roots_of(complaint_ids: Collection[int]) -> set[int]:
    """The groups that these complaints are in, and themselves: what has been merged away has no facts of its own any more."""
    merged = Complaint.objects.filter(pk__in=complaint_ids, merged_into__isnull=False).values_list("merged_into_id", flat=True)
    return {*complaint_ids, *merged}


def kin_of(complaint_ids: Collection[int], *, customers: Collection[int] = (), orders: Collection[int] = ()) -> set[int]:
    """Earlier complaints of the same customers and orders, whose first contact may turn out not to have been enough.

    ``customers`` and ``orders`` are those that the complaints are no longer about.
    """
    rows = Complaint.objects.filter(pk__in=complaint_ids).values_list("customer_id", "order_id", "filed_at")
    customers = ({row[0] for row in rows} | set(customers)) - {None}
    orders = ({row[1] for row in rows} | set(orders)) - {None}
    if not (customers or orders):
        return set()
    since = min(row[2] for row in rows) - KIN_WITHIN
    near = Complaint.objects.filter(Q(customer__in=customers) | Q(order__in=orders), filed_at__gte=since)
    return set(near.values_list("pk", flat=True))


def about_orders(order_ids: Collection[int]) -> set[int]:
    """The complaints that are about these orders."""
    return set(Complaint.objects.filter(order__in=order_ids).values_list("pk", flat=True))


def read_groups(roots: Iterable[int]) -> list[Group]:
    """The groups of these surviving complaints. What is merged into another one is no group."""
    heads = {row["pk"]: row for row in Complaint.objects.filter(pk__in=list(roots), merged_into__isnull=True).values(*HEAD)}
    members: dict[int, list[int]] = defaultdict(list)
    for pk, root in Complaint.objects.filter(merged_into__in=list(heads)).order_by("pk").values_list("pk", "merged_into_id"):
        members[root].append(pk)
    entries = _entries(heads, members)
    goods = read_goods({order for group in entries.values() for order in _orders(group)})
    skus = _skus(entries.values())
    kin = _kin(heads)
    return [
        Group(
            root=root,
            entries=tuple(sorted(entries[root], key=lambda each: each[:3])),
            members=tuple(members[root]),
            goods={order: goods[order] for order in _orders(entries[root]) if order in goods},
            skus={line: skus[line] for line in _lines(entries[root]) if line in skus},
            kin=kin[root],
            hours={number: hours_of(number) for number in _calendars(entries[root])},
        )
        for root in heads
    ]


HEAD = ("pk", "customer_id", "order_id", "category__code", "filed_at")


def _entries(heads: Collection[int], members: dict[int, list[int]]) -> dict[int, list[Entry]]:
    root_of = {pk: pk for pk in heads} | {pk: root for root, pks in members.items() for pk in pks}
    found: dict[int, list[Entry]] = {root: [] for root in heads}
    for row in Event.objects.filter(complaint__in=list(root_of)).values_list(*COLUMNS).iterator(chunk_size=5000):
        found[root_of[row[1]]].append(Entry(*row))
    return found


def read_goods(order_ids: Collection[int]) -> dict[int, Goods]:
    return {order: goods_of(entries) for order, entries in _order_entries(order_ids).items()}


def read_orders(order_ids: Collection[int], *, source: int = HOUSE) -> list[OrderGroup]:
    """Orders with their events and the arrivals that are about them."""
    entries = _order_entries(order_ids)
    arrivals: dict[int, list[Arrival]] = defaultdict(list)
    for each in Arrival.objects.filter(source=source, order_id__in=list(order_ids)).order_by("root_id", "ordinal"):
        arrivals[each.order_id].append(each)
    return [OrderGroup(order, tuple(entries.get(order, ())), tuple(arrivals[order])) for order in order_ids]


def _order_entries(order_ids: Collection[int]) -> dict[int, list[Entry]]:
    found: dict[int, list[Entry]] = defaultdict(list)
    if order_ids:
        columns = ("at", "order_id", *COLUMNS[2:])
        rows = OrderEvent.objects.filter(order__in=list(order_ids)).order_by("at", "order_id", "seq").values_list(*columns)
        for row in rows.iterator(chunk_size=5000):
            found[row[1]].append(Entry(*row))
    return found


def _kin(heads: dict[int, dict[str, Any]]) -> dict[int, tuple[Kin, ...]]:
    """For each complaint the later ones of the same customer or order and the same root of category."""
    by_customer: dict[Any, list[dict]] = defaultdict(list)
    wanted = kin_of(list(heads))
    living = Complaint.objects.filter(pk__in=wanted, merged_into__isnull=True).exclude(status=Status.SPAM)
    for row in living.values(*HEAD):
        for key in _keys(row):
            by_customer[key].append(row)
    return {root: _later(row, by_customer) for root, row in heads.items()}


def _keys(row: dict[str, Any]) -> list[tuple[str, int, str]]:
    root = row["category__code"].split(".")[0]
    return [(name, row[name], root) for name in ("customer_id", "order_id") if row[name] is not None]


def _later(row: dict[str, Any], known: dict[Any, list[dict]]) -> tuple[Kin, ...]:
    own = (row["filed_at"], row["pk"])
    found = {Kin(each["filed_at"], each["pk"]) for key in _keys(row) for each in known[key]}
    return tuple(sorted(each for each in found if own < each and each.at - own[0] <= KIN_WITHIN))


def _orders(entries: Iterable[Entry]) -> set[int]:
    return {each.codes["order"] for each in entries if each.kind in ("complaint.filed", "order.bound") and each.codes.get("order")}


def _lines(entries: Iterable[Entry]) -> set[int]:
    return {line for each in entries if each.kind == "complaint.filed" for line in each.codes.get("lines") or ()}


def _skus(groups: Iterable[Iterable[Entry]]) -> dict[int, str]:
    lines = {line for entries in groups for line in _lines(entries)}
    return dict(OrderLine.objects.filter(pk__in=lines).values_list("pk", "sku")) if lines else {}


def _calendars(entries: Iterable[Entry]) -> set[int]:
    return {each.codes["calendar"] for each in entries if each.kind == "clock.started" and each.codes.get("calendar")}
