"""What every payment gateway can be asked about refunds, and the rules that hold for all of them.

The public methods check, bound and classify; an adapter writes the calls themselves in ``_submit``, ``_query`` and their siblings.
An adapter touches no database: its calls run in a thread of their own, which is left behind when the time is over.
"""

import logging
import queue
import re
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from django.db import connections
from django.utils import timezone

logger = logging.getLogger(__name__)

RAW_BYTES = 4096
FRESH_FOR = timedelta(minutes=5)
REFUND_NO = re.compile(r"[0-9A-Za-z_\-|*@]{1,64}")
CURRENCY = re.compile(r"[A-Z]{3}")


class Kind(StrEnum):
    """What an answer of a gateway means for the refund it was asked about."""

    PAID = "paid"  # the money left
    PROCESSING = "processing"  # accepted, which is not paid
    DECLINED = "declined"  # refused with a code that is known to be definite
    BOUNCED = "bounced"  # the money came back, or cannot arrive
    ABSENT = "absent"  # the gateway knows no such refund
    AMBIGUOUS = "ambiguous"  # anything else: ask again before anything is sent


class InvalidSignatureError(Exception):
    """A notification that is forged, stale or unreadable. Nothing in it may be believed."""


class InsideTransactionError(RuntimeError):
    """A gateway was called while a transaction was open. What the call did could then be rolled back out of memory."""


@dataclass(frozen=True)
class RefundRequest:
    """One refund to send. ``out_refund_no`` is its key for ever; amounts are integers in the smallest unit of the currency."""

    out_refund_no: str
    transaction_id: str
    amount_minor: int
    total_minor: int
    currency: str
    reason: str = ""

    def __post_init__(self) -> None:
        if not REFUND_NO.fullmatch(self.out_refund_no):
            raise ValueError("out_refund_no: 1 to 64 letters, digits or _-|*@")
        if not self.transaction_id:
            raise ValueError("transaction_id: the payment to refund is missing")
        if type(self.amount_minor) is not int or type(self.total_minor) is not int or not 0 < self.amount_minor <= self.total_minor:
            raise ValueError("amount_minor, total_minor: integers, 0 < amount <= total")
        if not CURRENCY.fullmatch(self.currency):
            raise ValueError("currency: three capital letters")


@dataclass(frozen=True)
class Payee:
    """Where a bounced refund goes instead. ``kind`` is a word of the gateway; account and name never reach a log."""

    kind: str = ""
    bank_code: str = ""
    account: str = field(default="", repr=False)
    name: str = field(default="", repr=False)


@dataclass(frozen=True)
class Answer:
    """What a gateway said. ``authenticated``: the reply is proven to come from the gateway. ``raw`` is cut at 4 KB."""

    kind: Kind
    amount_minor: int | None = None
    currency: str = ""
    code: str = ""
    authenticated: bool = False
    raw: str = ""

    def __post_init__(self) -> None:
        if type(self.amount_minor) not in (int, type(None)):
            raise TypeError("amount_minor: an integer")
        # PostgreSQL stores no NUL in text.
        object.__setattr__(self, "raw", cut_text(self.raw.replace("\x00", "")))

    def pays(self, request: RefundRequest) -> bool:
        """True when exactly the money asked for was paid. A payment of anything else is a case for a person."""
        return self.kind is Kind.PAID and (self.amount_minor, self.currency) == (request.amount_minor, request.currency)


@dataclass(frozen=True)
class Capabilities:
    """The limits of a gateway; None = unlimited.

    ``key_ttl``: how long the same key stays the same refund. ``min_query_delay``: how long after sending "absent" means nothing.
    ``settle_horizon``: how long after sending a refund may still land.
    ``max_age``: of the payment. ``min_gap``: between refunds of one payment.
    """

    key_ttl: timedelta | None
    min_query_delay: timedelta | None
    settle_horizon: timedelta | None
    max_age: timedelta | None
    min_gap: timedelta | None
    max_partials: int | None
    can_retry_bounced: bool


@dataclass(frozen=True)
class Notification:
    """A verified notice. It only says whom to ask about; an empty ``out_refund_no`` says the notice concerns no refund of ours."""

    notify_id: str
    out_refund_no: str
    at: datetime
    raw: bytes


@dataclass(frozen=True)
class BillLine:
    """One refund in the daily statement of a gateway. ``kind`` is the gateway's word for its state.

    ``payment_ref`` is its number for the payment, by which a refund that our books do not know finds its payment.
    """

    out_refund_no: str
    amount_minor: int
    currency: str
    at: datetime
    kind: str
    payment_ref: str = ""


