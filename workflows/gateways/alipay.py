"""Refunds by Alipay, with the library ``python-alipay-sdk``. Alipay writes amounts in yuan; they are text here and never a float."""

import csv
import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.utils import timezone

from foundation.fetch import safe_fetch
from workflows.gateways.base import (
    Answer,
    BillLine,
    Capabilities,
    InvalidSignatureError,
    Kind,
    Notification,
    RefundGateway,
    RefundRequest,
    require_fresh,
)
from workflows.gateways.libraries import BEIJING, checked_url, load_library, minor_of, yuan_of

TIME_FORMAT = "%Y-%m-%d %H:%M:%S"
WORKED, REFUSED = "10000", "40004"
# Signed codes after which nothing was and nothing will be paid. ACQ.SYSTEM_ERROR means "ask"; ACQ.TRADE_STATUS_ERROR and
# ACQ.DISCORDANT_REPEAT_REQUEST may mean that this very refund was made before.
DEFINITE = dict.fromkeys(
    (
        "ACQ.SELLER_BALANCE_NOT_ENOUGH",
        "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL",
        "ACQ.TRADE_NOT_ALLOW_REFUND",
        "ACQ.TRADE_HAS_FINISHED",
        "ACQ.TRADE_NOT_EXIST",
    ),
    Kind.DECLINED,
)
NO_SUCH_REFUND = {"ACQ.TRADE_NOT_EXIST": Kind.ABSENT}
STATUSES = {None: Kind.PAID, "REFUND_SUCCESS": Kind.PAID, "REFUND_PROCESSING": Kind.PROCESSING}
REFUND_COLUMN, AMOUNT_COLUMN, KIND_COLUMN, TIME_COLUMN = "退款批次号/请求号", "订单金额（元）", "业务类型", "完成时间"
PAYMENT_COLUMN = "支付宝交易号"
MOST_BYTES_OF_A_BILL = 50_000_000
MOST_LETTERS_OF_A_REASON = 256


class AlipayGateway(RefundGateway):
    """Alipay pays at once, but its answer tells the total of all refunds of the payment; one refund is known by asking for it."""

    code = "alipay"
    capabilities = Capabilities(
        key_ttl=None,
        min_query_delay=timedelta(seconds=10),
        settle_horizon=timedelta(days=1),
        max_age=timedelta(days=365),
        min_gap=None,
        max_partials=None,
        can_retry_bounced=False,
    )

    def __init__(self, *, appid: str, private_key: str, public_key: str, url: str = "") -> None:
        library = load_library("alipay")
        self._appid, self._url = appid, url
        self._client = client_in_beijing(library)(
            appid=appid,
            app_private_key_string=framed(private_key, "PRIVATE KEY"),
            alipay_public_key_string=framed(public_key, "PUBLIC KEY"),
            config=library.AliPayConfig(timeout=self.read_seconds),
        )
        self._unsigned_error = library.AliPayException
        if url:
            self._client._gateway = checked_url(url)

    def _submit(self, request: RefundRequest) -> Answer:
        if request.currency != "CNY":
            return Answer(Kind.DECLINED, code="currency_not_supported", authenticated=True)
        return self._read(
            lambda: self._client.api_alipay_trade_refund(
                refund_amount=yuan_of(request.amount_minor),
                trade_no=request.transaction_id,
                out_request_no=request.out_refund_no,  # the library leaves it out unless told, and every call would be another refund
                refund_reason=request.reason[:MOST_LETTERS_OF_A_REASON],
            ),
            lambda reply: read_submission(reply, request),
            codes=DEFINITE,
        )

    def _query(self, request: RefundRequest) -> Answer:
        return self._read(
            lambda: self._client.api_alipay_trade_fastpay_refund_query(request.out_refund_no, trade_no=request.transaction_id),
            lambda reply: read_refund(reply, request),
            codes=NO_SUCH_REFUND,
        )

    def _read(self, call: Callable[[], dict], read: Callable[[dict], Answer], *, codes: Mapping[str, Kind]) -> Answer:
        try:
            reply = call()
        except self._unsigned_error as error:
            return Answer(Kind.AMBIGUOUS, code="unsigned", raw=str(error))
        if reply["code"] == WORKED:
            return read(reply)
        code = reply.get("sub_code") or reply["code"]
        kind = codes.get(code, Kind.AMBIGUOUS) if reply["code"] == REFUSED else Kind.AMBIGUOUS
        return Answer(kind, code=code, authenticated=True, raw=str(reply))

    def _parse_notification(self, headers: Mapping[str, str], raw: bytes) -> Notification:
        pairs = parse_qsl(raw.decode("utf-8"), keep_blank_values=True, strict_parsing=True)
        fields = dict(pairs)
        if len(fields) != len(pairs):
            raise InvalidSignatureError("a field twice")
        signature = fields.pop("sign")
        if not self._client.verify(dict(fields), signature):
            raise InvalidSignatureError("signature")
        if fields["app_id"] != self._appid:
            raise InvalidSignatureError("another merchant")
        at = beijing_time(fields["notify_time"])
        require_fresh(at)
        return Notification(fields["notify_id"], fields.get("out_biz_no", "") if "gmt_refund" in fields else "", at, raw)

    def _bill_lines(self, day: date) -> Iterator[BillLine]:
        reply = self._client.server_api(
            "alipay.data.dataservice.bill.downloadurl.query", {"bill_type": "trade", "bill_date": day.isoformat()}
        )
        if reply["code"] != WORKED:
            raise RuntimeError(f"no bill: {reply.get('sub_code')}")
        link = reply["bill_download_url"]
        is_own_choice = bool(self._url) and urlsplit(link).netloc == urlsplit(self._url).netloc
        download = safe_fetch(link, seconds=60, most=MOST_BYTES_OF_A_BILL, is_own_choice=is_own_choice)
        if download.status != 200:
            raise RuntimeError(f"no bill: http_{download.status}")
        yield from read_bill(download.body)


