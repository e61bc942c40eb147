"""AfterShip, which follows waybills all over the world. Its tags are ours.

Calls need the optional package ``aftership-tracking-sdk``; pushes are verified and read without it.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from types import ModuleType
from typing import ClassVar

from django.utils import timezone

from .base import (
    MOST_SCANS,
    CarrierAdapter,
    CarrierScan,
    CarrierTag,
    CarrierUnavailableError,
    Cause,
    InvalidSignatureError,
    ProblemReason,
    Push,
)

SIGNATURE_HEADER = "aftership-hmac-sha256"
# Its published table of sub-statuses; a problem that is not listed is a difficult one.
PROBLEM_OF = {
    "Exception_003": ProblemReason.REFUSED,
    "Exception_010": ProblemReason.RETURNING,
    "Exception_011": ProblemReason.RETURNING,  # back with its sender
    "Exception_013": ProblemReason.LOST,
}
ACCEPTED = "InTransit_002"  # taken over by the carrier
PROBLEM_TAGS = {CarrierTag.ATTEMPT_FAIL, CarrierTag.EXCEPTION}
ALREADY_WATCHED = "TRACKING_ALREADY_EXIST"
CAUSES = {
    "TIMED_OUT": Cause.TIMEOUT,
    "API_KEY_INVALID": Cause.NOT_AUTHORISED,
    "REQUEST_NOT_ALLOWED": Cause.NOT_AUTHORISED,
    "TOO_MANY_REQUEST": Cause.BUSY,
    "RATE_LIMIT_EXCEED": Cause.BUSY,
    "INTERNAL_ERROR": Cause.SERVER_ERROR,
    "TRACKING_NUMBER_INVALID": Cause.NOT_ACCEPTED,
    "TRACKING_NUMBER_FORMAT_INVALID": Cause.NOT_ACCEPTED,
    "SLUG_INVALID": Cause.NOT_ACCEPTED,
    "BAD_COURIER": Cause.NOT_ACCEPTED,
    "VALUE_INVALID": Cause.NOT_ACCEPTED,
}


class AfterShip(CarrierAdapter):
    """Keys: ``key`` of the API, ``webhook_secret`` of the pushes. Pushes are switched on at AfterShip, not per waybill.

    ``courier`` is AfterShip's slug of the courier; without one it finds out by itself.

    Which of its fields takes the phone tail that some couriers ask for is not settled by its documents, so none is sent.
    """

    code: ClassVar[str] = "aftership"
    proof_headers: ClassVar[tuple[str, ...]] = (SIGNATURE_HEADER,)

    def _subscribe(self, waybill: str, phone_tail: str) -> None:
        asked = {"tracking_number": waybill} | ({"slug": self.courier} if self.courier else {})
        self._call(lambda client: client.tracking.create_tracking(asked))

    def _query(self, waybill: str, phone_tail: str) -> list[CarrierScan]:
        asked = {"tracking_numbers": waybill} | ({"slug": self.courier} if self.courier else {})
        answer = self._call(lambda client: client.tracking.get_trackings(**asked))
        found = (answer.data and answer.data.trackings) or []
        return [scan for each in found for scan in scans_of(each.model_dump(mode="json"))]

    def _verify_push(self, headers: Mapping[str, str], raw: bytes) -> None:
        secret, given = self.keys.get("webhook_secret", ""), headers.get(SIGNATURE_HEADER, "")
        if not secret or not given:
            raise InvalidSignatureError("unsigned")
        if not hmac.compare_digest(push_sign(raw, secret), given.encode()):
            raise InvalidSignatureError("wrong signature")

    def _read_push(self, raw: bytes) -> Push:
        return Push(tuple(scans_of(json.loads(raw)["msg"])))

    def _call(self, call):
        """The answer of the library. It would try again by itself; when to try again is for our queue to say."""
        self._need("key")
        sdk = load_sdk()
        address = {"domain": self.keys["url"]} if self.keys.get("url") else {}
        client = sdk.Client(sdk.Configuration(api_key=self.keys["key"], max_retry=0, timeout=int(self.seconds * 1000), **address))
        try:
            return call(client)
        except sdk.exceptions.ApiException as error:
            if code_of(error) == ALREADY_WATCHED:
                return None
            raise CarrierUnavailableError(cause_of(error), code_of(error)) from error
        except Exception as error:
            raise CarrierUnavailableError(cause_of_transport(error), type(error).__name__) from error


def load_sdk() -> ModuleType:
    """The optional package; it is named ``tracking``."""
    try:
        import tracking
        import tracking.exceptions
    except ImportError as error:
        raise CarrierUnavailableError(Cause.NOT_CONFIGURED, "aftership-tracking-sdk") from error
    return tracking


def code_of(error: Exception) -> str:
    return str(getattr(error.code, "value", error.code))


def cause_of(error: Exception) -> Cause:
    """What an error of the library means. What it could not read has the status of the answer and no code of its own."""
    if (error.status_code or 0) >= 500:
        return Cause.SERVER_ERROR
    return CAUSES.get(code_of(error), Cause.BAD_ANSWER)


def cause_of_transport(error: Exception) -> Cause:
    """The library lets the errors of its HTTP client through, all but timeouts."""
    names = {each.__name__ for each in type(error).__mro__}
    if "ConnectError" in names:
        return Cause.UNREACHABLE
    return Cause.DROPPED if "TransportError" in names else Cause.BAD_ANSWER


def push_sign(raw: bytes, secret: str) -> bytes:
    return base64.b64encode(hmac.new(secret.encode(), raw, hashlib.sha256).digest())


def scans_of(tracking: Mapping) -> list[CarrierScan]:
    """The checkpoints of a tracking as scans."""
    waybill = str(tracking["tracking_number"])
    return [scan_of(waybill, row) for row in (tracking.get("checkpoints") or [])[:MOST_SCANS]]


def scan_of(waybill: str, row: Mapping) -> CarrierScan:
    tag, subtag = CarrierTag(row["tag"]), str(row.get("subtag") or "")
    problem = PROBLEM_OF.get(subtag, ProblemReason.DIFFICULT) if tag in PROBLEM_TAGS else ""
    place = str(row.get("location") or row.get("city") or "")
    text = str(row.get("message") or "")
    return CarrierScan(waybill, time_of(str(row["checkpoint_time"])), tag, subtag, text, place, problem, subtag == ACCEPTED)


def time_of(text: str) -> datetime:
    """The carrier's time. Without a zone it is local to the scan, which nobody names: ours is taken."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else timezone.make_aware(at)
