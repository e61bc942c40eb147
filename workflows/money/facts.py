"""A refund moves in one step with the money counters, its own fact and the complaint's event; its row is the fold of its facts."""

from typing import TYPE_CHECKING, Any

from workflows.machines.refund import RefundState
from workflows.models import Refund, RefundEvent
from workflows.money import counters
from workflows.money.seals import lines_of

if TYPE_CHECKING:
    from workflows.services.act import CaseAct


class BooksError(RuntimeError):
    """A counter does not hold what its refunds say. Nothing is changed; people have to look."""


def move_refund(
    act: "CaseAct",
    refund: Refund,
    verb: str,
    *,
    to: str | None = None,
    is_ours: bool = False,
    codes: dict | None = None,
    payload: dict | None = None,
    **fields: Any,
) -> None:
    """Carry a verb out, with what it means for the counters of the payment and of the units.

    ``is_ours``: it follows by itself from what somebody did, so nobody stands for it. A request for a second person ends with any move.
    """
    before, codes = refund.state, codes or {}
    act.move(refund, verb, to=to, codes={"amount_fen": refund.amount_fen} | codes, payload=payload, closing_by=None, **fields)
    held, refunded = move_counters(refund, before)
    note_fact(act, refund, verb, before=before, held=held, refunded=refunded, is_ours=is_ours, codes=codes)


def move_counters(refund: Refund, before: str) -> tuple[int, int]:
    """What a move adds to held and to refunded, in fen. The balance comes before its units: that is the order of locks."""
    amount = refund.amount_fen
    if refund.state == RefundState.VOIDED:
        _require(counters.release(refund.balance_id, amount), refund)
        counters.release_units(lines_of(refund))
        return -amount, 0
    if refund.state == RefundState.SUCCEEDED:
        _require(counters.book_paid(refund.balance_id, amount), refund)
        counters.book_units_paid(lines_of(refund))
        return -amount, amount
    if before == RefundState.SUCCEEDED:
        _require(counters.book_returned(refund.balance_id, amount), refund)
        counters.book_units_returned(lines_of(refund))
        return amount, -amount
    return 0, 0


def note_fact(
    act: "CaseAct",
    refund: Refund,
    verb: str,
    *,
    before: str,
    held: int = 0,
    refunded: int = 0,
    is_ours: bool = False,
    codes: dict | None = None,
) -> None:
    """Every version of the row has one fact, under the same number."""
    RefundEvent.objects.create(
        refund=refund,
        seq=refund.version,
        verb=verb,
        before=before,
        after=refund.state,
        held_fen=held,
        refunded_fen=refunded,
        by=None if is_ours else act.by,
        codes=codes or {},
    )


def _require(is_done: bool, refund: Refund) -> None:
    if not is_done:
        raise BooksError(f"{refund}: the counters of its payment do not hold {refund.amount_fen}")
