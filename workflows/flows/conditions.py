"""Conditions of a flow definition: rows [field, op, value] in all/any groups over typed facts, true, false or unknown.

A fact that is missing, None or of another type is unknown, and Kleene's logic carries that on: a condition is only true or false
when no value of the unknown facts could change it row by row.
"""

import operator
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

TYPES = (
    "return_no_reason",
    "return_quality",
    "exchange_quality",
    "repair",
    "refund_only",
    "reship",
    "compensation",
    "advance_payout",
    "refused_parcel",
)
OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": lambda fact, values: fact in values,
    "not_in": lambda fact, values: fact not in values,
}
LISTED = {"in", "not_in"}
# Stands for every value of a free field that no condition names.
ANOTHER = "another"
GROUPS = {"all", "any"}
MOST_DEEP = 8

Facts = Mapping[str, Any]


class ConditionError(Exception):
    """A condition that cannot be read: where it stands, which field it is about, and what is wrong."""

    def __init__(self, path: str, field: str, reason: str) -> None:
        super().__init__(path, field, reason)
        self.path, self.field, self.reason = path, field, reason

    def __str__(self) -> str:
        return f"{self.path}: {self.field}: {self.reason}" if self.field else f"{self.path}: {self.reason}"


class Number:
    """Whole numbers, or hundredths when ``step`` says so, from ``low`` up to ``high``. Kept as fractions, so that nothing is rounded."""

    ops = ("=", "!=", "<", "<=", ">", ">=")

    def __init__(self, *, low: int = 0, high: int | None = None, step: Fraction = Fraction(1)) -> None:
        self.low, self.high, self.step = Fraction(low), None if high is None else Fraction(high), step

    def read(self, raw: Any) -> Fraction | None:
        """The value, or None when ``raw`` is not one."""
        if isinstance(raw, str):
            return None
        try:
            number = Fraction(str(raw))
        except (ValueError, ZeroDivisionError):
            return None
        return number if self.has(number) else None

    def has(self, number: Fraction) -> bool:
        return number >= self.low and (self.high is None or number <= self.high) and (self.step != 1 or number.denominator == 1)

    def around(self, named: Iterable[Fraction]) -> list[Fraction]:
        """On both sides of each value that a condition names: between them nothing changes."""
        near = {value + shift for value in named for shift in (-self.step, 0, self.step)}
        return sorted(value for value in {self.low, *near} if self.has(value))


class Members:
    """One of a fixed set of words."""

    ops = ("=", "!=", "in", "not_in")

    def __init__(self, *members: str) -> None:
        self.members = members

    def read(self, raw: Any) -> str | None:
        return raw if isinstance(raw, str) and raw in self.members else None

    def around(self, named: Iterable[str]) -> list[str]:
        return list(self.members)


class Code:
    """A code that the house chooses itself, of a category or a warehouse."""

    ops = ("=", "!=", "in", "not_in")

    def read(self, raw: Any) -> str | None:
        return raw if isinstance(raw, str) and raw else None

    def around(self, named: Iterable[str]) -> list[str]:
        """What is named, and one that nobody named."""
        values = sorted(set(named))
        return [*values, "-".join([ANOTHER, *values])]


class Flag:
    """Yes or no."""

    ops = ("=", "!=")

    def read(self, raw: Any) -> bool | None:
        return raw if isinstance(raw, bool) else None

    def around(self, named: Iterable[bool]) -> list[bool]:
        return [False, True]


FIELDS: Mapping[str, Number | Members | Code | Flag] = {
    "amount": Number(),
    "type": Members(*TYPES),
    "category": Code(),
    "customer_level": Members("standard", "vip"),
    "risk": Members("low", "medium", "high"),
    "liability": Members("merchant", "carrier", "supplier", "customer", "platform"),
    "days_since_signed": Number(),
    "received_ratio": Number(high=1, step=Fraction(1, 100)),
    "warehouse": Code(),
    "channel": Code(),
    "out_of_window": Flag(),
}


@dataclass(frozen=True)
class Row:
    field: str
    op: str
    value: Any


