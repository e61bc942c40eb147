"""What each unit of an order was paid, and what each of its payments can still give back: made once, then the house's own.

The shop's own changes of an order are followed as long as nothing of it is claimed, held or paid back; afterwards a difference is an
anomaly for finance, and no counter moves. Amounts are fen. Source: returns.md 1, 4.2, M10, M11.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from foundation.events import canonical_json
from orders.models import Order, OrderLine, Payment
from workflows.models import Anomaly, CaseUnit, PaymentBalance, RefundableUnit
from workflows.money.apportion import Line, paid_per_line, unit_amounts

Key = tuple[int | None, int]
FREIGHT: Key = (None, 1)
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('workflows.units:' || %s, 0))"


@dataclass(frozen=True)
class Bought:
    """One line of an order. ``paid_fen`` 0: the shop did not say, so the price counts."""

    key: int
    quantity: int
    unit_fen: int
    paid_fen: int

    def as_line(self) -> Line:
        gross = max(self.unit_fen * self.quantity, self.paid_fen)
        return Line(gross, gross - self.paid_fen if self.paid_fen else 0)


@dataclass(frozen=True)
class Worth:
    """What an order says now: what each unit is worth, by line and position, and what came in by each payment, by its id."""

    units: Mapping[Key, int]
    payments: Mapping[int, int]

    def agrees(self, units: Iterable[RefundableUnit], balances: Iterable[PaymentBalance]) -> bool:
        """Rows that the order no longer knows agree when they are worth nothing."""
        return _known(self.units, _by_key(units)) == self.units and _known(self.payments, _by_payment(balances)) == self.payments

    @property
    def digest(self) -> str:
        units = sorted([line or 0, at, fen] for (line, at), fen in self.units.items())
        return hashlib.sha256(canonical_json([units, sorted(map(list, self.payments.items()))])).hexdigest()


@transaction.atomic
def units_of(order: Order) -> list[RefundableUnit]:
    """The units of an order, in the order of its lines, the freight last; made on the first call with a balance for every payment.

    Safe to call at any time and from several places at once. Where the order no longer agrees with what was made of it, everything
    follows that nobody counts on yet; otherwise one ``Anomaly`` is opened for each such state and the payments are frozen.
    """
    units = _units(order)
    if not worth_of(order).agrees(units, _balances(order)):
        units = _bring_in_line(order)
    return sorted(units, key=lambda unit: (unit.line_id is None, unit.line_id or 0, unit.position))


def open_balances(external_ids: Collection[str]) -> None:
    """Count these payments, by the provider's numbers, where nobody has yet: only a payment with a balance can be frozen."""
    for order in Order.objects.filter(payments__external_id__in=external_ids, payments__balance=None).order_by("pk").distinct():
        units_of(order)


def worth_of(order: Order) -> Worth:
    """What the units of an order should be worth as it stands now. Reads, and writes nothing."""
    captured = Payment.objects.filter(order=order, status=Payment.Status.CAPTURED, currency=order.currency)
    payments = dict(captured.values_list("pk", "amount_fen"))
    lines = OrderLine.objects.filter(order=order).order_by("pk").values_list("pk", "quantity", "unit_fen", "paid_fen")
    received = sum(payments.values()) if payments else (order.total_fen or None)
    return Worth(split_order([Bought(*line) for line in lines], freight_fen=order.freight_fen, received_fen=received), payments)


def split_order(lines: Sequence[Bought], *, freight_fen: int = 0, received_fen: int | None = None) -> dict[Key, int]:
    """Share what was paid over the units: first each line's own discount, then what the order as a whole was cheaper.

    ``received_fen`` None: as much as lines and freight ask for. Lines that alone make up what was received were sent free of freight.
    Nobody gets more for a unit than its line says.
    """
    own = [line.as_line() for line in lines]
    goods = sum(paid_per_line(own))
    received = goods + freight_fen if received_fen is None else received_fen
    freight = 0 if received == goods else min(freight_fen, received)
    totals = paid_per_line(own, [max(0, goods + freight - received)])
    worth: dict[Key, int] = {}
    for line, total in zip(lines, totals, strict=True):
        worth |= {(line.key, at): amount for at, amount in enumerate(unit_amounts(total, units=line.quantity), start=1)}
    return worth | ({FREIGHT: freight} if freight else {})


