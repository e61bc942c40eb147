"""Complaints about the same thing that are still being worked on, so that nobody has to tell it twice."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache, reduce
from operator import or_

from django.db.models import Q
from django.utils import timezone

from complaints.access import live_links
from complaints.lifecycle import LIVE, Status
from complaints.models import Category, Complaint
from foundation.prepared import Prepared, Value

RECENT = timedelta(days=14)
MOST_SHOWN = 3


@dataclass(frozen=True)
class Twin:
    """A complaint that may be the same. ``is_shown`` only when the visitor has proven to own it or its order."""

    pk: int
    number: str
    is_shown: bool


def find_twins(category: Category, *, root_ids: list[int], order_id: int | None, phone_index: str, link_ids: list[int]) -> list[Twin]:
    """Live or just resolved complaints of the same group (``root_ids``: its categories) about the same order, from the same phone,
    or opened in this browser.

    Ranked: same order first, then the same category, then the newest. One query, one more for links, or none when there is nothing
    to go by. The opened ones are read apart: a subquery among the alternatives would keep the others from their indexes.
    """
    opened = set(live_links().filter(pk__in=link_ids).values_list("complaint_id", flat=True)) if link_ids else set()
    ways = {"order": order_id, "phone": phone_index, "opened": list(opened)}
    known = {name: value for name, value in ways.items() if value}
    if not known:
        return []
    found = _alike(frozenset(known)).all(**known, roots=root_ids, since=timezone.now() - RECENT)
    found.sort(key=lambda row: (order_id is None or row[2] != order_id, row[3] != category.pk))
    return [Twin(pk, number, _is_shown(pk, its_order, order_id, opened)) for pk, number, its_order, _category in found[:MOST_SHOWN]]


WAYS = {
    "order": Q(order=Value("order")),
    "phone": Q(contact_phone_index=Value("phone")) & ~Q(contact_phone_index=""),  # the second part is the index's own
    "opened": Q(pk__any=Value("opened")),
}
IS_RECENT = Q(status__in=LIVE) | Q(status__in=[Status.RESOLVED, Status.CLOSED], resolved_at__gte=Value("since"))


@cache
def _alike(ways: frozenset[str]) -> Prepared:
    """Complaints that are alike in one of these ways."""
    same = reduce(or_, (WAYS[way] for way in sorted(ways)))
    rows = Complaint.objects.filter(same, IS_RECENT, category__any=Value("roots")).order_by("-filed_at")
    return Prepared(lambda: rows.values_list("pk", "number", "order_id", "category_id")[:20])


def _is_shown(pk: int, its_order: int | None, order_id: int | None, opened: set[int]) -> bool:
    return pk in opened or (order_id is not None and its_order == order_id)
