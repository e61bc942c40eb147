"""What every carrier can be asked about a waybill, and the rules that hold for all of them."""

import logging
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, TypeVar

from django.db import connections, models
from django.utils.translation import gettext_lazy as _

from foundation.fetch import Fault, FetchError, Reply, safe_fetch
from ui.normalise import normalise_code

logger = logging.getLogger(__name__)
T = TypeVar("T")

SECONDS = 10.0
LONGEST_TEXT, LONGEST_PLACE, LONGEST_CODE = 300, 80, 40
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
PHONE_TAIL = re.compile(r"\d{4}")
MOST_SCANS = 500


class CarrierTag(models.TextChoices):
    """Where a parcel is: the set of tags that tracking services share. Values are theirs."""

    PENDING = "Pending", _("No scan yet")
    INFO_RECEIVED = "InfoReceived", _("Announced to the carrier")
    IN_TRANSIT = "InTransit", _("On its way")
    OUT_FOR_DELIVERY = "OutForDelivery", _("Out for delivery")
    ATTEMPT_FAIL = "AttemptFail", _("Delivery tried in vain")
    DELIVERED = "Delivered", _("Signed for")
    AVAILABLE_FOR_PICKUP = "AvailableForPickup", _("Waiting to be picked up")
    EXCEPTION = "Exception", _("Delivery problem")
    EXPIRED = "Expired", _("No news for a long time")


class ProblemReason(models.TextChoices):
    """What is wrong with a parcel that does not arrive."""

    DIFFICULT = "difficult", _("Delivery is difficult")
    REFUSED = "refused", _("The recipient refused it")
    RETURNING = "returning", _("Going back to its sender")
    LOST = "lost", _("Lost")
    UNKNOWN_NO = "unknown_no", _("The carrier does not know this waybill")


class Cause(models.TextChoices):
    """Why a carrier did not answer."""

    TIMEOUT = "timeout", _("The carrier did not answer in time.")
    UNREACHABLE = "unreachable", _("The carrier cannot be reached.")
    DROPPED = "dropped", _("The connection to the carrier broke.")
    SERVER_ERROR = "server_error", _("The carrier has a fault of its own.")
    BUSY = "busy", _("The carrier is busy.")
    BAD_ANSWER = "bad_answer", _("The carrier's answer cannot be read.")
    TOO_SOON = "too_soon", _("This waybill was asked about too often.")
    NOT_AUTHORISED = "not_authorised", _("The carrier does not accept our keys.")
    NOT_CONFIGURED = "not_configured", _("This carrier has not been set up.")
    PHONE_NEEDED = "phone_needed", _("This carrier needs the last four digits of a phone number.")
    PHONE_WRONG = "phone_wrong", _("The phone number does not belong to this waybill.")
    NOT_ACCEPTED = "not_accepted", _("The carrier does not accept this waybill.")
    NOT_OFFERED = "not_offered", _("This carrier does not offer that.")


# What another minute may cure; the rest stays wrong until a person changes something.
PASSING = {Cause.TIMEOUT, Cause.UNREACHABLE, Cause.DROPPED, Cause.SERVER_ERROR, Cause.BUSY, Cause.BAD_ANSWER, Cause.TOO_SOON}


class InvalidSignatureError(Exception):
    """A push that is forged, unsigned or stale. Nothing in it may be believed."""


class InsideTransactionError(RuntimeError):
    """A carrier was called while a transaction was open: locks would be held for as long as a stranger likes."""


class CarrierUnavailableError(Exception):
    """No usable answer. ``cause`` is a ``Cause``, ``detail`` the carrier's own code; neither holds a key."""

    def __init__(self, cause: Cause, detail: str = "") -> None:
        super().__init__(f"{cause.value}: {detail}" if detail else cause.value)
        self.cause = cause
        self.detail = detail

    @property
    def is_passing(self) -> bool:
        return self.cause in PASSING


@dataclass(frozen=True)
class CarrierScan:
    """One thing that happened to a waybill. Equal scans are the same scan, however often and by whatever way they arrive.

    ``waybill`` is written as shipments store it. ``subtag``: the carrier's own code. ``is_pickup``: the carrier took the parcel over,
    it has not moved yet.
    """

    waybill: str
    at: datetime
    tag: CarrierTag
    subtag: str = ""
    text: str = ""
    place: str = ""
    problem: str = ""
    is_pickup: bool = False

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("at: a scan needs a time zone")
        object.__setattr__(self, "waybill", normalise_code(self.waybill))
        # PostgreSQL stores neither NUL nor half a character in text; the rest is what a row of ours holds.
        for name, length in (("subtag", LONGEST_CODE), ("text", LONGEST_TEXT), ("place", LONGEST_PLACE)):
            object.__setattr__(self, name, UNSTORABLE.sub("", getattr(self, name))[:length])


@dataclass(frozen=True)
class WatchEnded:
    """The carrier stopped watching a waybill without a delivery: subscribe again, or treat the parcel as a problem.

    ``courier``: whom it asked. ``better_courier``: whom the waybill seems to belong to instead, if it found one.
    """

    waybill: str
    reason: str
    courier: str = ""
    better_courier: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "waybill", normalise_code(self.waybill))


@dataclass(frozen=True)
class Push:
    """What one verified push says."""

    scans: tuple[CarrierScan, ...] = ()
    ended: WatchEnded | None = None


