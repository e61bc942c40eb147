"""Kuaidi100 (快递100), which follows the waybills of Chinese couriers: query, subscription and pushes.

Facts are those of its published documents (实时快递查询, 快递信息推送). MD5 is its choice; it signs, it does not hide anything.
"""

import hashlib
import hmac
import json
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

from foundation.fetch import Reply

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
    WatchEnded,
)

logger = logging.getLogger(__name__)
ADDRESS = "https://poll.kuaidi100.com"
ZONE = ZoneInfo("Asia/Shanghai")  # its times carry no zone
MOST_FIELDS = 20
# resultv2 = 4: each scan carries its fine code in ``statusCode``.
FINE_CODES = "4"

# our code of a courier: its code there; another one passes as it is
COURIERS = {
    "sf": "shunfeng", "zto": "zhongtong", "yto": "yuantong", "yunda": "yunda", "jd": "jd", "jt": "jtexpress", "ems": "ems",
    "sto": "shentong",
}  # fmt: skip
PHONE_NEEDED = {"shunfeng", "shunfengkuaiyun", "zhongtong"}

Tag, Problem = CarrierTag, ProblemReason
STATES: dict[str, tuple[CarrierTag, str]] = {
    "101": (Tag.INFO_RECEIVED, ""),  # ordered
    "102": (Tag.INFO_RECEIVED, ""),  # waits to be collected
    "1": (Tag.IN_TRANSIT, ""),
    "103": (Tag.IN_TRANSIT, ""),
    "0": (Tag.IN_TRANSIT, ""),
    "1001": (Tag.IN_TRANSIT, ""),  # in the city of the recipient
    "1002": (Tag.IN_TRANSIT, ""),  # trunk line
    "1003": (Tag.IN_TRANSIT, ""),  # sent on to a new address
    "7": (Tag.IN_TRANSIT, ""),  # handed to another courier
    "5": (Tag.OUT_FOR_DELIVERY, ""),
    "501": (Tag.AVAILABLE_FOR_PICKUP, ""),  # in a locker or at a station
    "3": (Tag.DELIVERED, ""),
    "301": (Tag.DELIVERED, ""),  # by the recipient
    "302": (Tag.DELIVERED, ""),  # after a problem
    "303": (Tag.DELIVERED, ""),  # by somebody for the recipient
    "304": (Tag.DELIVERED, ""),  # out of the locker or station
    "2": (Tag.EXCEPTION, Problem.DIFFICULT),
    "201": (Tag.EXCEPTION, Problem.DIFFICULT),  # long out for delivery
    "202": (Tag.EXCEPTION, Problem.DIFFICULT),  # long without news
    "203": (Tag.EXCEPTION, Problem.REFUSED),
    "204": (Tag.EXCEPTION, Problem.DIFFICULT),  # delivery went wrong
    "205": (Tag.EXCEPTION, Problem.DIFFICULT),  # not fetched from the locker
    "206": (Tag.EXCEPTION, Problem.DIFFICULT),  # recipient not reached
    "207": (Tag.EXCEPTION, Problem.DIFFICULT),  # outside the area
    "208": (Tag.EXCEPTION, Problem.DIFFICULT),  # held back
    "209": (Tag.EXCEPTION, Problem.DIFFICULT),  # damaged
    "210": (Tag.EXCEPTION, Problem.UNKNOWN_NO),  # waybill cancelled
    "401": (Tag.EXCEPTION, Problem.UNKNOWN_NO),  # waybill cancelled
    "4": (Tag.EXCEPTION, Problem.RETURNING),  # back, and signed for by the sender
    "6": (Tag.EXCEPTION, Problem.RETURNING),
    "14": (Tag.EXCEPTION, Problem.REFUSED),
    "8": (Tag.IN_TRANSIT, ""),  # customs
    "10": (Tag.IN_TRANSIT, ""),
    "11": (Tag.IN_TRANSIT, ""),
    "12": (Tag.IN_TRANSIT, ""),
    "13": (Tag.EXCEPTION, Problem.DIFFICULT),  # held by customs
}
PICKED_UP = {"1", "103"}

# Return codes. 500 of a query means that there is nothing yet, 500 of a subscription a fault of theirs.
QUERY_FAULTS = {
    "400": Cause.NOT_ACCEPTED,
    "408": Cause.PHONE_WRONG,
    "501": Cause.SERVER_ERROR,
    "502": Cause.BUSY,
    "503": Cause.NOT_AUTHORISED,
    "504": Cause.TOO_SOON,
    "601": Cause.NOT_AUTHORISED,
}
NOTHING_YET = "500"
SUBSCRIBE_FAULTS = {
    "500": Cause.SERVER_ERROR,
    "600": Cause.NOT_AUTHORISED,
    "601": Cause.NOT_AUTHORISED,
    "700": Cause.NOT_ACCEPTED,
    "701": Cause.NOT_ACCEPTED,
    "702": Cause.NOT_ACCEPTED,
}
SUBSCRIBED = {"200", "501"}  # 501: already watched


