"""What is odd about an order that is taken all the same: every oddity is said, none is corrected."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from orders.models import Order
from orders.services.rows import OrderRow

from .findings import Findings
from .profile import Source
from .reader import Record

STEPS = [
    ("placed_at", "paid_at", "paid_before_placed"),
    ("paid_at", "shipped_at", "shipped_before_paid"),
    ("shipped_at", "delivered_at", "delivered_before_shipped"),
]
TIME_OF_STATUS = {
    Order.Status.SHIPPED: "shipped_at",
    Order.Status.DELIVERED: "delivered_at",
    Order.Status.CANCELLED: "cancelled_at",
}


def note_oddities(record: Record, row: OrderRow, findings: Findings) -> None:
    """Report times out of order, missing times, and amounts that do not add up."""
    for code, text in [*_odd_times(row), *_odd_status(row), *_odd_amounts(row)]:
        findings.odd(record.file, record.line, code, text)


def note_reviews(records: Iterable[Record], source: Source, orders: Mapping[str, Record], findings: Findings) -> None:
    """Report orders with two reviews or none, repeated review ids, and reviews of unknown orders. Reviews are not imported."""
    seen_ids: dict[str, int] = {}
    lines_of: dict[str, list[int]] = defaultdict(list)
    for record in records:
        review, order = record.cells[source.key], record.cells[source.order]
        first = seen_ids.setdefault(review, record.line)
        if first != record.line:
            findings.odd(record.file, record.line, "repeated_review", _("The same review id as in line %(line)d.") % {"line": first})
        if order not in orders:
            findings.odd(record.file, record.line, "review_of_unknown_order", _("The order of this review is not in the files."))
        elif lines_of[order]:
            text = _("A second review of the order of line %(line)d.") % {"line": lines_of[order][0]}
            findings.odd(record.file, record.line, "second_review", text)
        lines_of[order].append(record.line)
    for order, record in orders.items():
        if order not in lines_of:
            findings.odd(record.file, record.line, "no_review", _("The order has no review."))


def _odd_times(row: OrderRow) -> list[tuple[str, str]]:
    pairs = [(code, row.values.get(first), row.values.get(second)) for first, second, code in STEPS]
    return [
        (code, _("%(later)s lies before %(earlier)s.") % {"later": f"{second:%Y-%m-%d %H:%M}", "earlier": f"{first:%Y-%m-%d %H:%M}"})
        for code, first, second in pairs
        if first and second and second < first
    ]


def _odd_status(row: OrderRow) -> list[tuple[str, str]]:
    status = row.values.get("status")
    name = TIME_OF_STATUS.get(status)
    found = []
    if name and not row.values.get(name):
        found.append((f"{status}_without_time", _("The state is %(status)s, but the time of it is missing.") % {"status": status}))
    if row.values.get("delivered_at") and not row.values.get("shipped_at"):
        found.append(("delivered_without_shipping", _("Delivered without a time of shipping.")))
    return found


def _odd_amounts(row: OrderRow) -> list[tuple[str, str]]:
    found = []
    if not row.lines:
        found.append(("no_lines", _("The order has no goods.")))
    if not row.payments:
        found.append(("no_payment", _("The order has no payment.")))
    paid, total = sum(payment.values["amount_fen"] for payment in row.payments), row.values["total_fen"]
    if row.lines and row.payments and paid != total:
        amounts = {"paid": paid, "total": total, "currency": row.values["currency"]}
        text = _("Paid %(paid)d, goods and freight %(total)d (minor units, %(currency)s).") % amounts
        found.append(("paid_differs", text))
    return found