@dataclass(frozen=True)
class AllOf:
    parts: tuple["Condition", ...]


@dataclass(frozen=True)
class AnyOf:
    parts: tuple["Condition", ...]


Condition = Row | AllOf | AnyOf


def parse_condition(raw: Any, path: str = "when", *, depth: int = 0) -> Condition:
    """Read one condition. Raises ``ConditionError`` at the first thing that is wrong."""
    if depth > MOST_DEEP:
        raise ConditionError(path, "", format_lazy(_("Groups may stand inside one another at most {count} deep."), count=MOST_DEEP))
    if isinstance(raw, list):
        return _parse_row(raw, path)
    if not isinstance(raw, dict) or len(raw) != 1 or not GROUPS & set(raw):
        raise ConditionError(path, "", _("A condition is a row [field, operator, value] or a group “all” or “any” of them."))
    ((name, parts),) = raw.items()
    if not isinstance(parts, list) or not parts:
        raise ConditionError(f"{path}.{name}", "", _("A group holds at least one row."))
    kind = AllOf if name == "all" else AnyOf
    return kind(tuple(parse_condition(part, f"{path}.{name}[{at}]", depth=depth + 1) for at, part in enumerate(parts)))


def _parse_row(raw: list, path: str) -> Row:
    if len(raw) != 3 or not all(isinstance(word, str) for word in raw[:2]):
        raise ConditionError(path, "", _("A row has three parts: field, operator, value."))
    name, op, value = raw
    if name not in FIELDS:
        raise ConditionError(path, name, format_lazy(_("There is no such field. Known are {names}."), names=", ".join(FIELDS)))
    field = FIELDS[name]
    if op not in field.ops:
        raise ConditionError(path, name, format_lazy(_("“{op}” cannot be asked here. Use one of {ops}."), op=op, ops=", ".join(field.ops)))
    return Row(name, op, _parse_values(value, name, path) if op in LISTED else _parse_value(value, name, path))


def _parse_values(raw: Any, name: str, path: str) -> tuple:
    if not isinstance(raw, list) or not raw:
        raise ConditionError(path, name, _("Give a list with at least one value."))
    return tuple(_parse_value(value, name, path) for value in raw)


def _parse_value(raw: Any, name: str, path: str) -> Any:
    value = FIELDS[name].read(raw)
    if value is None:
        raise ConditionError(path, name, format_lazy(_("“{value}” is not a value of this field."), value=str(raw)))
    return value


def truth(condition: Condition, facts: Facts) -> bool | None:
    """True, False, or None while a missing fact decides."""
    if isinstance(condition, Row):
        return _row_truth(condition, facts)
    values = [truth(part, facts) for part in condition.parts]
    return all_of(values) if isinstance(condition, AllOf) else any_of(values)


def _row_truth(row: Row, facts: Facts) -> bool | None:
    fact = facts.get(row.field)
    value = None if fact is None else FIELDS[row.field].read(fact)
    return None if value is None else OPERATORS[row.op](value, row.value)


def all_of(values: Iterable[bool | None]) -> bool | None:
    """Kleene's and."""
    seen = set(values)
    if False in seen:
        return False
    return None if None in seen else True


def any_of(values: Iterable[bool | None]) -> bool | None:
    """Kleene's or."""
    seen = set(values)
    if True in seen:
        return True
    return None if None in seen else False


def rows_of(condition: Condition) -> Iterator[Row]:
    """Every row, in the order of the text."""
    if isinstance(condition, Row):
        yield condition
    else:
        for part in condition.parts:
            yield from rows_of(part)


def boundaries(*conditions: Condition) -> dict[str, tuple]:
    """For each field that the conditions ask, values enough to meet every different answer: both sides of each number, each member."""
    named: dict[str, list] = defaultdict(list)
    for row in (row for condition in conditions for row in rows_of(condition)):
        named[row.field].extend(row.value if row.op in LISTED else [row.value])
    return {name: tuple(FIELDS[name].around(values)) for name, values in named.items()}