class Kuaidi100(CarrierAdapter):
    """Keys: ``customer`` and ``key`` of the account, ``salt`` of the pushes, ``callback`` = the address that pushes go to.

    A subscription is accepted four times a month per waybill. A query within half an hour of the last one locks the waybill.
    """

    code: ClassVar[str] = "kuaidi100"
    query_gap: ClassVar[timedelta] = timedelta(minutes=30)
    receipt: ClassVar[Mapping[str, object]] = {"result": True, "returnCode": "200", "message": "成功"}

    def _subscribe(self, waybill: str, phone_tail: str) -> None:
        # Without a salt pushes come unsigned, and an unsigned push is never believed.
        self._need("key", "salt", "callback")
        extras = {"callbackurl": self.keys["callback"], "salt": self.keys["salt"], "resultv2": FINE_CODES}
        extras |= {"phone": phone_tail} if self._tail(phone_tail) else {}
        asked = {"company": self._courier(), "number": waybill, "key": self.keys["key"], "parameters": extras}
        reply = self._post("/poll", {"schema": "json", "param": json.dumps(asked, ensure_ascii=False)})
        code = str(json.loads(reply.body)["returnCode"])
        if code not in SUBSCRIBED:
            raise CarrierUnavailableError(SUBSCRIBE_FAULTS.get(code, Cause.BAD_ANSWER), code)

    def _query(self, waybill: str, phone_tail: str) -> list[CarrierScan]:
        self._need("key", "customer")
        asked = {"com": self._courier(), "num": waybill, "resultv2": FINE_CODES}
        asked |= {"phone": phone_tail} if self._tail(phone_tail) else {}
        param = json.dumps(asked, ensure_ascii=False)
        form = {"customer": self.keys["customer"], "sign": query_sign(param, self.keys["key"], self.keys["customer"]), "param": param}
        answer = json.loads(self._post("/poll/query.do", form).body)
        if "returnCode" not in answer:
            return scans_of(answer, waybill)
        code = str(answer["returnCode"])
        if code == NOTHING_YET:
            return []
        raise CarrierUnavailableError(QUERY_FAULTS.get(code, Cause.BAD_ANSWER), code)

    def _verify_push(self, headers: Mapping[str, str], raw: bytes) -> None:
        form = push_form(raw)
        salt = self.keys.get("salt", "")
        if not salt or not form.get("sign"):
            raise InvalidSignatureError("unsigned")
        # Documents and samples differ in the case of its letters.
        if not hmac.compare_digest(push_sign(form["param"], salt).encode(), form["sign"].upper().encode()):
            raise InvalidSignatureError("wrong signature")

    def _read_push(self, raw: bytes) -> Push:
        told = json.loads(push_form(raw)["param"])
        last = told.get("lastResult") or {}
        waybill = str(last.get("nu") or "")
        ended = None
        if told.get("status") == "abort":
            courier = str(told.get("comOld") or last.get("com") or "")
            ended = WatchEnded(waybill, str(told.get("message") or ""), courier, str(told.get("comNew") or ""))
        return Push(tuple(scans_of(last, waybill)) if last.get("data") else (), ended)

    def _post(self, path: str, form: dict[str, str]) -> Reply:
        body = urlencode(form).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._fetch((self.keys.get("url") or ADDRESS).rstrip("/") + path, method="POST", body=body, headers=headers)

    def _courier(self) -> str:
        if not self.courier:
            raise CarrierUnavailableError(Cause.NOT_CONFIGURED, "courier")
        return COURIERS.get(self.courier, self.courier)

    def _tail(self, phone_tail: str) -> str:
        if not phone_tail and self._courier() in PHONE_NEEDED:
            raise CarrierUnavailableError(Cause.PHONE_NEEDED, self._courier())
        return phone_tail


def query_sign(param: str, key: str, customer: str) -> str:
    return md5_upper(param + key + customer)


def push_sign(param: str, salt: str) -> str:
    return md5_upper(param + salt)


def md5_upper(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()


def push_form(raw: bytes) -> dict[str, str]:
    """The fields of a push; one given twice could be signed in one place and read in the other."""
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError as error:
        raise InvalidSignatureError("not a form") from error
    names = [name for name, _value in pairs]
    if names.count("param") != 1 or names.count("sign") > 1:
        raise InvalidSignatureError("no single param")
    return dict(pairs)


def scans_of(result: Mapping, waybill: str) -> list[CarrierScan]:
    """The scans of a result, as it names them; a scan without a time is left out."""
    rows = result["data"][:MOST_SCANS]
    newest = max(rows, key=row_time, default=None)
    scans = []
    for row in rows:
        # A row without a code of its own: only the newest one is spoken for by the code of the whole.
        code = row.get("statusCode") or (result.get("state") if row is newest else None)
        scan = scan_of(row, str(code) if code is not None else "", str(result.get("nu") or waybill))
        scans += [scan] if scan else []
    return scans


def scan_of(row: Mapping, code: str, waybill: str) -> CarrierScan | None:
    """One scan; a code that no document lists says nothing about where the parcel is."""
    try:
        at = datetime.strptime(row_time(row), "%Y-%m-%d %H:%M:%S").replace(tzinfo=ZONE)
    except ValueError:
        logger.warning("kuaidi100: a scan without a readable time is left out")
        return None
    tag, problem = STATES.get(code, (CarrierTag.PENDING, ""))
    text, place = str(row.get("context") or ""), str(row.get("areaName") or row.get("location") or "")
    return CarrierScan(waybill, at, tag, code, text, place, problem, code in PICKED_UP)


def row_time(row: Mapping) -> str:
    return str(row.get("ftime") or row.get("time") or "")
