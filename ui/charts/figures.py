"""What a chart shows, as plain dataclasses. Marks, table, export and picture are all made from the same one.

A figure is made for one reader: labels and notes are already in the reader's language, addresses already their own.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ui.charts.units import COUNT, Unit

KEY = re.compile(r"[a-z][a-z0-9-]*")
MOST_SERIES = 6  # colours and dashes that can be told apart; what has more is shown as a table only


@dataclass(frozen=True, slots=True)
class Mark:
    """One value. ``None`` is no value, which is never drawn as zero.

    ``note`` stands beside it in words (n, or the interval as text); ``low`` and ``high`` are drawn as a whisker.
    """

    value: float | None
    url: str = ""
    note: str = ""
    low: float | None = None
    high: float | None = None
    is_provisional: bool = False  # the window of maturity has not passed: hatched or hollow
    is_at_least: bool = False  # open items count at their age: printed with ≥


@dataclass(frozen=True, slots=True)
class Slot:
    """One place on the axis, a day for instance: ``label`` on the axis, ``name`` wherever there is room."""

    label: str
    name: str = ""

    @property
    def full(self) -> str:
        return self.name or self.label


@dataclass(frozen=True, slots=True)
class Series:
    """One line, or one colour of columns: a mark for each slot, and a name for the legend."""

    label: str
    marks: tuple[Mark, ...]
    is_other: bool = False  # what is left after the named ones: the sixth colour


@dataclass(frozen=True, slots=True)
class Band:
    """A target: everything from ``low`` to ``high`` is good; one side may be open."""

    label: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """The definition changed: the slot with this number is the first that was measured the new way. No line crosses it."""

    slot: int
    label: str


@dataclass(frozen=True, slots=True)
class Flag:
    """What somebody wrote down about a slot: a promotion, an outage."""

    slot: int
    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One bar with its name; also one line of a ranking."""

    label: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Bin:
    """One column of a histogram: how many values lie in ``[low, high)``; ``high`` None is open."""

    low: float
    high: float | None
    mark: Mark


@dataclass(frozen=True, slots=True)
class Percentile:
    """A tick in a histogram, for instance P90 and where it lies."""

    label: str
    value: float


@dataclass(frozen=True, kw_only=True)
class Figure:
    """What every figure has. ``key`` is its name on the page, ``title`` a sentence, ``basis`` the cohort line under it.

    ``notes`` (n, filters, as-of, ``id@version``) stand under the chart and are printed into the picture.
    """

    key: str
    title: str
    unit: Unit = COUNT
    basis: str = ""
    notes: tuple[str, ...] = ()
    height: int = 240
    room: int = 480  # the least width of its plot on a desk, in pixels: labels are thinned out for it
    why_empty: str = ""

    def __post_init__(self) -> None:
        if not KEY.fullmatch(self.key):
            raise ValueError(f"{self.key!r} is no key of a figure: small letters, digits and hyphens")

    def marks(self) -> Iterator[Mark]:
        """Every mark, in reading order."""
        raise NotImplementedError

    @property
    def is_empty(self) -> bool:
        return all(mark.value is None for mark in self.marks())

    @property
    def is_drawable(self) -> bool:
        """Whether it can be told apart as a drawing; otherwise the table stands alone."""
        return True


@dataclass(frozen=True, kw_only=True)
class Slotted(Figure):
    """A figure with an axis of slots and one or more series over them."""

    slots: tuple[Slot, ...]
    series: tuple[Series, ...]
    slot_title: str = ""
    band: Band | None = None
    changes: tuple[Change, ...] = ()
    flags: tuple[Flag, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        for each in self.series:
            if len(each.marks) != len(self.slots):
                raise ValueError(f"{each.label!r} has {len(each.marks)} marks for {len(self.slots)} slots")

    def marks(self) -> Iterator[Mark]:
        return (mark for each in self.series for mark in each.marks)

    @property
    def is_drawable(self) -> bool:
        return len(self.series) <= MOST_SERIES


@dataclass(frozen=True, kw_only=True)
class Trend(Slotted):
    """Lines over time. The axis begins at zero unless ``from_zero`` is switched off."""

    from_zero: bool = True


@dataclass(frozen=True, kw_only=True)
class Columns(Slotted):
    """Columns beside each other, or stacked; stacked values must add up to something."""

    is_stacked: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.is_stacked and any((mark.value or 0) < 0 for mark in self.marks()):
            raise ValueError("what is stacked adds up, so nothing in it is below zero")


@dataclass(frozen=True, kw_only=True)
class Bars(Figure):
    """A ranking: one horizontal bar for each row, in the order given, with a whisker where the mark has an interval."""

    rows: tuple[Row, ...]
    row_title: str
    band: Band | None = None

    def marks(self) -> Iterator[Mark]:
        return (row.mark for row in self.rows)

    @property
    def is_empty(self) -> bool:
        return all(row.mark.value is None and not row.mark.note for row in self.rows)


@dataclass(frozen=True, kw_only=True)
class Pareto(Figure):
    """Causes by weight, largest first (the order given), with the running share of the whole, which ends at 100.0 %."""

    rows: tuple[Row, ...]
    row_title: str

    def marks(self) -> Iterator[Mark]:
        return (row.mark for row in self.rows)

    @property
    def is_empty(self) -> bool:
        return not any(row.mark.value for row in self.rows)

    def shares(self) -> list[float]:
        """The running share after each row; the last is exactly one."""
        values = [row.mark.value or 0 for row in self.rows]
        whole, running, shares = sum(values), 0, []
        for value in values:
            running += value
            shares.append(running / whole if whole else 0.0)
        return [*shares[:-1], 1.0] if whole else shares


@dataclass(frozen=True, kw_only=True)
class Heat(Figure):
    """A table of values by two dimensions, tinted; ``cells`` holds a tuple of marks for each row."""

    rows: tuple[str, ...]
    columns: tuple[Slot, ...]
    cells: tuple[tuple[Mark, ...], ...]
    row_title: str
    column_title: str

    def __post_init__(self) -> None:
        super().__post_init__()
        if [len(each) for each in self.cells] != [len(self.columns)] * len(self.rows):
            raise ValueError("a heat map needs a mark for each row and column")

    @property
    def is_empty(self) -> bool:
        return not any(mark.value for mark in self.marks())

    def marks(self) -> Iterator[Mark]:
        return (mark for each in self.cells for mark in each)


@dataclass(frozen=True, kw_only=True)
class Histogram(Figure):
    """How values are spread: ``of`` is their unit, ``unit`` counts them."""

    bins: tuple[Bin, ...]
    of: Unit
    percentiles: tuple[Percentile, ...] = ()
    bin_title: str = ""

    def marks(self) -> Iterator[Mark]:
        return (each.mark for each in self.bins)


@dataclass(frozen=True, kw_only=True)
class Spark(Figure):
    """The last dozen periods of a tile, without axes; the tile says the value, the title says the direction."""

    slots: tuple[Slot, ...]
    line: tuple[Mark, ...]
    height: int = 32

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.line) != len(self.slots):
            raise ValueError(f"{len(self.line)} marks for {len(self.slots)} slots")

    def marks(self) -> Iterator[Mark]:
        return iter(self.line)
