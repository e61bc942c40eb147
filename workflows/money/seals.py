"""What a refund consists of, and the seal under which it is approved."""

import hashlib

from foundation.events import canonical_json
from workflows.models import Refund, RefundLine

Lines = dict[int, int]


def lines_of(refund: Refund) -> Lines:
    """How much of it is for which unit."""
    return dict(RefundLine.objects.filter(refund=refund).values_list("unit_id", "amount_fen"))


def hash_of(refund: Refund, lines: Lines) -> str:
    """What an approver sees and signs: payment, way, amount, revision and every line. (M14)"""
    seen = {
        "case": refund.case_id,
        "payment": refund.balance_id,
        "gateway": refund.gateway,
        "purpose": refund.purpose,
        "revision": refund.revision,
        "amount_fen": refund.amount_fen,
        "currency": refund.currency,
        "lines": sorted(lines.items()),
    }
    return hashlib.sha256(canonical_json(seen)).hexdigest()
