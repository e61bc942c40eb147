"""The figures of the wallboard: each says how bad it is, against which target, and opens the list that it counts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Min, Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from complaints.desk.board import Board
from complaints.desk.people import AWAY, BUSY, FREE, Person
from complaints.desk.queues import COUNT_LIMIT, KNOWN, TALKING, count_queues, rows_of
from ui.timefmt import in_words

CALM, SOON, NOW = "calm", "soon", "now"
ICONS = {CALM: "check", SOON: "clock", NOW: "alert"}
COUNTED = ("overdue", "due15", "due30", "due60", "unassigned", "chats", "came", "ended")
# Thresholds: above the first a tile turns amber, above the second red.
UNASSIGNED_WAIT = (timedelta(minutes=5), timedelta(minutes=15))
CHAT_WAIT = (timedelta(seconds=60), timedelta(seconds=180))
FULL_PERCENT = 80


@dataclass(frozen=True)
class Part:
    """A smaller figure of a tile, with its own list."""

    title: str
    value: str
    url: str


@dataclass(frozen=True)
class Tile:
    """One figure: its list, how it stands, and the target and thresholds that say so."""

    key: str
    title: str
    value: str
    url: str
    level: str
    goal: str
    detail: str = ""
    parts: list[Part] = field(default_factory=list)

    @property
    def icon(self) -> str:
        return ICONS[self.level]


@dataclass(frozen=True)
class Figures:
    """Everything that the tiles are made of, read at one moment."""

    at: datetime
    counts: dict[str, int]
    people: list[Person]
    unassigned_since: datetime | None
    chat_since: datetime | None

    def waited(self, since: datetime | None) -> timedelta:
        return max(self.at - since, timedelta(0)) if since else timedelta(0)

    def number(self, state: str) -> int:
        return sum(person.state == state for person in self.people)


def read_figures(board: Board, people: list[Person], *, at: datetime) -> Figures:
    """Count all lists of the board in one statement, and find the two longest waits."""
    counts = count_queues([(KNOWN[key], board.filter) for key in COUNTED], board.scope)
    unassigned, chats = (rows_of(KNOWN[key], board.filter, board.scope) for key in ("unassigned", "chats"))
    waiting = unassigned.order_by("due_at", "id")[: COUNT_LIMIT + 1].aggregate(since=Min(Coalesce("unanswered_since", "filed_at")))
    talking = chats.aggregate(since=Min("chats__queued_at", filter=Q(chats__state__in=TALKING)))
    return Figures(at, dict(zip(COUNTED, counts, strict=True)), people, waiting["since"], talking["since"])


def tiles_of(figures: Figures, board: Board) -> list[Tile]:
    return [make(figures, board) for make in MAKERS]


def level_of(value: timedelta | int, thresholds: tuple) -> str:
    """Calm up to the first threshold, now beyond the second."""
    first, second = thresholds
    return NOW if value > second else SOON if value > first else CALM


def bounded(count: int) -> str:
    return f"{COUNT_LIMIT}+" if count > COUNT_LIMIT else str(count)


def _overdue(figures: Figures, board: Board) -> Tile:
    count = figures.counts["overdue"]
    goal = _("Target: none. Red from the first one.")
    return Tile("overdue", _("Overdue"), bounded(count), board.list_url("overdue"), NOW if count else CALM, goal)


def _due(figures: Figures, board: Board) -> Tile:
    counts = figures.counts
    level = NOW if counts["due15"] else SOON if counts["due30"] else CALM
    parts = [Part(KNOWN[key].title, bounded(counts[key]), board.list_url(key)) for key in ("due30", "due60")]
    goal = _("Target: none. Amber from 30 minutes before, red from 15.")
    return Tile("due", _("Due in 15 minutes"), bounded(counts["due15"]), board.list_url("due15"), level, goal, parts=parts)


def _unassigned(figures: Figures, board: Board) -> Tile:
    count, waited = figures.counts["unassigned"], figures.waited(figures.unassigned_since)
    goal = _("Target: taken within 5 minutes. Red after 15.")
    level = level_of(waited, UNASSIGNED_WAIT)
    return Tile("unassigned", _("Nobody has it yet"), bounded(count), board.list_url("unassigned"), level, goal, _longest(count, waited))


def _chats(figures: Figures, board: Board) -> Tile:
    count, waited = figures.counts["chats"], figures.waited(figures.chat_since)
    goal = _("Target: a person within 60 seconds. Red after 180.")
    return Tile(
        "chats", _("Chats waiting"), bounded(count), board.list_url("chats"), level_of(waited, CHAT_WAIT), goal, _longest(count, waited)
    )


def _people(figures: Figures, board: Board) -> Tile:
    free, busy, away = (figures.number(state) for state in (FREE, BUSY, AWAY))
    load = load_of(figures.people)
    url = "?".join(filter(None, [reverse("admin:desk-balance"), board.query]))
    level = NOW if not free else SOON if load >= FULL_PERCENT else CALM
    parts = [Part(_("full"), str(busy), url), Part(_("away"), str(away), url)]
    goal = _("Target: somebody is free, load below 80 %. Red when nobody is free.")
    return Tile("people", _("Agents free"), str(free), url, level, goal, _("load %(percent)d %%") % {"percent": load}, parts)


def _flow(figures: Figures, board: Board) -> Tile:
    came, ended = figures.counts["came"], figures.counts["ended"]
    parts = [Part(KNOWN["ended"].title, bounded(ended), board.list_url("ended"))]
    goal = _("Target: as many resolved as came in.")
    level = SOON if came > ended else CALM
    return Tile("flow", _("Came in this hour"), bounded(came), board.list_url("came"), level, goal, parts=parts)


def load_of(people: list[Person]) -> int:
    """Percent of the room of those who are there that is taken."""
    there = [person for person in people if person.is_there]
    room = sum(person.capacity for person in there)
    return sum(person.used for person in there) * 100 // room if room else 0


def _longest(count: int, waited: timedelta) -> str:
    return _("longest wait %(time)s") % {"time": _short(waited)} if count else ""


def _short(waited: timedelta) -> str:
    """Seconds below three minutes, where they count."""
    seconds = int(waited.total_seconds())
    return _("%(count)d s") % {"count": seconds} if seconds < 180 else in_words(waited)


MAKERS: tuple[Callable[[Figures, Board], Tile], ...] = (_overdue, _due, _unassigned, _chats, _people, _flow)
