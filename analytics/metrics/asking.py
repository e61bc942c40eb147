"""Asking: the one way from a definition to a figure, for pages, exports, interfaces and mails.

Figures of one family under the same filters are read together, whatever their number, and for all their spans at once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, reduce
from operator import or_

from django.utils import timezone

from .keeping import Counted, Wanted, read_all
from .questions import Filters, Question, Span
from .registry import Metric, Needs
from .results import Result
from .sources import TooManyError, all_stale_nodes, grain_for, read_tallies
from .tallies import Tally

Key = tuple[str, ...]


@dataclass(frozen=True)
class Asked:
    """One figure to be read, for some spans and perhaps split."""

    metric: Metric
    spans: tuple[Span, ...]
    filters: Filters = Filters()
    split: tuple[str, ...] = ()
    source: int = 0

    @cached_property
    def question(self) -> Question:
        fixed = Filters.of({name: [value] for name, value in self.metric.fixed.items()})
        return Question(self.metric.family, self.spans, self.filters & fixed, self.split, self.source)


class Answer(dict[tuple[int, Key], Result]):
    """The results of one question, by place of the span and key of the split; ``counted`` says whether they were counted just now."""

    def __init__(self, results: Mapping[tuple[int, Key], Result], counted: Counted) -> None:
        super().__init__(results)
        self.counted = counted

    @property
    def is_missing(self) -> bool:
        """Whether it is too large to be counted at once, and was not counted yet."""
        return self.counted.tallies is None

    @property
    def whole(self) -> Result:
        """That of the first span without a split; nothing to say where it is missing."""
        return self.get((0, ()), Result())


def ask(metric: Metric, span: Span, *, filters: Filters | None = None, as_of: datetime | None = None, source: int = 0) -> Result:
    """One figure for one span. Raises ``TooManyError`` where it is too large and has no answer yet."""
    asked = Asked(metric, (span,), filters or Filters(), source=source)
    return _present(ask_all([asked], as_of=as_of)[0])[0, ()]


def ask_split(
    metric: Metric, span: Span, *split: str, filters: Filters | None = None, as_of: datetime | None = None, source: int = 0
) -> dict[Key, Result]:
    """One figure for each value of one or two dimensions that has any facts."""
    asked = Asked(metric, (span,), filters or Filters(), split, source)
    return {key: result for (_place, key), result in _present(ask_all([asked], as_of=as_of)[0]).items()}


def _present(answer: Answer) -> Answer:
    if answer.is_missing:
        raise TooManyError
    return answer


def ask_all(asked: Sequence[Asked], *, as_of: datetime | None = None) -> list[Answer]:
    """Many figures with few queries: by place of the span and key of the split. Without a split every span has its figure.

    What is too large to be counted at once has its kept answer, or none yet (``is_missing``) while a worker counts.
    """
    found = _read(asked, as_of or timezone.now())
    return [_answer(each, found[_same(each)]) for each in asked]


def sizes(asked: Asked, flags: Sequence[str], *, as_of: datetime) -> dict[str, int] | None:
    """How many facts each set of the first span has, read off the sums; None where no sum knows the question."""
    if grain_for(asked.question) is None:
        return None
    found = read_tallies(asked.question, Needs(tuple(flags)), as_of=as_of)
    tally = found.get((0, ()), Tally(asked.metric.family))
    return {flag: tally[flag] for flag in flags}


def _read(asked: Iterable[Asked], as_of: datetime) -> dict[object, Counted]:
    """Read what figures share together: the columns of all of them for the spans of all of them."""
    groups: dict[object, list[Asked]] = {}
    for each in asked:
        groups.setdefault(_same(each), []).append(each)
    stale = all_stale_nodes({(each.metric.family.name, each.source) for each in asked})
    return read_all({key: _together(group, stale) for key, group in groups.items()}, as_of=as_of)


def _same(asked: Asked) -> object:
    """Questions that differ only in what they read of the same facts."""
    question = asked.question
    return question.family.name, question.spans, question.filters, question.split, question.source


def _together(group: Sequence[Asked], stale: Mapping[tuple[str, int], frozenset]) -> Wanted:
    first = group[0]
    needs = reduce(or_, (each.metric.needs for each in group))
    return Wanted(first.question, needs, stale[first.metric.family.name, first.source])


def _answer(asked: Asked, counted: Counted) -> Answer:
    if counted.tallies is None:
        return Answer({}, counted)
    found = {} if asked.split else {(place, ()): Tally(asked.metric.family) for place in range(len(asked.spans))}
    tallies = found | counted.tallies
    return Answer({key: measure(asked.metric, tally, asked.spans[key[0]], counted.at) for key, tally in tallies.items()}, counted)


def measure(metric: Metric, tally: Tally, span: Span, as_of: datetime) -> Result:
    """What a definition makes of a tally. Provisional until its window has passed after the last day."""
    result = metric.measure(tally)
    if not metric.window_days:
        return result
    settled = timezone.localtime(as_of).date() - timedelta(days=metric.window_days)
    return result.as_provisional() if span.last >= settled else result
