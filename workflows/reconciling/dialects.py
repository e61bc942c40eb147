"""How each provider writes its statements: which columns hold what, and where it says how much there is in all."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from ui.money import DIGITS
from workflows.gateways.libraries import BEIJING

NUMBER = re.compile(r"([+-]?)([0-9]+)(?:\.([0-9]{1,3}))?")
TIMES = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M")


@dataclass(frozen=True)
class Total:
    """What a statement says of itself: how many lines or refunds, and how much of them; None = it does not say."""

    count: int | None = None
    amount_minor: int | None = None
    is_of_refunds: bool = True


@dataclass(frozen=True)
class Dialect:
    """One provider's way of writing. ``columns`` has for each field the names its column may have, in lower case.

    ``is_refund`` tells the refunds among the rows; ``read_total`` finds the total in a row after the heading, if it is there.
    ``has_end``: a whole file always ends with a total, so one without it was cut off.
    """

    columns: Mapping[str, tuple[str, ...]]
    is_refund: Callable[[Mapping[str, str]], bool]
    read_total: Callable[[list[str], list[str]], Total | None]
    zone: tzinfo = BEIJING
    currency: str = ""
    has_end: bool = True
    comment: str = ""
    needed: tuple[str, ...] = ("key", "amount", "at")
    total_of: str = field(default="amount")


def minor_in(text: str, currency: str) -> int:
    """The smallest units of an amount that is written with a point. Raises ``ValueError`` for anything that is no whole number of them."""
    found = NUMBER.fullmatch(text.replace(",", "").strip())
    digits = DIGITS.get(currency, 2)
    if found is None:
        raise ValueError("no amount")
    sign, whole, rest = found.groups(default="")
    if rest[digits:].strip("0"):
        raise ValueError("finer than the currency")
    return int(f"{sign}{whole}{rest[:digits].ljust(digits, '0')}")


def moment_of(text: str, zone: tzinfo) -> datetime:
    """A time as providers and spreadsheets write it; without a zone it is the provider's."""
    for form in TIMES:
        try:
            return datetime.strptime(text, form).replace(tzinfo=zone)
        except ValueError:
            continue
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=zone)


def _wechat_total(row: list[str], heading: list[str]) -> Total | None:
    named = dict(zip(heading, row, strict=False))
    if "总交易单数" not in named or not named["总交易单数"].isdigit():
        return None
    amount = named.get("申请退款总金额", "")
    return Total(int(named["总交易单数"]), minor_in(amount, "CNY") if amount else None, is_of_refunds=False)


ALIPAY_TOTAL = re.compile(r"#退款合计[:：]\s*(\d+)\s*笔(?:.*?共\s*-?([\d.]+)\s*元)?")


def _alipay_total(row: list[str], _heading: list[str]) -> Total | None:
    text = ",".join(row)
    if found := ALIPAY_TOTAL.match(text):
        return Total(int(found[1]), minor_in(found[2], "CNY") if found[2] else None)
    return Total() if text.startswith("#") and "列表结束" in text else None


def _demo_total(row: list[str], _heading: list[str]) -> Total | None:
    return Total(int(row[1]), minor_in(row[2], "CNY")) if row[0] == "total" and len(row) > 2 else None


DIALECTS = {
    "wechat": Dialect(
        columns={
            "key": ("商户退款单号",), "payment": ("微信订单号", "微信支付订单号"), "amount": ("申请退款金额",), "currency": ("货币种类",),
            "at": ("退款申请时间", "退款成功时间"), "later": ("退款成功时间",), "kind": ("退款状态",), "trade": ("交易状态",),
        },
        is_refund=lambda row: row.get("trade", "REFUND") in {"REFUND", "REVOKED", ""},
        read_total=_wechat_total,
        currency="CNY",
    ),
    "alipay": Dialect(
        columns={
            "key": ("退款批次号/请求号",), "payment": ("支付宝交易号",), "amount": ("订单金额（元）", "订单金额(元)"),
            "kind": ("业务类型",), "at": ("完成时间",), "received": ("商家实收（元）", "商家实收(元)"),
        },
        is_refund=lambda row: "退款" in row["kind"],
        read_total=_alipay_total,
        currency="CNY",
        comment="#",
        needed=("key", "amount", "at", "kind"),
        total_of="received",
    ),
    "stripe": Dialect(
        columns={
            "key": ("out_refund_no", "out_refund_no (metadata)", "metadata[out_refund_no]", "refund_metadata[out_refund_no]"),
            "payment": ("payment_intent_id", "payment intent", "paymentintent id", "charge_id", "charge"),
            "amount": ("amount", "gross"), "currency": ("currency",), "kind": ("status", "reporting_category"),
            "at": ("created (utc)", "created_utc", "created date (utc)", "created"), "own": ("id", "source_id"),
        },
        is_refund=lambda row: row["kind"] not in {"charge", "payout", "fee", "dispute"},
        read_total=lambda _row, _heading: None,
        zone=UTC,
        has_end=False,
        needed=("key", "amount", "currency", "at", "kind"),
    ),
    "demo": Dialect(
        columns={
            "key": ("out_refund_no",), "payment": ("transaction_id",), "amount": ("amount",), "currency": ("currency",), "at": ("at",),
            "kind": ("kind",),
        },
        is_refund=lambda _row: True,
        read_total=_demo_total,
        needed=("key", "amount", "currency", "at", "kind"),
    ),
}  # fmt: skip
