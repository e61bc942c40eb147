"""Forming classes of at least k rows that look alike in everything that others may know: top-down, along declared hierarchies.

All rows begin at the coarsest level that whoever asks will take. A class is then divided again and again by one step down of one
column, as long as every part keeps k rows (and l different values of each sensitive column); what is too small for a part of its own
stays together at the level above. So nothing is suppressed but what is too rare at the coarsest acceptable levels.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from .hierarchies import Hierarchy

Rows = np.ndarray
SUPPRESSED = -1
LEAST_K = 3
# With more values than that, counting only those that are there is quicker than a place for each.
MANY = 4096


@dataclass(frozen=True)
class Demand:
    """What the classes must hold. ``floors`` are the coarsest acceptable levels, by column; ``cap`` the share that may be suppressed.

    ``worth`` says how much each column is wanted, next to the others; without it all are wanted alike.
    """

    floors: tuple[int, ...]
    k: int = 5
    l: int = 1  # noqa: E741 - what the literature calls it
    cap: float = 0.05
    worth: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.k < LEAST_K or self.l < 1:
            raise ValueError("k is at least 3 and l at least 1")


@dataclass(frozen=True)
class Tree:
    """The values of one column at every level: ``values[level]`` are their names, ``codes[level]`` leads from a leaf to its place there."""

    values: tuple[list[str], ...]
    codes: tuple[np.ndarray, ...]

    @property
    def top(self) -> int:
        return len(self.values) - 1


def make_tree(leaves: Sequence[str], hierarchy: Hierarchy) -> Tree:
    """The levels above these values. Places go by the order of names, so that the order in which rows were read changes nothing."""
    names = [[hierarchy.climb(leaf, level) for leaf in leaves] for level in range(hierarchy.top + 1)]
    values = tuple(sorted(set(each)) for each in names)
    places = [{name: place for place, name in enumerate(each)} for each in values]
    codes = tuple(np.array([place[name] for name in each], dtype=np.int32) for place, each in zip(places, names, strict=True))
    return Tree(values, codes)


@dataclass
class Classes:
    """The outcome: for each row its class (-1: suppressed) and the level of each column."""

    number: np.ndarray
    level: np.ndarray
    sizes: list[int] = field(default_factory=list)

    @property
    def suppressed(self) -> int:
        return int((self.number == SUPPRESSED).sum())

    def add(self, rows: Rows, levels: Sequence[int]) -> None:
        self.number[rows] = len(self.sizes)
        self.level[rows] = levels
        self.sizes.append(len(rows))


class TooRareError(Exception):
    """More than the cap would be suppressed. ``column`` is the place of the column that helps most when it may be coarser."""

    def __init__(self, suppressed: int, total: int, column: int | None) -> None:
        super().__init__(f"{suppressed} of {total}")
        self.suppressed, self.total, self.column = suppressed, total, column


@dataclass(frozen=True)
class Part:
    """A class that may still be divided: its rows, the level of each column, and the columns that are done with."""

    rows: Rows
    levels: tuple[int, ...]
    closed: frozenset[int] = frozenset()

    def step_down(self, column: int, rows: Rows) -> "Part":
        levels = tuple(level - (place == column) for place, level in enumerate(self.levels))
        return Part(rows, levels, self.closed)

    def leave(self, column: int, rows: Rows) -> "Part":
        """What is too small for a part of its own; it stays where it is in this column."""
        return Part(rows, self.levels, self.closed | {column})


class Former:
    """Forms the classes of one set of rows: ``leaves`` has a line for each column, ``sensitive`` one for each sensitive column."""

    def __init__(self, trees: Sequence[Tree], leaves: np.ndarray, sensitive: np.ndarray, demand: Demand) -> None:
        self.trees, self.leaves, self.sensitive, self.demand = trees, leaves, sensitive, demand
        self.count = leaves.shape[1]
        self.worth = [self._worth(column) for column in range(len(trees))]
        # A column with fewer values than that altogether cannot have more in a class.
        self.kinds = [min(demand.l, len(np.unique(each))) for each in sensitive]

    def form(self) -> Classes:
        """Divide until nothing more can be divided; ``TooRareError`` when too much would have to be left out."""
        found = Classes(np.full(self.count, SUPPRESSED, dtype=np.int32), np.zeros((self.count, len(self.trees)), dtype=np.uint8))
        work = self._first_parts()
        while work:
            part = self._descend(work.pop())
            parts = self._divide(part)
            if parts:
                work.extend(parts)
            else:
                found.add(part.rows, part.levels)
        return found

    # ----- the coarsest acceptable levels

    def _first_parts(self) -> list[Part]:
        floors = self.demand.floors
        parts = [Part(rows, floors) for rows in self._groups_at(floors) if self._holds(rows)]
        suppressed = self.count - sum(len(part.rows) for part in parts)
        if suppressed > self.demand.cap * self.count:
            raise TooRareError(suppressed, self.count, self._best_to_coarsen(floors))
        return parts

    def _groups_at(self, levels: Sequence[int]) -> Iterator[Rows]:
        key = np.zeros(self.count, dtype=np.int64)
        for column, level in enumerate(levels):
            values = self._values(column, level, slice(None))
            # Renumbered each time, so that the key of many columns stays a small number.
            key = np.unique(key * (int(values.max(initial=0)) + 1) + values, return_inverse=True)[1]
        return (rows for _value, rows in _by_value(key, np.arange(self.count)))

    def _best_to_coarsen(self, floors: Sequence[int]) -> int | None:
        able = [column for column, floor in enumerate(floors) if floor < self.trees[column].top]
        return min(able, key=lambda column: self._rare_at(_with(floors, column, floors[column] + 1)), default=None)

    def _rare_at(self, levels: Sequence[int]) -> int:
        return sum(len(rows) for rows in self._groups_at(levels) if not self._holds(rows))

    # ----- dividing

    def _descend(self, part: Part) -> Part:
        """Say as much as is the same for the whole class: that costs nothing."""
        for column in self._open(part):
            while part.levels[column]:
                values = self._values(column, part.levels[column] - 1, part.rows)
                if (values != values[0]).any():
                    break
                part = part.step_down(column, part.rows)
        return part

    def _divide(self, part: Part) -> list[Part]:
        """The division that tells most, or nothing."""
        if len(part.rows) < 2 * self.demand.k:
            return []
        ways = ((self._gain(part, column), -column) for column in self._open(part))
        for gain, column in sorted(ways, reverse=True):
            if gain > 0 and (parts := self._divide_by(part, -column)):
                return parts
        return []

    def _divide_by(self, part: Part, column: int) -> list[Part]:
        values = self._values(column, part.levels[column] - 1, part.rows)
        groups = [rows for _value, rows in _by_value(values, part.rows)]
        kept = [rows for rows in groups if self._holds(rows)]
        rest = [rows for rows in groups if not self._holds(rows)]
        kept.sort(key=len, reverse=True)
        while kept and rest and not self._holds(np.concatenate(rest)):
            rest.append(kept.pop())
        if not kept:
            return []
        left = [part.leave(column, np.sort(np.concatenate(rest)))] if rest else []
        return [part.step_down(column, rows) for rows in kept] + left

    def _gain(self, part: Part, column: int) -> float:
        """How much of what a column can tell at all one step down tells, weighed by how much it is wanted.

        Parts too small to stand alone count as one.
        """
        counts = _counts(self._values(column, part.levels[column] - 1, part.rows))
        kept = counts[counts >= self.demand.k]
        if not len(kept):
            return 0.0
        rest = len(part.rows) - int(kept.sum())
        return self.worth[column] * _entropy(np.append(kept, rest or []))

    def _worth(self, column: int) -> float:
        """What a nat of a column is worth: a column of few values has told everything with few."""
        whole = _entropy(_counts(self.leaves[column]))
        wanted = self.demand.worth[column] if self.demand.worth else 1.0
        return wanted / whole if whole else 0.0

    def _holds(self, rows: Rows) -> bool:
        if len(rows) < self.demand.k:
            return False
        return self.demand.l == 1 or all(
            len(np.unique(each[rows])) >= kinds for each, kinds in zip(self.sensitive, self.kinds, strict=True)
        )

    def _open(self, part: Part) -> list[int]:
        return [column for column, level in enumerate(part.levels) if level and column not in part.closed]

    def _values(self, column: int, level: int, rows) -> np.ndarray:
        return self.trees[column].codes[level][self.leaves[column][rows]]


def _by_value(values: np.ndarray, rows: Rows) -> Iterator[tuple[int, Rows]]:
    """The rows of each value, in the order of values."""
    order = np.argsort(values, kind="stable")
    found, begins = np.unique(values[order], return_index=True)
    return zip(found.tolist(), np.split(rows[order], begins[1:]), strict=True)


def _counts(values: np.ndarray) -> np.ndarray:
    """How often each value is there, without those that are not."""
    counts = np.bincount(values) if len(values) and values.max() < MANY else np.unique(values, return_counts=True)[1]
    return counts[counts > 0]


def _entropy(counts: np.ndarray) -> float:
    """In nats."""
    shares = counts / counts.sum()
    return float(-(shares * np.log(shares)).sum())


def _with(levels: Sequence[int], column: int, level: int) -> tuple[int, ...]:
    return tuple(level if place == column else each for place, each in enumerate(levels))