def _bring_in_line(order: Order) -> list[RefundableUnit]:
    """Under a lock of the order's own: what is read here is what is written. Balances are locked before units."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [str(order.pk)])
    order = Order.objects.get(pk=order.pk)
    worth = worth_of(order)
    _add_missing_balances(order, worth)
    balances = list(_balances(order).select_for_update(of=("self",)))
    units = list(_units(order).select_for_update(of=("self",)))
    if not _is_in_use(balances, units):
        _follow(order, units, worth)
        _follow_payments(balances, worth)
    elif not worth.agrees(units, balances):
        _open_anomaly(order, balances, worth)
    return list(_units(order))


def _units(order: Order) -> QuerySet[RefundableUnit]:
    """Without replacements, which are worth what they replace."""
    return RefundableUnit.objects.filter(order=order, replaces__isnull=True).order_by("pk")


def _balances(order: Order) -> QuerySet[PaymentBalance]:
    return PaymentBalance.objects.filter(payment__order=order).order_by("pk")


def _is_in_use(balances: Iterable[PaymentBalance], units: Iterable[RefundableUnit]) -> bool:
    """Whether somebody counts on these amounts: an open case, a hold, or money that went back."""
    return any(row.held_fen or row.refunded_fen or row.external_fen for row in balances) or any(
        row.held_fen or row.refunded_fen or row.reserved_by_id for row in units
    )


def _add_missing_balances(order: Order, worth: Worth) -> None:
    rows = [PaymentBalance(payment_id=pk, currency=order.currency, captured_fen=fen) for pk, fen in sorted(worth.payments.items())]
    PaymentBalance.objects.bulk_create(rows, ignore_conflicts=True)


def _follow(order: Order, units: Iterable[RefundableUnit], worth: Worth) -> None:
    """Make the units as the order now says. A unit that is gone stays, worth nothing, where a case names it."""
    stored = {(unit.line_id, unit.position): unit for unit in units}
    gone = {unit.pk for key, unit in stored.items() if key not in worth.units}
    named = set(CaseUnit.objects.filter(unit__in=gone).values_list("unit_id", flat=True))
    RefundableUnit.objects.filter(pk__in=gone - named).delete()
    changed = [unit for key, unit in stored.items() if unit.pk not in gone - named and unit.entitled_fen != worth.units.get(key, 0)]
    for unit in changed:
        unit.entitled_fen = worth.units.get((unit.line_id, unit.position), 0)
    RefundableUnit.objects.bulk_update(changed, ["entitled_fen"])
    new = [(key, fen) for key, fen in worth.units.items() if key not in stored]
    rows = [RefundableUnit(order=order, line_id=line, position=at, entitled_fen=fen) for (line, at), fen in new]
    RefundableUnit.objects.bulk_create(rows, ignore_conflicts=True)


def _follow_payments(balances: Iterable[PaymentBalance], worth: Worth) -> None:
    changed = [row for row in balances if row.captured_fen != worth.payments.get(row.payment_id, 0)]
    for row in changed:
        row.captured_fen = worth.payments.get(row.payment_id, 0)
    PaymentBalance.objects.bulk_update(changed, ["captured_fen"])


def _open_anomaly(order: Order, balances: Sequence[PaymentBalance], worth: Worth) -> None:
    """Once for each state of the order: what finance has looked at and let go stays let go."""
    kind, codes = Anomaly.Kind.ORDER_CHANGED, {"order": order.pk, "seen": worth.digest}
    if Anomaly.objects.filter(kind=kind, codes=codes).exists():
        return
    Anomaly.objects.create(kind=kind, codes=codes, balance=balances[0] if balances else None)
    frozen = PaymentBalance.objects.filter(pk__in=[row.pk for row in balances], frozen_at__isnull=True)
    frozen.update(frozen_at=timezone.now(), frozen_why=kind)


def _by_key(units: Iterable[RefundableUnit]) -> dict[Key, int]:
    return {(unit.line_id, unit.position): unit.entitled_fen for unit in units}


def _by_payment(balances: Iterable[PaymentBalance]) -> dict[int, int]:
    return {row.payment_id: row.captured_fen for row in balances}


def _known(wanted: Mapping, stored: Mapping) -> dict:
    return {key: fen for key, fen in stored.items() if fen or key in wanted}
