"""I5: money. Our counters, rows and books agree with each other, and with what the payment provider says it did.

Per payment the provider's ledger equals the refunds that succeeded and is never above what came in; a refund moves money at most once;
nothing that failed or was voided has moved any.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import connection

# The state that a sum counts in; everything else that is not voided is held.
HELD = "state NOT IN ('succeeded', 'voided')"
FAULTS = f"""
    SELECT 'payment ' || b.payment_id, 'holds ' || b.held_fen || ', its refunds ' || sums.held FROM workflows_paymentbalance b
        JOIN LATERAL (SELECT coalesce(sum(amount_fen) FILTER (WHERE {HELD}), 0) AS held FROM workflows_refund WHERE balance_id = b.id) sums
        ON true WHERE b.held_fen <> sums.held
    UNION ALL SELECT 'payment ' || b.payment_id, 'has refunded ' || b.refunded_fen || ', its refunds ' || sums.paid
        FROM workflows_paymentbalance b
        JOIN LATERAL (SELECT coalesce(sum(amount_fen) FILTER (WHERE state = 'succeeded'), 0) AS paid
            FROM workflows_refund WHERE balance_id = b.id) sums ON true WHERE b.refunded_fen <> sums.paid
    UNION ALL SELECT 'payment ' || payment_id, 'is over' FROM workflows_paymentbalance
        WHERE held_fen + refunded_fen + external_fen > captured_fen
    UNION ALL SELECT 'unit ' || u.id, 'holds ' || u.held_fen || ' and refunded ' || u.refunded_fen || ', its refunds say otherwise'
        FROM workflows_refundableunit u LEFT JOIN LATERAL (
            SELECT sum(l.amount_fen) FILTER (WHERE r.{HELD}) AS held, sum(l.amount_fen) FILTER (WHERE r.state = 'succeeded') AS paid
            FROM workflows_refundline l JOIN workflows_refund r ON r.id = l.refund_id WHERE l.unit_id = u.id) sums ON true
        WHERE u.held_fen <> coalesce(sums.held, 0) OR u.refunded_fen <> coalesce(sums.paid, 0)
    UNION ALL SELECT r.out_refund_no, 'is ' || r.state || ', its facts say ' || coalesce(last.after, 'nothing') FROM workflows_refund r
        LEFT JOIN LATERAL (SELECT after FROM workflows_refundevent WHERE refund_id = r.id ORDER BY seq DESC LIMIT 1) last ON true
        WHERE last.after IS DISTINCT FROM r.state
    UNION ALL SELECT r.out_refund_no, 'holds and has refunded other sums than its facts say' FROM workflows_refund r
        JOIN LATERAL (SELECT coalesce(sum(held_fen), 0) AS held, coalesce(sum(refunded_fen), 0) AS paid
            FROM workflows_refundevent WHERE refund_id = r.id) sums ON true
        WHERE sums.held <> CASE WHEN r.{HELD} THEN r.amount_fen ELSE 0 END
            OR sums.paid <> CASE WHEN r.state = 'succeeded' THEN r.amount_fen ELSE 0 END
    UNION ALL SELECT r.out_refund_no, 'the ledger gave the customer ' || sums.given FROM workflows_refund r
        JOIN LATERAL (SELECT coalesce(sum(amount_fen), 0) AS given FROM workflows_ledgerentry
            WHERE refund_id = r.id AND account = 'customer') sums ON true
        WHERE sums.given <> CASE WHEN r.state = 'succeeded' THEN r.amount_fen ELSE 0 END
    UNION ALL SELECT 'posting ' || posting, 'does not add up' FROM workflows_ledgerentry
        GROUP BY posting, currency HAVING sum(amount_fen) <> 0
"""  # noqa: S608 - constants of this module
REFUNDS = """
    SELECT r.out_refund_no, r.state, r.amount_fen, r.currency, p.external_id, b.captured_fen FROM workflows_refund r
        JOIN workflows_paymentbalance b ON b.id = r.balance_id JOIN orders_payment p ON p.id = b.payment_id WHERE r.gateway = %s
"""
# What finance has looked at and counted as made outside.
COUNTED = """
    SELECT codes ->> 'key', (codes ->> 'theirs')::bigint FROM workflows_anomaly a WHERE closed_at IS NOT NULL AND EXISTS (
        SELECT FROM workflows_anomalyact WHERE anomaly_id = a.id AND kind = 'counted')
"""
# What can still be either: the provider has not been heard since.
OPEN = {"submitting", "unknown", "processing", "queued"}


def money_faults() -> list[str]:
    """What does not agree within our own books."""
    with connection.cursor() as cursor:
        cursor.execute(FAULTS)
        return [f"{about}: {fault}" for about, fault in cursor.fetchall()]


def ledger_faults(path: Path, *, gateway: str = "demo") -> list[str]:
    """What does not agree with the provider's own ledger, by number, both ways."""
    theirs = read_ledger(path)
    with connection.cursor() as cursor:
        cursor.execute(REFUNDS, [gateway])
        ours = {row[0]: row[1:] for row in cursor.fetchall()}
        cursor.execute(COUNTED)
        counted = set(cursor.fetchall())
    strange = {number for number in theirs.keys() - ours.keys() if (number, _moved(theirs[number])) not in counted}
    known = sorted(ours.keys() | strange)
    faults = [f"{number}: {fault}" for number in known for fault in _compare(ours.get(number), theirs.get(number))]
    return [*faults, *_above_captured(ours, theirs)]


def read_ledger(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Everything that happened to each number, in order."""
    found = defaultdict(list)
    *lines, _torn = path.read_text(encoding="utf-8").split("\n")
    for fact in map(json.loads, lines):
        if "out_refund_no" in fact:
            found[fact["out_refund_no"]].append(fact)
    return dict(found)


def _moved(facts: list[dict]) -> int:
    """What of a number is paid at the end."""
    facts = [fact for fact in facts if fact["kind"] != "taken"]
    return facts[-1]["amount_minor"] if facts and facts[-1]["kind"] == "paid" else 0


def _compare(ours: tuple | None, theirs: list[dict] | None) -> Iterator[str]:
    facts = [fact for fact in theirs or [] if fact["kind"] != "taken"]
    kinds = Counter(fact["kind"] for fact in facts)
    is_paid = bool(facts) and facts[-1]["kind"] == "paid"
    if ours is None:
        if kinds["paid"]:
            yield "only the provider knows it"
        return
    state, amount, currency, *_payment = ours
    if kinds["paid"] - kinds["bounced"] > 1:
        yield "was paid more than once"
    if any((fact["amount_minor"], fact["currency"]) != (amount, currency) for fact in facts):
        yield "the provider has another amount or currency"
    if state not in OPEN and (state == "succeeded") != is_paid:
        yield f"is {state} here and {facts[-1]['kind'] if facts else 'unknown'} there"


def _above_captured(ours: dict, theirs: dict) -> Iterator[str]:
    paid: Counter = Counter()
    captured = {}
    for _state, _amount, _currency, payment, received in ours.values():
        captured[payment] = received
    for number, facts in theirs.items():
        payment = ours[number][3] if number in ours else facts[0].get("transaction_id")
        paid[payment] += _moved(facts)
    yield from (
        f"payment {payment}: {fen} paid back of {captured[payment]}" for payment, fen in paid.items() if fen > captured.get(payment, fen)
    )
