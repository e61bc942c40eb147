"""What the demo gateway knows of payments and refunds: a fold of its ledger, and the rules by which facts are added to it."""

import heapq
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from threading import RLock
from typing import Any
from zoneinfo import ZoneInfo

from .clock import Clock
from .faults import OK, Fault
from .ledger import Fact, Ledger

ABSENT, PROCESSING, PAID, DECLINED, BOUNCED = "absent", "processing", "paid", "declined", "bounced"
HOLDS_MONEY = {PROCESSING, PAID}  # what a payment cannot give back a second time
IS_DECIDED = {PROCESSING, PAID, BOUNCED}  # the same key again changes nothing
REJECTED, NOT_ENOUGH, TOTAL_DIFFERS, CURRENCY_DIFFERS = "REJECTED", "NOT_ENOUGH", "TOTAL_DIFFERS", "CURRENCY_DIFFERS"
BILLED = {PAID, BOUNCED}
BUSINESS_ZONE = ZoneInfo("Asia/Shanghai")


class BadOrderError(ValueError):
    """A refund that cannot be read. Nothing is recorded."""


class KeyReusedError(Exception):
    """The key stands for another refund already. Nothing is recorded."""


class NotBouncedError(Exception):
    """Only a bounced refund can be paid again."""


@dataclass(frozen=True)
class Order:
    """One refund as it was asked for. Its key stands for exactly this, for ever; amounts are in the smallest unit of the currency."""

    out_refund_no: str
    transaction_id: str
    amount_minor: int
    currency: str

    @classmethod
    def read(cls, source: Any) -> tuple["Order", int]:
        """The order and the total that its payment is said to have had."""
        if not isinstance(source, dict):
            raise BadOrderError("an object is needed")
        words = [source.get(name) for name in ("out_refund_no", "transaction_id", "currency")]
        amount, total = source.get("amount_minor"), source.get("total_minor")
        if not all(isinstance(word, str) and 0 < len(word) <= 64 for word in words):
            raise BadOrderError("out_refund_no, transaction_id, currency: 1 to 64 characters")
        if type(amount) is not int or type(total) is not int or not 0 < amount <= total:
            raise BadOrderError("amount_minor, total_minor: integers, 0 < amount <= total")
        return cls(words[0], words[1], amount, words[2]), total


@dataclass
class Refund:
    """The present state of one key. ``queries_left`` more queries say processing before it is paid; a restart counts them anew."""

    order: Order
    status: str = ABSENT
    code: str = ""
    queries_left: int = 0
    has_landed: bool = False
    has_bounced: bool = False

    def as_answer(self) -> dict[str, Any]:
        return {**asdict(self.order), "status": self.status, "code": self.code}


