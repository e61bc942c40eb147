"""A board as a page: everything on it asked together, then drawn."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from analytics.desk.boards import Board
from analytics.desk.changes import changes_during
from analytics.desk.charts import Chart, Context
from analytics.desk.choice import Choice
from analytics.desk.goals import Goals
from analytics.desk.names import name_of, title_of
from analytics.desk.tiles import make_tile, tile_asks
from analytics.desk.words import say_as_of, say_counting, say_kept
from analytics.ledger.freshness import Freshness, freshness
from analytics.metrics.asking import Answer, ask_all
from analytics.metrics.keeping import Counted
from analytics.metrics.registry import metric
from analytics.models import Remark, TileOrder
from ui.charts.figures import Figure
from ui.charts.tiles import Tile


@dataclass(frozen=True)
class Page:
    """What a board shows to one reader at one moment."""

    board: Board
    choice: Choice
    tiles: list[Tile]
    second: list[Tile]
    figures: "list[Figure | Missing]"
    fresh: Freshness
    at: datetime
    answers: list[Answer]

    @property
    def is_stale(self) -> bool:
        return self.fresh.is_late

    @property
    def is_awaiting(self) -> bool:
        """Whether something on it is being computed, so that it is worth looking again."""
        return is_awaiting(self.answers)


@dataclass(frozen=True)
class Missing:
    """Stands where a chart will be, and says why it is not there yet."""

    key: str
    title: str
    why: str
    is_missing: bool = True


class MissingError(Exception):
    """A chart that is wanted by itself has no answer yet; ``counted`` says whether it will."""

    def __init__(self, counted: Counted) -> None:
        super().__init__()
        self.counted = counted


def draw_board(board: Board, choice: Choice) -> Page:
    """Ask for every figure of a board at one moment and draw it. What the choice cannot be applied to says so."""
    fresh = freshness()
    at = fresh.as_of
    metrics = [metric(each) for each in (*board.tiles, *board.second)]
    wanted = [tile_asks(each, choice) for each in metrics]
    charts = [chart for chart in board.charts if is_drawable(chart, choice)]
    asked = [each for each in wanted if each] + [each for chart in charts for each in chart.asks(choice)]
    found = ask_all(asked, as_of=at)
    answers = iter(found)
    goals = Goals(choice.span.last)
    tiles = [make_tile(one, choice, next(answers) if each else None, goals, at) for one, each in zip(metrics, wanted, strict=True)]
    context = context_of(choice, at)
    figures = [draw_or_say(chart, context, [next(answers) for _metric in chart.ids]) for chart in charts]
    shown = len(board.tiles)
    return Page(board, choice, tiles[:shown], tiles[shown:], figures, fresh, at, found)


def draw_figure(chart: Chart, choice: Choice) -> Figure:
    """One chart by itself, for its picture and its file. Raises ``MissingError`` where it is being computed."""
    at = freshness().as_of
    answers = ask_all(chart.asks(choice), as_of=at)
    missing = next((each.counted for each in answers if each.is_missing), None)
    if missing is not None:
        raise MissingError(missing)
    return chart.draw(_timed(context_of(choice, at), answers), answers)


def draw_or_say(chart: Chart, context: Context, answers: Sequence[Answer]) -> Figure | Missing:
    """A chart, or why it cannot be drawn yet."""
    missing = next((each.counted for each in answers if each.is_missing), None)
    if missing is not None:
        return Missing(chart.key, str(chart.title), say_counting(missing))
    return chart.draw(_timed(context, answers), answers)


def is_awaiting(answers: Iterable[Answer]) -> bool:
    return any(each.counted.is_awaited for each in answers)


def _timed(context: Context, answers: Sequence[Answer]) -> Context:
    """The notes say since when a kept answer holds, instead of the time of the page."""
    kept = min((each.counted for each in answers if each.counted.is_kept), key=lambda counted: counted.at, default=None)
    return replace(context, notes=(*context.notes[:-1], say_kept(kept))) if kept else context


def context_of(choice: Choice, at: datetime) -> Context:
    return Context(choice, notes_of(choice, at), remarks_in(choice), changes_during(choice.span))


def is_drawable(chart: Chart, choice: Choice) -> bool:
    return all(choice.is_told_by(one.family) and choice.sight.sees(one) for one in chart.metrics)


def notes_of(choice: Choice, at: datetime) -> tuple[str, ...]:
    """What is printed under every chart and into every file: the days, the filters and the moment."""
    days = _("%(first)s to %(last)s") % {"first": choice.span.first, "last": choice.span.last}
    return (days, *say_filters(choice), say_as_of(at))


def say_filters(choice: Choice) -> list[str]:
    return [_("%(name)s: %(values)s") % {"name": title_of(name), "values": _listed(name, values)} for name, values in choice.chosen.allowed]


def _listed(name: str, values: Sequence[str]) -> str:
    return pgettext("list", ", ").join(name_of(name, value) for value in values)


def remarks_in(choice: Choice) -> dict[date, str]:
    rows = Remark.objects.filter(day__range=(choice.span.first, choice.span.last), removed_at__isnull=True).order_by("day", "id")
    found: dict[date, str] = {}
    for row in rows[:200]:
        found[row.day] = f"{found[row.day]}; {row.text}" if row.day in found else row.text
    return found


def ordered(board: Board, choice: Choice) -> Board:
    """The board with its tiles as this reader wants them; new ones come last."""
    row = TileOrder.objects.filter(user=choice.sight.user, board=board.key).first()
    known = [each for each in (row.metrics if row else []) if each in board.tiles]
    return replace(board, tiles=(*known, *(each for each in board.tiles if each not in known)))


def move_tile(board: Board, choice: Choice, metric_id: str, *, by: int) -> None:
    """Move a tile one place towards the front (−1) or the back (1) for this reader."""
    order = list(ordered(board, choice).tiles)
    if metric_id not in order:
        return
    place = order.index(metric_id)
    goal = max(0, min(len(order) - 1, place + by))
    order.insert(goal, order.pop(place))
    TileOrder.objects.update_or_create(user=choice.sight.user, board=board.key, defaults={"metrics": order})