def client_in_beijing(library: ModuleType) -> type:
    """The client of the library, with the time of Beijing in every request: Alipay refuses that of a server elsewhere."""

    class Client(library.AliPay):
        def build_body(self, method: str, biz_content: dict | None = None, **fields: Any) -> dict:
            return super().build_body(method, biz_content, timestamp=timezone.now().astimezone(BEIJING).strftime(TIME_FORMAT), **fields)

    return Client


def framed(key: str, kind: str) -> str:
    """A key as PEM. The console of Alipay gives the bare text in the middle."""
    return key if key.lstrip().startswith("-----") else f"-----BEGIN {kind}-----\n{key.strip()}\n-----END {kind}-----"


def read_submission(reply: dict, request: RefundRequest) -> Answer:
    """``refund_fee`` is the sum of every refund of the payment: only when it is this amount alone does it prove this one paid."""
    if reply["trade_no"] != request.transaction_id:
        return Answer(Kind.AMBIGUOUS, code="other_refund", authenticated=True, raw=str(reply))
    if reply.get("fund_change") != "Y":  # a repetition, or nothing moved: no failure and no success
        return Answer(Kind.AMBIGUOUS, code="fund_change=N", authenticated=True, raw=str(reply))
    is_alone = minor_of(reply["refund_fee"]) == request.amount_minor
    kind, amount = (Kind.PAID, request.amount_minor) if is_alone else (Kind.PROCESSING, None)
    return Answer(kind, amount, "CNY", code="fund_change=Y", authenticated=True, raw=str(reply))


def read_refund(reply: dict, request: RefundRequest) -> Answer:
    """10000 says that the question worked. A refund that was not made has no fields at all; older interfaces return no status."""
    status = reply.get("refund_status")
    if not (status or reply.get("refund_amount") or reply.get("out_request_no")):
        return Answer(Kind.ABSENT, code=WORKED, authenticated=True, raw=str(reply))
    if (reply["out_request_no"], reply["trade_no"]) != (request.out_refund_no, request.transaction_id):
        return Answer(Kind.AMBIGUOUS, code="other_refund", authenticated=True, raw=str(reply))
    kind = STATUSES.get(status, Kind.AMBIGUOUS)
    return Answer(kind, minor_of(reply["refund_amount"]), "CNY", code=status or WORKED, authenticated=True, raw=str(reply))


def read_bill(packed: bytes) -> Iterator[BillLine]:
    """The refunds among the details of a bill, which is a zip of tables in GBK; its other table is a summary."""
    found = False
    with zipfile.ZipFile(io.BytesIO(packed)) as bundle:
        for member in bundle.infolist():
            if member.file_size > MOST_BYTES_OF_A_BILL:
                raise ValueError("a bill too long")
            text = bundle.read(member).decode("gb18030")
            if REFUND_COLUMN in text:
                found = True
                yield from read_details(text)
    if not found:
        raise ValueError("a bill without details")


def read_details(text: str) -> Iterator[BillLine]:
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    for row in rows:
        line = {name.strip(): (value or "").strip() for name, value in row.items() if name}
        if "退款" in line[KIND_COLUMN]:
            amount = abs(minor_of(line[AMOUNT_COLUMN]))
            at = beijing_time(line[TIME_COLUMN])
            yield BillLine(line[REFUND_COLUMN], amount, "CNY", at, line[KIND_COLUMN], line[PAYMENT_COLUMN])


def beijing_time(text: str) -> datetime:
    return datetime.strptime(text, TIME_FORMAT).replace(tzinfo=BEIJING)
