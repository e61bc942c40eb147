"""Counting what becomes of articles, and the figures of canned replies, which only the floor above knows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db.models import F
from django.utils import timezone

from knowledge.models import Article, ArticleDay

COUNTED = frozenset({"inserts", "solved", "wrong"})


def count_today(article: Article, what: str) -> None:
    """Count one thing that staff did with an article: "inserts", "solved" or "wrong"."""
    if what not in COUNTED:
        raise ValueError(f"nothing counts {what!r} of an article")
    day = {"article": article, "on": timezone.localdate()}
    ArticleDay.objects.bulk_create([ArticleDay(**day)], ignore_conflicts=True)
    ArticleDay.objects.filter(**day).update(**{what: F(what) + 1})


@dataclass(frozen=True)
class Uses:
    """How often a canned reply was sent, and what became of it. ``score`` is the mean of the customers' answers, if any."""

    sent: int = 0
    edited: int = 0
    resolved: int = 0
    reopened: int = 0
    score: float | None = None

    @property
    def edited_percent(self) -> int:
        return round(100 * self.edited / self.sent) if self.sent else 0

    @property
    def reopened_percent(self) -> int:
        return round(100 * self.reopened / self.resolved) if self.resolved else 0


@dataclass(frozen=True)
class Cut:
    """The uses of one reply in one part of the house: of a version, a team, a category or a language."""

    title: str
    name: str
    uses: Uses


CountUses = Callable[[Iterable[int]], dict[int, Uses]]
CutUses = Callable[[int], list[Cut]]
_counters: list[tuple[CountUses, CutUses]] = []


def register_uses(count: CountUses, cut: CutUses) -> None:
    """``count`` gives the figures of some replies by id, ``cut`` those of one reply part by part."""
    _counters[:] = [(count, cut)]


def uses_of(reply_ids: Iterable[int]) -> dict[int, Uses]:
    """The figures of some canned replies; nothing where nobody keeps any."""
    return _counters[0][0](reply_ids) if _counters else {}


def cuts_of(reply_id: int) -> list[Cut]:
    return _counters[0][1](reply_id) if _counters else []