class RefundGateway(ABC):
    """One payment gateway. Public calls refuse to run in a transaction, end after ``time_limit`` and never raise what the network did.

    The constructor takes keyword arguments only, all of them strings: the keys that ``gateway_for`` reads from the environment.
    """

    code: ClassVar[str]
    capabilities: ClassVar[Capabilities]
    time_limit: ClassVar[timedelta] = timedelta(seconds=30)
    connect_seconds: ClassVar[float] = 5
    read_seconds: ClassVar[float] = 20

    def submit(self, request: RefundRequest) -> Answer:
        """Send a refund, or send it again under the same key."""
        return self._ask(lambda: self._submit(request))

    def query(self, request: RefundRequest) -> Answer:
        """Ask what became of a refund."""
        return self._ask(lambda: self._query(request))

    def retry_bounced(self, request: RefundRequest, payee: Payee) -> Answer:
        """Pay a bounced refund again under its own key, to another account."""
        if not self.capabilities.can_retry_bounced:
            raise NotImplementedError(f"{self.code} cannot pay a bounced refund again")
        return self._ask(lambda: self._retry_bounced(request, payee))

    def parse_notification(self, headers: Mapping[str, str], raw: bytes) -> Notification:
        """Verify a notice over its raw bytes. Whatever cannot be verified and read raises ``InvalidSignatureError``."""
        lowered = {name.lower(): value for name, value in headers.items()}
        try:
            return self._parse_notification(lowered, raw)
        except InvalidSignatureError:
            raise
        except Exception as error:
            raise InvalidSignatureError(type(error).__name__) from None

    def bill_lines(self, day: date) -> Iterator[BillLine]:
        """The refunds of one day as the gateway has them. Errors are raised: half a bill must not pass for a whole one."""
        refuse_transaction()
        return iter(list(self._bill_lines(day)))

    @abstractmethod
    def _submit(self, request: RefundRequest) -> Answer: ...

    @abstractmethod
    def _query(self, request: RefundRequest) -> Answer: ...

    def _retry_bounced(self, request: RefundRequest, payee: Payee) -> Answer:
        raise NotImplementedError

    @abstractmethod
    def _parse_notification(self, headers: Mapping[str, str], raw: bytes) -> Notification:
        """``headers`` have names in lower case."""

    @abstractmethod
    def _bill_lines(self, day: date) -> Iterator[BillLine]: ...

    def _ask(self, call: Callable[[], Answer]) -> Answer:
        refuse_transaction()
        answer = answer_in_time(call, seconds=self.time_limit.total_seconds())
        if answer.kind is Kind.PAID and (answer.amount_minor is None or not answer.currency):
            answer = replace(answer, kind=Kind.AMBIGUOUS, code="amount_missing")
        if answer.kind is Kind.AMBIGUOUS:
            logger.warning("gateway %s is ambiguous: %s", self.code, answer.code)
        return answer


def answer_in_time(call: Callable[[], Answer], *, seconds: float) -> Answer:
    """The answer of a call, or what its failure means: a timeout of a library counts each read, this counts the whole."""
    answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
    threading.Thread(target=lambda: answers.put(answer_of(call)), name="gateway-call", daemon=True).start()
    try:
        return answers.get(timeout=seconds)
    except queue.Empty:
        return Answer(Kind.AMBIGUOUS, code="TimeLimit")


def answer_of(call: Callable[[], Answer]) -> Answer:
    """Any exception is ambiguous: the request may have arrived. Only the name of its class is kept, its text may hold keys."""
    try:
        return call()
    except BaseException as error:
        return Answer(Kind.AMBIGUOUS, code=type(error).__name__)


def refuse_transaction() -> None:
    """Raise while a transaction is open on any database of this thread."""
    if any(connection.in_atomic_block for connection in connections.all(initialized_only=True)):
        raise InsideTransactionError("commit first: a gateway is called outside every transaction")


def require_fresh(at: datetime) -> None:
    """Refuse a notice signed more than five minutes ago or ahead: it may be an old one sent again."""
    if abs(timezone.now() - at) > FRESH_FOR:
        raise InvalidSignatureError("stale")


def cut_text(text: str, limit: int = RAW_BYTES) -> str:
    return text.encode("utf-8", "replace")[:limit].decode("utf-8", "ignore")
