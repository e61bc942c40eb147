"""What does not agree becomes an anomaly, once; a payment that only the provider speaks of is frozen. Nothing else is touched."""

import logging
from collections.abc import Iterable

from django.db.models.functions import Now

from foundation.hints import hint
from workflows.machines.refund import RefundState
from workflows.models import Anomaly, PaymentBalance, Refund, Statement, StatementLine

logger = logging.getLogger(__name__)
KINDS = {
    StatementLine.Match.ONLY_THERE: Anomaly.Kind.ONLY_THERE,
    StatementLine.Match.ONLY_HERE: Anomaly.Kind.ONLY_HERE,
    StatementLine.Match.OTHER_AMOUNT: Anomaly.Kind.OTHER_AMOUNT,
}
ASKED = (RefundState.PROCESSING, RefundState.UNKNOWN)


def raise_alarms(statement: Statement, lines: Iterable[StatementLine]) -> None:
    """Give each differing line its anomaly: the one that it had while nothing about it changed, else a new one."""
    known = {_signature(anomaly.kind, anomaly.codes): anomaly for anomaly in Anomaly.objects.filter(codes__statement=statement.pk)}
    fresh = []
    for line in lines:
        line.anomaly = None
        if line.match != StatementLine.Match.MATCHED:
            made = _anomaly(statement, line)
            line.anomaly = known.get(_signature(made.kind, made.codes))
            if line.anomaly is None:
                line.anomaly = made
                fresh.append(line)
    Anomaly.objects.bulk_create([line.anomaly for line in fresh])
    for line in fresh:
        line.anomaly = line.anomaly  # takes over the id that it has now
    _ask_again([line.refund_id for line in fresh if line.refund_id])
    _freeze([line.balance_id for line in fresh if line.match == StatementLine.Match.ONLY_THERE and line.balance_id])
    if fresh:
        logger.error("statement %s of %s: %d new differences", statement.day, statement.gateway, len(fresh))


def _anomaly(statement: Statement, line: StatementLine) -> Anomaly:
    codes = {
        "statement": statement.pk,
        "key": line.out_refund_no or f"#{line.position}",
        "theirs": line.amount_fen,
        "ours": line.ours_fen,
    }
    return Anomaly(balance=line.balance, refund=line.refund, kind=KINDS[line.match], codes=codes)


def _signature(kind: str, codes: dict) -> tuple:
    return kind, codes.get("key"), codes.get("theirs"), codes.get("ours")


def _freeze(balance_ids: list[int]) -> None:
    """No new refund of these payments and no release, until finance lifts it with a reason."""
    rows = PaymentBalance.objects.filter(pk__in=balance_ids).order_by("pk")
    still = [row.pk for row in rows.select_for_update(no_key=True) if row.frozen_at is None]
    PaymentBalance.objects.filter(pk__in=still).update(frozen_at=Now(), frozen_why=Anomaly.Kind.ONLY_THERE)


def _ask_again(refund_ids: list[int]) -> None:
    """The provider is asked about what is still under way: its answer decides, the statement does not.

    One that is locked is being worked on at this moment, so nothing waits for it.
    """
    waiting = Refund.objects.filter(pk__in=refund_ids, state__in=ASKED).order_by("pk").select_for_update(skip_locked=True, no_key=True)
    if Refund.objects.filter(pk__in=[refund.pk for refund in waiting]).update(next_at=Now()):
        hint("workflows.settle")