class CarrierAdapter(ABC):
    """One carrier. Calls refuse to run in a transaction, end after a time limit and fail with ``CarrierUnavailableError`` only.

    ``query_gap``: how long the same waybill may not be asked about again. The caller keeps the time of its last question.
    ``silence``: how long to wait for a push before asking after all. ``proof_headers``: those that prove a push, in lower case.
    ``receipt``: what the carrier wants to hear when its push has been taken.
    """

    code: ClassVar[str]
    query_gap: ClassVar[timedelta] = timedelta(0)
    silence: ClassVar[timedelta] = timedelta(hours=6)
    proof_headers: ClassVar[tuple[str, ...]] = ()
    receipt: ClassVar[Mapping[str, object]] = {}
    seconds: ClassVar[float] = SECONDS

    def __init__(self, *, courier: str = "", **keys: str) -> None:
        self.courier = courier
        self.keys = keys

    def subscribe(self, waybill: str, phone_tail: str = "") -> None:
        """Ask to be told of every scan. Doing it twice is harmless."""
        self._ask(lambda: self._subscribe(waybill, checked_tail(phone_tail)))

    def query(self, waybill: str, phone_tail: str = "") -> list[CarrierScan]:
        """Every scan so far, oldest first; none is an answer too. Not before ``may_ask_at`` of the last question."""
        return self._ask(lambda: sorted(set(self._query(waybill, checked_tail(phone_tail))), key=lambda scan: scan.at))

    def may_ask_at(self, last_asked_at: datetime) -> datetime:
        """When the same waybill may be asked about again."""
        return last_asked_at + self.query_gap

    def parse_push(self, headers: Mapping[str, str], raw: bytes) -> list[CarrierScan]:
        """The scans of a push. ``read_push`` says more: also that the carrier stopped watching."""
        return list(self.read_push(headers, raw).scans)

    def read_push(self, headers: Mapping[str, str], raw: bytes) -> Push:
        """Verify a push over its raw bytes, then read it.

        Raises ``InvalidSignatureError`` when it is not proven to be the carrier's, and ``CarrierUnavailableError`` (``BAD_ANSWER``)
        when it is, but cannot be read.
        """
        self.verify_push(headers, raw)
        return self.read_verified(raw)

    def verify_push(self, headers: Mapping[str, str], raw: bytes) -> None:
        """Raise ``InvalidSignatureError`` unless the push is the carrier's. Reads nothing else, asks nobody."""
        self._verify_push({name.lower(): value for name, value in headers.items()}, raw)

    def read_verified(self, raw: bytes) -> Push:
        """Read a push that was verified when it came; its signature may be stale by now."""
        return readable(lambda: self._read_push(raw))

    def create_label(self, **details: str) -> str:
        """The waybill of a new label, where a carrier offers it."""
        raise CarrierUnavailableError(Cause.NOT_OFFERED)

    def book_pickup(self, **details: str) -> str:
        """The carrier's number of a booked pickup, where it offers it."""
        raise CarrierUnavailableError(Cause.NOT_OFFERED)

    @abstractmethod
    def _subscribe(self, waybill: str, phone_tail: str) -> None: ...

    @abstractmethod
    def _query(self, waybill: str, phone_tail: str) -> list[CarrierScan]: ...

    @abstractmethod
    def _verify_push(self, headers: Mapping[str, str], raw: bytes) -> None:
        """Raise ``InvalidSignatureError`` unless the push is the carrier's. ``headers`` have names in lower case."""

    @abstractmethod
    def _read_push(self, raw: bytes) -> Push: ...

    def _ask(self, call: Callable[[], T]) -> T:
        refuse_transaction()
        try:
            return readable(call)
        except CarrierUnavailableError as error:
            logger.warning("carrier %s: %s", self.code, error)
            raise

    def _need(self, *names: str) -> None:
        missing = [name for name in names if not self.keys.get(name)]
        if missing:
            raise CarrierUnavailableError(Cause.NOT_CONFIGURED, ", ".join(missing))

    def _fetch(self, url: str, **options) -> Reply:
        """Ask over HTTP; a 5xx is an error, everything else an answer. ``url`` may be private when the house was told its address."""
        try:
            reply = safe_fetch(url, seconds=self.seconds, is_own_choice=bool(self.keys.get("url")), **options)
        except FetchError as error:
            raise CarrierUnavailableError(CAUSE_OF[error.fault], type(error.__cause__).__name__) from error
        if reply.status >= 500:
            raise CarrierUnavailableError(Cause.SERVER_ERROR, str(reply.status))
        return reply


CAUSE_OF = {
    Fault.TIMEOUT: Cause.TIMEOUT,
    Fault.UNREACHABLE: Cause.UNREACHABLE,
    Fault.FORBIDDEN: Cause.NOT_CONFIGURED,
    Fault.DROPPED: Cause.DROPPED,
    Fault.TOO_LONG: Cause.BAD_ANSWER,
}


def readable(call: Callable[[], T]) -> T:
    """What a call returns. Whatever it stumbles over is an answer that nobody can read; only the name of the fault is kept."""
    try:
        return call()
    except (CarrierUnavailableError, InvalidSignatureError):
        raise
    except Exception as error:
        raise CarrierUnavailableError(Cause.BAD_ANSWER, type(error).__name__) from error


def refuse_transaction() -> None:
    """Raise while a transaction is open on any database of this thread."""
    if any(connection.in_atomic_block for connection in connections.all(initialized_only=True)):
        raise InsideTransactionError("commit first: a carrier is called outside every transaction")


def checked_tail(phone_tail: str) -> str:
    """The last four digits of a phone number, or nothing."""
    if phone_tail and not PHONE_TAIL.fullmatch(phone_tail):
        raise CarrierUnavailableError(Cause.PHONE_WRONG, "four digits")
    return phone_tail
