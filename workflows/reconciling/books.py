"""Our side of a day: what the facts about refunds say was paid back through one provider, and which payments are known."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Q

from workflows.models import PaymentBalance, Refund, RefundEvent, Statement, StatementLine
from workflows.reconciling.listed import day_of, span_of

BEFORE, AFTER = timedelta(days=1), timedelta(days=31)


@dataclass(frozen=True)
class Booking:
    """One fact that moved money: paid back, or, negative, come back."""

    refund_id: int
    amount_fen: int
    day: date
    at: object


@dataclass
class Books:
    """What our side knows that bears on one statement. ``nets`` has the sum of each refund on each day."""

    day: date
    refunds: dict[int, Refund] = field(default_factory=dict)
    bookings: list[Booking] = field(default_factory=list)
    balances: dict[str, PaymentBalance] = field(default_factory=dict)
    beside: dict[int, list[Refund]] = field(default_factory=dict)
    elsewhere: dict[int, list[StatementLine]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.by_key = {refund.out_refund_no: refund for refund in self.refunds.values()}
        self.nets: dict[int, dict[date, int]] = defaultdict(lambda: defaultdict(int))
        for booking in self.bookings:
            self.nets[booking.refund_id][booking.day] += booking.amount_fen

    def net(self, refund_id: int, day: date | None = None) -> int:
        return self.nets[refund_id][day or self.day]

    @property
    def booked(self) -> list[int]:
        """Refunds whose money moved on this day."""
        return [refund_id for refund_id, days in self.nets.items() if days.get(self.day)]

    def moment_of(self, refund_id: int):
        return max(each.at for each in self.bookings if (each.refund_id, each.day) == (refund_id, self.day))


def read_books(statement: Statement, lines: Collection[StatementLine]) -> Books:
    """Everything that the lines of a statement are compared with, in six queries."""
    keys = {line.out_refund_no for line in lines if line.out_refund_no}
    facts = _facts(statement, keys)
    ids = {fact.refund_id for fact in facts}
    refunds = Refund.objects.filter(Q(pk__in=ids) | Q(out_refund_no__in=keys), gateway=statement.gateway).select_related("balance__payment")
    known = {refund.pk: refund for refund in refunds}
    balances = _balances({line.payment_ref for line in lines if line.payment_ref})
    return Books(
        day=statement.day,
        refunds=known,
        bookings=[Booking(fact.refund_id, fact.refunded_fen, day_of(fact.at), fact.at) for fact in facts],
        balances=balances,
        beside=_beside(balances.values()),
        elsewhere=_elsewhere(statement, known),
    )


def _facts(statement: Statement, keys: set[str]) -> list[RefundEvent]:
    """Bookings of the day up to when the statement was made, and of the days around it for the refunds that it names."""
    start, end = span_of(statement.day)
    moved = RefundEvent.objects.filter(refund__gateway=statement.gateway).exclude(refunded_fen=0)
    of_day = Q(at__gte=start, at__lt=min(end, statement.seen_at) if statement.seen_at > start else end)
    around = Q(at__gte=start - BEFORE, at__lt=end + AFTER, refund__out_refund_no__in=keys)
    return list(moved.filter(of_day | around).order_by("at", "pk").only("refund_id", "refunded_fen", "at"))


def _balances(refs: set[str]) -> dict[str, PaymentBalance]:
    """Payments by the provider's number; one that two orders share tells nothing."""
    found: dict[str, PaymentBalance | None] = {}
    for balance in PaymentBalance.objects.filter(payment__external_id__in=refs).select_related("payment"):
        ref = balance.payment.external_id
        found[ref] = None if ref in found else balance
    return {ref: balance for ref, balance in found.items() if balance}


def _beside(balances: Iterable[PaymentBalance]) -> dict[int, list[Refund]]:
    """The refunds of each of these payments."""
    found: dict[int, list[Refund]] = defaultdict(list)
    for refund in Refund.objects.filter(balance__in=list(balances)).order_by("pk"):
        found[refund.balance_id].append(refund)
    return found


def _elsewhere(statement: Statement, refunds: Iterable[int]) -> dict[int, list[StatementLine]]:
    """What other statements of this provider, not long before and after, say of these refunds."""
    found: dict[int, list[StatementLine]] = defaultdict(list)
    days = (statement.day - AFTER, statement.day + AFTER)
    others = StatementLine.objects.filter(refund__in=list(refunds), statement__gateway=statement.gateway, statement__day__range=days)
    for line in others.exclude(statement=statement).exclude(position=None).select_related("statement"):
        found[line.refund_id].append(line)
    return found
