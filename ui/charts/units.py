"""What the values of a figure are counted in: how a value is written, and which round numbers stand on its axis.

Durations are seconds, shares are fractions (0.765 is 76.5 %), money is minor units; a value on the screen is never parsed back.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from ui.money import DIGITS, MINUS, SYMBOLS, format_money

ROUND = (1, 2, 5)
MINUTE, HOUR, DAY = 60, 3600, 86400
ROUND_SECONDS = (
    1, 2, 5, 10, 15, 30,
    MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE,
    HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY,
)  # fmt: skip


class Unit(ABC):
    """How values of one kind are written, in the reader's language."""

    kind = "decimal"  # the kind of a column in an export

    @abstractmethod
    def write(self, value: float) -> str:
        """The value as marks and tables say it."""

    @abstractmethod
    def write_tick(self, value: float, highest: float) -> str:
        """The value as an axis says it that goes up to ``highest``: short, all of them alike."""

    def step(self, least: float) -> float:
        """The smallest round distance between two ticks that is not below ``least``."""
        return round_up(least)


@dataclass(frozen=True, slots=True)
class Number(Unit):
    """A number with a fixed count of decimals; ``signed`` puts a plus before what is above zero."""

    digits: int = 0
    signed: bool = False

    @property
    def kind(self) -> str:
        return "decimal" if self.digits else "int"

    def write(self, value: float) -> str:
        whole = float(value).is_integer() and not self.signed
        return _sign(value, f"{abs(value):,.{0 if whole else max(self.digits, 1)}f}", plus=self.signed)

    def write_tick(self, value: float, highest: float) -> str:
        return _sign(value, shorten(abs(value), highest))

    def step(self, least: float) -> float:
        return max(round_up(least), 1) if self.digits == 0 else round_up(least)


@dataclass(frozen=True, slots=True)
class Percent(Unit):
    """A share of a whole, given as a fraction."""

    digits: int = 1
    kind = "percent"

    def write(self, value: float) -> str:
        return _("%(number)s %%") % {"number": _sign(value, f"{abs(value) * 100:.{self.digits}f}")}

    def write_tick(self, value: float, highest: float) -> str:
        return _("%(number)s %%") % {"number": _sign(value, f"{round(abs(value) * 100, 6):g}")}


@dataclass(frozen=True, slots=True)
class Duration(Unit):
    """Seconds, written in the largest unit that they fill, with one decimal."""

    kind = "duration"

    def write(self, value: float) -> str:
        return _span(value, _unit_of(value), 1)

    def write_tick(self, value: float, highest: float) -> str:
        return _span(value, _unit_of(highest), 1) if value else "0"

    def step(self, least: float) -> float:
        return next((step for step in ROUND_SECONDS if step >= least), round_up(least / DAY) * DAY)


@dataclass(frozen=True, slots=True)
class Money(Unit):
    """Integer minor units of one currency."""

    currency: str = "CNY"
    kind = "money"

    def write(self, value: float) -> str:
        return format_money(round(value), self.currency)

    def write_tick(self, value: float, highest: float) -> str:
        scale = 10 ** DIGITS.get(self.currency, 2)
        sign = SYMBOLS.get(self.currency) or f"{self.currency}\N{NO-BREAK SPACE}"
        return _sign(value, f"{sign}{shorten(abs(value) / scale, highest / scale)}")


COUNT = Number()
SHARES = Number(digits=1)  # complaints split by liability: 0.6 of one
SCORE = Number(digits=2)
POINTS = Number(digits=1, signed=True)
PERCENT = Percent()
SECONDS = Duration()
YUAN = Money()


def round_up(least: float) -> float:
    """The smallest of 1, 2, 5 times a power of ten that is not below ``least``."""
    if least <= 0:
        return 1
    power = 10.0 ** (len(f"{int(least)}") - 1) if least >= 1 else 1.0
    while power > least:
        power /= 10
    return next(factor * power for factor in (*ROUND, 10) if factor * power >= least * (1 - 1e-9))


def shorten(value: float, highest: float) -> str:
    """A number without its zeros: 12 k, or 1.2 万 where one counts in ten thousands."""
    # Translators: from which number on numbers are shortened on an axis, each with its sign; Chinese counts 10000=万 100000000=亿.
    sizes = pgettext("axis", "1000=k 1000000=M 1000000000=B")
    for size, sign in reversed([pair.split("=") for pair in sizes.split()]):
        if highest >= 2 * int(size):
            return f"{round(value / int(size), 6):g}\N{NO-BREAK SPACE}{sign}" if value else "0"
    return f"{round(value, 6):g}" if value < 10 else f"{value:,.0f}"


def _sign(value: float, written: str, *, plus: bool = False) -> str:
    return f"{MINUS if value < 0 else '+' if plus and value > 0 else ''}{written}"


def _unit_of(seconds: float) -> int:
    return next((size for size in (DAY, HOUR, MINUTE) if abs(seconds) >= size), 1)


def _span(seconds: float, size: int, digits: int) -> str:
    number = f"{abs(seconds) / size:,.{digits}f}".removesuffix(".0")
    words = {DAY: _("%(days)s d"), HOUR: _("%(hours)s h"), MINUTE: _("%(minutes)s min"), 1: _("%(seconds)s s")}[size]
    return _sign(seconds, words % dict.fromkeys(("days", "hours", "minutes", "seconds"), number))
