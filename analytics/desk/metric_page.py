"""The page of one definition: what it says, how it is spread, what it is made of, and what moved it."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from analytics.desk.charts import ByDimension, Context, OverTime
from analytics.desk.choice import Choice
from analytics.desk.goals import Goals
from analytics.desk.links import list_url
from analytics.desk.names import name_of, title_of
from analytics.desk.page import Missing, context_of, draw_or_say
from analytics.desk.tiles import make_tile, tile_asks
from analytics.desk.words import say_counting, say_kept, unit_of
from analytics.ledger.freshness import freshness
from analytics.metrics.asking import Answer, ask_all
from analytics.metrics.buckets import midpoint
from analytics.metrics.movers import Mover, find_movers
from analytics.metrics.registry import Metric
from analytics.metrics.results import Spread
from analytics.models import MetricVersion
from ui.charts.figures import Bin, Figure, Histogram, Mark, Percentile
from ui.charts.units import COUNT, SECONDS

MOST_MOVERS = 6
BINS = 24


@dataclass(frozen=True)
class Moved:
    """What one value of a dimension added to the change, in words."""

    name: str
    text: str
    url: str
    is_worse: bool


def draw_metric(one: Metric, choice: Choice, split: str) -> dict[str, Any]:
    """Everything on the page of a metric; ``split`` is the dimension that it is broken down by."""
    if not choice.is_told_by(one.family):
        return {"metric": one, "why": _("Not known by what you have chosen")}
    at = freshness().as_of
    split = split or next(iter(dimension_choices(one)))[0]
    context = context_of(choice, at)
    curve = OverTime("curve", str(one.name), (one.id,))
    parts = ByDimension("parts", _("%(metric)s by %(dimension)s") % {"metric": one.name, "dimension": _inside(title_of(split))}, (one.id,),
                        dimension=split, most=20)  # fmt: skip
    asked = [tile_asks(one, choice), *curve.asks(choice), *parts.asks(choice)]
    answers = ask_all([each for each in asked if each], as_of=at)
    tile = make_tile(one, choice, answers[0], Goals(choice.span.last), at)
    figures = [draw_or_say(curve, context, answers[1:2]), draw_or_say(parts, context, answers[2:3])]
    counts = [answer.counted for answer in answers]
    if one.needs.durations:
        figures.insert(1, _histogram(one, context, answers[0]))
    movers, counted = find_movers(one, choice.span, choice.filters, split, as_of=at, source=choice.source)
    return {
        "metric": one,
        "tile": tile,
        "figures": figures,
        "split": split,
        "splits": dimension_choices(one),
        "is_awaiting": any(each.is_awaited for each in (*counts, counted)),
        "no_movers": say_counting(counted) if counted.tallies is None else "",
        "movers": [_said(one, choice, split, mover) for mover in movers[:MOST_MOVERS]],
        "versions": MetricVersion.objects.filter(metric=one.id).order_by("-version"),
        "lists": [(part.name, list_url(one, choice, part=part.flag)) for part in one.parts],
        "at": at,
    }


def _inside(title: str) -> str:
    """A title within a sentence."""
    return title[:1].lower() + title[1:]


def dimension_choices(one: Metric) -> list[tuple[str, str]]:
    """What a metric can be broken down by."""
    names = dict.fromkeys(["category", *one.family.dimensions, "merchant"])
    return [(name, title_of(name)) for name in names if name in {*one.family.dimensions, "merchant"} and name not in one.fixed]


def _histogram(one: Metric, context: Context, answer: Answer) -> Figure | Missing:
    """How the values of the first span are spread, in bins of the quantised scale."""
    title, tallies, result = _("How the values are spread"), answer.counted.tallies, answer.whole
    if tallies is None:
        return Missing("spread", title, say_counting(answer.counted))
    spread = tallies[0, ()].spread(one.needs.durations[0]) if (0, ()) in tallies else Spread()
    bins = tuple(Bin(low, high, Mark(number)) for low, high, number in bins_of(spread))
    ticks = tuple(Percentile(name.upper(), value) for name in ("p50", "p75", "p90", "p95") if (value := getattr(result, name)) is not None)
    about = {"title": title, "notes": (*context.notes, *filter(None, [say_kept(answer.counted)]), one.key)}
    return Histogram(key="spread", unit=COUNT, of=SECONDS, bins=bins, percentiles=ticks, **about)


def bins_of(spread: Spread, most: int = BINS) -> list[tuple[float, float, int]]:
    """The buckets of a spread joined into bins of equal width up to its 99th percentile, the rest in the last one."""
    if not spread.buckets:
        return []
    values = [(midpoint(number), count) for number, count in spread.buckets]
    total, seen, top = spread.finished, 0, values[-1][0]
    for value, count in values:
        seen += count
        if seen >= 0.99 * total:
            top = value
            break
    width = max(1.0, top / most)
    counts = [0] * most
    for value, count in values:
        counts[min(most - 1, int(value / width))] += count
    return [(place * width, (place + 1) * width, count) for place, count in enumerate(counts)]


def _said(one: Metric, choice: Choice, split: str, mover: Mover) -> Moved:
    unit = unit_of(one)
    sign = "+" if mover.contribution > 0 else "−"
    text = f"{sign}{unit.write(abs(mover.contribution))}"
    is_worse = bool(one.better) and (mover.contribution > 0) == (one.better == "down")
    return Moved(name_of(split, mover.value), text, list_url(one, choice, values={split: mover.value}), is_worse)
