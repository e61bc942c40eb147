"""The demo carrier over HTTP: what ``demo_core`` makes up, asked and verified as a real carrier would be."""

import hmac
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar

from django.utils import timezone

from .base import CarrierAdapter, CarrierScan, CarrierTag, CarrierUnavailableError, Cause, InvalidSignatureError, Push
from .demo_core import PATH, SIGNATURE_HEADER, TIMESTAMP_HEADER, signature_of

FRESH_FOR = timedelta(minutes=5)


class DemoCarrier(CarrierAdapter):
    """Keys: ``url`` of the process that plays it, ``secret`` of its pushes."""

    code: ClassVar[str] = "demo"
    silence: ClassVar[timedelta] = timedelta(minutes=1)  # its journeys pass faster
    proof_headers: ClassVar[tuple[str, ...]] = (TIMESTAMP_HEADER, SIGNATURE_HEADER)

    def _subscribe(self, waybill: str, phone_tail: str) -> None:
        self._answer("POST", waybill)

    def _query(self, waybill: str, phone_tail: str) -> list[CarrierScan]:
        return scans_of(self._answer("GET", waybill))

    def _verify_push(self, headers: Mapping[str, str], raw: bytes) -> None:
        secret, timestamp, given = self.keys.get("secret", ""), headers.get(TIMESTAMP_HEADER, ""), headers.get(SIGNATURE_HEADER, "")
        if not secret or not given:
            raise InvalidSignatureError("unsigned")
        if not hmac.compare_digest(signature_of(raw, secret, timestamp).encode(), given.encode()):
            raise InvalidSignatureError("wrong signature")
        if not timestamp.isdigit() or abs(timezone.now().timestamp() - int(timestamp)) > FRESH_FOR.total_seconds():
            raise InvalidSignatureError("stale")

    def _read_push(self, raw: bytes) -> Push:
        return Push(tuple(scans_of(json.loads(raw))))

    def _answer(self, method: str, waybill: str) -> dict:
        self._need("url")
        reply = self._fetch(self.keys["url"].rstrip("/") + PATH + waybill, method=method)
        if reply.status != 200:
            raise CarrierUnavailableError(Cause.NOT_ACCEPTED, str(reply.status))
        return json.loads(reply.body)


def scans_of(told: Mapping) -> list[CarrierScan]:
    return [
        CarrierScan(**row | {"at": datetime.fromisoformat(row["at"]), "tag": CarrierTag(row["tag"])})
        for row in told["scans"]
    ]  # fmt: skip
