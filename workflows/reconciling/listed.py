"""What a statement says of one refund, whoever wrote the statement: a provider's interface or the file that a person downloaded."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from workflows.gateways.base import BillLine
from workflows.gateways.libraries import BEIJING
from workflows.models import StatementLine

Standing = StatementLine.Standing
GATEWAYS = ("wechat", "alipay", "stripe", "demo")
# What the providers' words for the state of a refund say of its money. WeChat lists a refund on the day on which it was accepted and
# never again, so one that was under way then stays so in the statement. A word that is not here counts as paid: better a false alarm.
STANDINGS = {
    "wechat": {"PROCESSING": Standing.UNDER_WAY, "CLOSED": Standing.NOTHING, "FAIL": Standing.NOTHING, "ABNORMAL": Standing.NOTHING},
    "stripe": {
        "pending": Standing.UNDER_WAY, "requires_action": Standing.UNDER_WAY, "failed": Standing.NOTHING, "canceled": Standing.NOTHING,
    },
}  # fmt: skip
CAME_BACK = {"demo": {"bounced"}, "stripe": {"refund_failure"}}


@dataclass(frozen=True)
class Listed:
    """One refund of a statement. ``amount_minor`` is negative for money that came back; ``position`` is its line, from 1."""

    position: int
    out_refund_no: str
    amount_minor: int
    currency: str
    at: datetime
    kind: str = ""
    payment_ref: str = ""
    standing: str = Standing.PAID


def judge_kind(gateway: str, listed: Listed) -> Listed:
    """The same line with what its kind says of the money."""
    standing = STANDINGS.get(gateway, {}).get(listed.kind, Standing.PAID)
    amount = abs(listed.amount_minor)
    return replace(listed, standing=standing, amount_minor=-amount if listed.kind in CAME_BACK.get(gateway, ()) else amount)


def listed_of(gateway: str, lines: Iterable[BillLine]) -> list[Listed]:
    """The lines that a provider's interface gave, one per refund."""
    told = (
        Listed(number, line.out_refund_no, line.amount_minor, line.currency, line.at, line.kind, line.payment_ref)
        for number, line in enumerate(lines, 1)
    )
    return merge_lines(judge_kind(gateway, line) for line in told)


def merge_lines(lines: Iterable[Listed]) -> list[Listed]:
    """One line per refund number: what was paid, came back and was paid again on one day adds up."""
    merged: dict[str, Listed] = {}
    for line in lines:
        key = line.out_refund_no or f"#{line.position}"
        known = merged.get(key)
        merged[key] = _added(known, line) if known else line
    return list(merged.values())


def _added(first: Listed, second: Listed) -> Listed:
    """Money that was paid outweighs what is said to be under way; two currencies under one number stay apart in what is shown."""
    if Standing.PAID not in (first.standing, second.standing):
        return replace(second, position=first.position)
    paid = [line.amount_minor for line in (first, second) if line.standing == Standing.PAID]
    latest = second if second.standing == Standing.PAID else first
    return replace(latest, position=first.position, amount_minor=sum(paid))


def span_of(day: date) -> tuple[datetime, datetime]:
    """A day of the providers: from midnight to midnight in Shanghai."""
    start = datetime.combine(day, time.min, BEIJING)
    return start, start + timedelta(days=1)


def day_of(at: datetime) -> date:
    return at.astimezone(BEIJING).date()