class Book:
    """Every payment and refund of a ledger. Each change is a fact in the ledger first; ``announce`` hears of each one that is visible.

    All methods may be called from any thread; one lock makes every decision and its fact one step.
    """

    def __init__(self, ledger: Ledger, clock: Clock, announce: Callable[[Fact], None] = lambda fact: None):
        self._ledger, self._clock, self._announce = ledger, clock, announce
        self._lock = RLock()
        self._refunds: dict[str, Refund] = {}
        self._payments: dict[str, tuple[int, str]] = {}
        self._held: Counter[str] = Counter()
        self._pending: list[tuple[str, str, str]] = []
        for fact in ledger.facts:
            self._apply(fact)

    def require_same(self, order: Order) -> None:
        """Raise ``KeyReusedError`` when the key stands for another refund."""
        known = self._refunds.get(order.out_refund_no)
        if known and known.order != order:
            raise KeyReusedError(order.out_refund_no)

    def submit(self, order: Order, total_minor: int, fault: Fault = OK) -> Refund:
        """Decide about a refund once; the same key again is only told what became of it, unless it was declined or is unknown."""
        with self._lock:
            self.require_same(order)
            refund = self._refunds.get(order.out_refund_no) or Refund(order)
            if refund.status in IS_DECIDED:
                return refund
            if order.transaction_id not in self._payments:
                self._record("payment", transaction_id=order.transaction_id, total_minor=total_minor, currency=order.currency)
            code = self._why_not(order, total_minor) or (REJECTED if fault.name == "reject" else "")
            return self._decline(refund, code) if code else self._accept(refund, fault)

    def query(self, out_refund_no: str) -> Refund | None:
        """What became of a refund; None = nothing is known of it. One that is under way comes a query closer to being paid."""
        with self._lock:
            refund = self._refunds.get(out_refund_no)
            if refund and refund.status == PROCESSING:
                if refund.queries_left == 0:
                    return self._record_refund(PAID, refund)
                refund.queries_left -= 1
            return refund if refund and refund.status != ABSENT else None

    def pay_again(self, out_refund_no: str) -> Refund | None:
        """Pay a bounced refund under its own key. One that is paid stays so. Raises ``NotBouncedError`` for any other."""
        with self._lock:
            refund = self._refunds.get(out_refund_no)
            if refund is None or refund.status == ABSENT:
                return None
            if refund.status not in BILLED:
                raise NotBouncedError(refund.status)
            if refund.status == BOUNCED:
                return self._record_refund(PAID, refund) if self._room(refund.order) else self._decline(refund, NOT_ENOUGH)
            return refund

    def settle_due(self) -> None:
        """Let everything land and bounce whose time has come."""
        with self._lock:
            while self._pending and self._pending[0][0] <= moment(self._clock.now()):
                _, out_refund_no, kind = self._pending[0]
                refund = self._refunds[out_refund_no]
                if kind == "lands" and not refund.has_landed and refund.status not in IS_DECIDED:
                    self._land(refund)
                if kind == "bounces" and not refund.has_bounced and refund.status == PAID:
                    self._record_refund(BOUNCED, refund)
                heapq.heappop(self._pending)

    def facts_after(self, seq: int, *, limit: int) -> list[Fact]:
        return self._ledger.facts[seq : seq + limit]

    def bill(self, day: date) -> Iterator[dict[str, Any]]:
        """What was paid and what bounced on one day in Shanghai, in the order it happened."""
        for fact in list(self._ledger.facts):
            if fact["kind"] in BILLED and datetime.fromisoformat(fact["at"]).astimezone(BUSINESS_ZONE).date() == day:
                yield {name: fact[name] for name in ("out_refund_no", "transaction_id", "amount_minor", "currency", "at", "kind")}

    def _why_not(self, order: Order, total_minor: int) -> str:
        total, currency = self._payments[order.transaction_id]
        if currency != order.currency:
            return CURRENCY_DIFFERS
        if total != total_minor:
            return TOTAL_DIFFERS
        return "" if self._room(order) else NOT_ENOUGH

    def _room(self, order: Order) -> bool:
        return self._held[order.transaction_id] + order.amount_minor <= self._payments[order.transaction_id][0]

    def _accept(self, refund: Refund, fault: Fault) -> Refund:
        if fault.name == "absent_then_lands":
            return self._record_refund("taken", refund, lands_at=self._later(fault.number))
        if fault.name == "processing":
            return self._record_refund(PROCESSING, refund, queries=fault.number)
        if fault.name == "bounce":
            return self._record_refund(PAID, refund, bounces_at=self._later(fault.number))
        return self._record_refund(PAID, refund)

    def _decline(self, refund: Refund, code: str) -> Refund:
        if (refund.status, refund.code) == (DECLINED, code):
            return refund
        return self._record_refund(DECLINED, refund, code=code)

    def _land(self, refund: Refund) -> None:
        """The request of long ago arrives, even where a later one under the same key was declined meanwhile."""
        if self._room(refund.order):
            self._record_refund(PAID, refund, has_landed=True)
        else:
            self._record_refund(DECLINED, refund, code=NOT_ENOUGH, has_landed=True)

    def _later(self, seconds: int) -> str:
        return moment(self._clock.now() + timedelta(seconds=seconds))

    def _record_refund(self, kind: str, refund: Refund, **more: Any) -> Refund:
        fact = self._record(kind, **asdict(refund.order), **more)
        if kind != "taken":
            self._announce(fact)
        return self._refunds[refund.order.out_refund_no]

    def _record(self, kind: str, **more: Any) -> Fact:
        fact = self._ledger.append(kind=kind, at=moment(self._clock.now()), **more)
        self._apply(fact)
        return fact

    def _apply(self, fact: Fact) -> None:
        """The fold: the same facts always make the same book."""
        if fact["kind"] == "payment":
            self._payments[fact["transaction_id"]] = (fact["total_minor"], fact["currency"])
            return
        order = Order(fact["out_refund_no"], fact["transaction_id"], fact["amount_minor"], fact["currency"])
        refund = self._refunds.setdefault(order.out_refund_no, Refund(order))
        for kind in ("lands", "bounces"):
            if f"{kind}_at" in fact:
                heapq.heappush(self._pending, (fact[f"{kind}_at"], order.out_refund_no, kind))
        if fact["kind"] != "taken":
            self._change(refund, fact)

    def _change(self, refund: Refund, fact: Fact) -> None:
        held_before = refund.status in HOLDS_MONEY
        refund.status, refund.code, refund.queries_left = fact["kind"], fact.get("code", ""), fact.get("queries", 0)
        refund.has_landed |= fact.get("has_landed", False)
        refund.has_bounced |= refund.status == BOUNCED
        self._held[refund.order.transaction_id] += ((refund.status in HOLDS_MONEY) - held_before) * refund.order.amount_minor


def moment(at: datetime) -> str:
    """UTC to the microsecond, always of the same length, so that moments sort as text."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
