"""The register of definitions: one function for each figure, named ``id@version``, with everything that its page tells about it.

A change of formula, window, words or exclusions is a new version. ``analytics/metrics/versions.json`` keeps the digest of each, and a
test fails where a definition has changed under its old number.
"""

import hashlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import override

from analytics.ledger.families import FAMILIES, Family

from .results import Result
from .tallies import Tally

COHORTS = ("arrival", "decided", "completion", "sent", "deadline", "delivery", "handled", "reading", "snapshot")
UNITS = ("s", "share", "count", "fen", "points", "score", "per_mille", "ms", "ratio")


@dataclass(frozen=True)
class Part:
    """A set that a figure counts and that can be listed: the flag of its facts, and its name.

    A summed part adds up a column instead, each row of its list with what it gives: percent (``share``), seconds (``s``) of which the
    mean is told, milliseconds (``ms``) or ``fen``.
    """

    flag: str
    name: str | Promise
    sum: str = ""

    def value_of(self, added: float, whole: int) -> float:
        """What a mark says where the column adds up to so much over a whole of so many."""
        if self.sum == "s":
            return added / max(1, whole)
        return added / {"share": 100, "ms": 1000}.get(self.sum, 1)


@dataclass(frozen=True)
class Metric:
    """One definition. ``fixed`` are filters that belong to it, ``parts`` what it is made of, the whole first."""

    id: str
    version: int
    name: str | Promise
    says: str | Promise
    formula: str | Promise
    family: Family
    cohort: str
    unit: str
    better: str
    measure: Callable[[Tally], Result]
    parts: tuple[Part, ...]
    leaves_out: str | Promise = ""
    fixed: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    window_days: int = 0
    owner: str = "manager"

    @property
    def summed(self) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if part.sum)

    @property
    def key(self) -> str:
        return f"{self.id}@{self.version}"

    @property
    def needs(self) -> "Needs":
        """Which sums and durations it reads, found by letting it read nothing."""
        recorder = _Recorder(self.family)
        self.measure(recorder)
        return Needs(tuple(sorted(recorder.read)), tuple(sorted(recorder.spread_over)), frozenset(recorder.more))

    @property
    def digest(self) -> str:
        """What changes with anything that a reader could tell."""
        with override("en"):
            words = [str(each) for each in (self.name, self.says, self.formula, self.leaves_out)]
        told = [*words, self.family.name, self.cohort, self.unit, self.better, repr(sorted(self.fixed.items())), repr(self.window_days)]
        told += [repr(sorted(self.params.items())), repr([part.flag for part in self.parts]), inspect.getsource(self.measure)]
        return hashlib.sha256("\n".join(told).encode()).hexdigest()


@dataclass(frozen=True)
class Needs:
    """What a definition reads: columns of its family, what lay there before and how old that was afterwards, what is usual."""

    sums: tuple[str, ...] = ()
    durations: tuple[str, ...] = ()
    more: frozenset[str] = frozenset()

    def __or__(self, other: "Needs") -> "Needs":
        sums, durations = ({*self.sums, *other.sums}, {*self.durations, *other.durations})
        return Needs(tuple(sorted(sums)), tuple(sorted(durations)), self.more | other.more)


class _Recorder(Tally):
    """A tally of nothing that notes what it is asked for."""

    def __init__(self, family: Family) -> None:
        super().__init__(family)
        self.read: set[str] = set()
        self.spread_over: set[str] = set()
        self.more: set[str] = set()

    def stood(self) -> int:
        self.more.add("stock")
        return 0

    def aged(self):
        self.more.add("ages")
        return super().aged()

    def usual(self) -> int:
        self.more.add("usual")
        return 0

    def look_up(self, name: str) -> int:
        self.more.add(name)
        return 0

    def __getitem__(self, name: str) -> int:
        self.read.add(name)
        return 0

    def spread(self, name: str):
        self.spread_over.add(name)
        return super().spread(name)


METRICS: dict[str, Metric] = {}


def kpi(
    metric_id: str,
    *,
    version: int,
    family: str,
    cohort: str,
    unit: str,
    better: str = "",
    parts: Mapping[str, Any],
    sums: Mapping[str, tuple[str, Any]] | None = None,
    **words: Any,
) -> Callable[[Callable[[Tally], Result]], Callable[[Tally], Result]]:
    """Register the decorated function as a definition: ``parts`` are flags with their names, the whole set first; ``sums`` are columns
    that are added up, each with its unit and name.
    """
    if metric_id in METRICS or cohort not in COHORTS or unit not in UNITS or better not in ("", "up", "down"):
        raise ValueError(f"the definition of {metric_id!r} is wrong")

    def register(measure: Callable[[Tally], Result]) -> Callable[[Tally], Result]:
        METRICS[metric_id] = Metric(
            id=metric_id,
            version=version,
            family=FAMILIES[family],
            cohort=cohort,
            unit=unit,
            better=better,
            measure=measure,
            parts=(*(Part(*each) for each in parts.items()), *(Part(flag, name, unit) for flag, (unit, name) in (sums or {}).items())),
            **words,
        )
        return measure

    return register


def metric(metric_id: str) -> Metric:
    """A definition by its id; ``KeyError`` if there is none."""
    from . import definitions  # noqa: F401 - registers all of them

    return METRICS[metric_id]


def all_metrics() -> list[Metric]:
    from . import definitions  # noqa: F401 - registers all of them

    return list(METRICS.values())
