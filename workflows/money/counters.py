"""The only statements that move money counters: each changes a row if there is room in it, and tells whether it did.

Amounts are fen. Call them in the transaction of the act, with the case locked; balances first, then units by id.
"""

from collections.abc import Mapping

from django.db.models import F
from django.db.models.functions import Now

from workflows.models import PaymentBalance, RefundableUnit


def hold(balance_id: int, amount: int) -> bool:
    """Keep an amount of a payment for a refund to come. False: frozen, or the payment does not hold that much any more."""
    room = PaymentBalance.objects.filter(
        pk=balance_id, frozen_at__isnull=True, captured_fen__gte=F("held_fen") + F("refunded_fen") + F("external_fen") + amount
    )
    return _one(room.update(held_fen=F("held_fen") + amount))


def release(balance_id: int, amount: int) -> bool:
    """Give back what was held: it will not be paid."""
    return _one(PaymentBalance.objects.filter(pk=balance_id, held_fen__gte=amount).update(held_fen=F("held_fen") - amount))


def book_paid(balance_id: int, amount: int) -> bool:
    """What was held has been paid."""
    held = PaymentBalance.objects.filter(pk=balance_id, held_fen__gte=amount)
    return _one(held.update(held_fen=F("held_fen") - amount, refunded_fen=F("refunded_fen") + amount))


def book_returned(balance_id: int, amount: int) -> bool:
    """What was paid came back, and is held again."""
    paid = PaymentBalance.objects.filter(pk=balance_id, refunded_fen__gte=amount)
    return _one(paid.update(held_fen=F("held_fen") + amount, refunded_fen=F("refunded_fen") - amount))


def book_external(balance_id: int, amount: int) -> bool:
    """A refund that was made elsewhere. False: it does not fit, which is an anomaly for whoever called."""
    room = PaymentBalance.objects.filter(pk=balance_id, captured_fen__gte=F("held_fen") + F("refunded_fen") + F("external_fen") + amount)
    return _one(room.update(external_fen=F("external_fen") + amount))


def unbook_external(balance_id: int, amount: int) -> bool:
    """It was not made elsewhere after all."""
    booked = PaymentBalance.objects.filter(pk=balance_id, external_fen__gte=amount)
    return _one(booked.update(external_fen=F("external_fen") - amount))


def freeze(balance_id: int, why: str) -> bool:
    """Nothing more is held or released of this payment until finance lifts it. False: it stood still already."""
    return _one(PaymentBalance.objects.filter(pk=balance_id, frozen_at__isnull=True).update(frozen_at=Now(), frozen_why=why))


def hold_units(amounts: Mapping[int, int]) -> list[int]:
    """Keep amounts of units, by their ids; returns the ids of those that are not worth that much any more."""
    return [unit_id for unit_id, amount in sorted(amounts.items()) if not _hold_unit(unit_id, amount)]


def release_units(amounts: Mapping[int, int]) -> None:
    for unit_id, amount in sorted(amounts.items()):
        RefundableUnit.objects.filter(pk=unit_id).update(held_fen=F("held_fen") - amount)


def book_units_paid(amounts: Mapping[int, int]) -> None:
    for unit_id, amount in sorted(amounts.items()):
        RefundableUnit.objects.filter(pk=unit_id).update(held_fen=F("held_fen") - amount, refunded_fen=F("refunded_fen") + amount)


def book_units_returned(amounts: Mapping[int, int]) -> None:
    for unit_id, amount in sorted(amounts.items()):
        RefundableUnit.objects.filter(pk=unit_id).update(held_fen=F("held_fen") + amount, refunded_fen=F("refunded_fen") - amount)


def _hold_unit(unit_id: int, amount: int) -> bool:
    room = RefundableUnit.objects.filter(pk=unit_id, entitled_fen__gte=F("held_fen") + F("refunded_fen") + amount)
    return _one(room.update(held_fen=F("held_fen") + amount))


def _one(changed: int) -> bool:
    return changed == 1
