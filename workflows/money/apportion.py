"""Who bears which part of a discount, what one unit was paid, and which payment gives back how much.

Pure arithmetic on integers. Every amount is in the smallest unit of one currency (fen); the caller keeps currencies apart.
Nothing is rounded away: each list returned sums exactly to what was shared out. Source: returns.md 4.2, M10.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import sub

EARLIEST = datetime.min.replace(tzinfo=UTC)


class ApportionmentError(ValueError):
    """The amounts contradict each other: more is to be shared out than there is, or a number is no whole amount."""


@dataclass(frozen=True)
class Line:
    """One line of a basket. ``gross_minor`` is the price of all its units before discounts, ``discount_minor`` its own discount."""

    gross_minor: int
    discount_minor: int = 0


@dataclass(frozen=True)
class Source:
    """A payment that a refund may draw on. A lower ``priority`` is drawn first; ``balance_minor`` is what it can still give back."""

    key: int | str
    balance_minor: int
    priority: int = 0
    captured_at: datetime | None = None


@dataclass(frozen=True)
class Draw:
    """What one payment gives back. Never zero: a payment that gives nothing is not drawn on."""

    key: int | str
    amount_minor: int


def share_out(total: int, weights: Sequence[int]) -> list[int]:
    """Share an amount over weights by largest remainder, ties in favour of the earlier position.

    Needs ``0 <= total <= sum(weights)`` and no negative weight. Each share lies between 0 and its weight and less than 1 from
    its exact proportion; the shares sum to ``total``. Raises ``ApportionmentError`` otherwise.
    """
    _require_amounts(total, *weights)
    whole = sum(weights)
    if total > whole:
        raise ApportionmentError(f"{total} cannot be shared out over {whole}")
    if whole == 0:
        return [0] * len(weights)
    shares = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda place: -(total * weights[place] % whole))
    for place in by_remainder[: total - sum(shares)]:
        shares[place] += 1
    return shares


def paid_per_line(lines: Sequence[Line], order_discounts: Sequence[int] = ()) -> list[int]:
    """What was paid for each line: first each line's own discount, then every order discount in turn on what remains.

    The results sum to all gross amounts less all discounts, and each lies between 0 and its line's gross amount.
    Raises ``ApportionmentError`` when a discount is greater than what it is taken from.
    """
    paid = [_after_own_discount(line) for line in lines]
    for discount in order_discounts:
        paid = list(map(sub, paid, share_out(discount, paid)))
    return paid


def unit_amount(total: int, *, units: int, number: int) -> int:
    """What unit ``number`` (counted from 1) of a line of ``units`` units was paid, the line being paid ``total``."""
    _require_amounts(total, units)
    if not 1 <= number <= units:
        raise ApportionmentError(f"there is no unit {number} of {units}")
    return total * number // units - total * (number - 1) // units


def unit_amounts(total: int, *, units: int) -> list[int]:
    """What each unit of a line was paid. They sum to ``total`` and differ by at most 1, so it does not matter in how many
    parts they are returned. No unit at all can only have cost nothing."""
    if units == 0 and total:
        raise ApportionmentError(f"{total} was paid for no unit")
    _require_amounts(total, units)
    return [unit_amount(total, units=units, number=number) for number in range(1, units + 1)]


def draw_from(sources: Iterable[Source], amount: int) -> list[Draw]:
    """Draw a refund from several payments: by priority, then the latest captured, then as given; each up to its balance.

    ``amount`` must be positive. Raises ``ApportionmentError`` when the balances together do not hold it: nothing is drawn then.
    """
    ordered = sorted(sources, key=lambda source: source.captured_at or EARLIEST, reverse=True)
    ordered.sort(key=lambda source: source.priority)
    _require_amounts(amount, *(source.balance_minor for source in ordered))
    if not 0 < amount <= sum(source.balance_minor for source in ordered):
        raise ApportionmentError(f"{amount} cannot be drawn from {sum(source.balance_minor for source in ordered)}")
    draws = []
    for source in ordered:
        part = min(amount, source.balance_minor)
        amount -= part
        if part:
            draws.append(Draw(source.key, part))
    return draws


def _after_own_discount(line: Line) -> int:
    _require_amounts(line.gross_minor, line.discount_minor)
    if line.discount_minor > line.gross_minor:
        raise ApportionmentError(f"a discount of {line.discount_minor} on {line.gross_minor}")
    return line.gross_minor - line.discount_minor


def _require_amounts(*amounts: int) -> None:
    """Whole numbers from 0 up; True and 1.0 are none."""
    if any(type(amount) is not int or amount < 0 for amount in amounts):
        raise ApportionmentError("amounts are integers in the smallest unit, none below 0")
