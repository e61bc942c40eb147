"""Tiles: one figure each with its change, its goal and its last twelve periods. The numbers of a whole page are read together."""

from collections.abc import Sequence
from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from analytics.desk.choice import Choice
from analytics.desk.goals import Goals
from analytics.desk.links import metric_url
from analytics.desk.words import basis_of, say_change, say_counting, say_few, say_kept, say_n, say_parts, unit_of, value_of
from analytics.metrics.asking import Answer, Asked
from analytics.metrics.questions import Span
from analytics.metrics.registry import Metric
from analytics.metrics.results import Result
from ui.charts.figures import Mark, Slot, Spark
from ui.charts.tiles import Tile

PERIODS = 12
LONGEST_PERIOD = 31


def tile_asks(metric: Metric, choice: Choice) -> Asked | None:
    """The period, the one before it and the last twelve; nothing where the figure cannot be limited to the choice."""
    if not choice.is_told_by(metric.family) or not choice.sight.sees(metric):
        return None
    spans = (choice.span, choice.span.before(), *spark_spans(choice.span))
    return Asked(metric, spans, choice.filters, (), choice.source)


def spark_spans(span: Span) -> list[Span]:
    """Twelve periods that end with this one, each as long; a long one is cut into twelve instead."""
    length = span.days if span.days <= LONGEST_PERIOD else -(-span.days // PERIODS)
    ends = [span.moved(-length * back).last for back in range(PERIODS)]
    return [Span(date.fromordinal(end.toordinal() - length + 1), end) for end in reversed(ends)]


def make_tile(metric: Metric, choice: Choice, answer: Answer | None, goals: Goals, at: datetime) -> Tile:
    """One figure for a strip: what it is now, against its goal and against the days before."""
    about = {"key": metric.id.replace("_", "-"), "name": str(metric.name), "unit": unit_of(metric)}
    url = metric_url(metric, choice)
    if answer is None:
        return Tile(**about, mark=Mark(None, url), basis=_("Not known by what you have chosen"))
    if answer.is_missing:
        return Tile(**about, mark=Mark(None, url), instead=say_counting(answer.counted), basis=metric.key)
    now, before, *periods = (answer[place, ()] for place in range(2 + PERIODS))
    value, change = value_of(metric, now), say_change(metric, now, before)
    instead = say_few(now) if value is None else ""
    return Tile(
        **about,
        mark=Mark(value, url, is_provisional=now.provisional, is_at_least=now.lower_bound),
        instead=instead,
        n="" if instead else say_n(now),
        parts=say_parts(metric, now),
        delta=change,
        basis=" · ".join(filter(None, [basis_of(metric), say_kept(answer.counted), metric.key])),
        spark=_spark(metric, choice, periods),
        **_judged(metric, choice, goals, now),
    )


def _judged(metric: Metric, choice: Choice, goals: Goals, now: Result) -> dict[str, str]:
    """Nothing is judged without a goal, nor where there are too few."""
    goal = goals.of(metric, choice)
    if goal is None:
        return {}
    state = goals.judge(metric, goal, value_of(metric, now), now)
    words = goals.say(metric, goal)
    return {"state": state.level, "state_words": f"{words} · {state.text}"} if state else {"state_words": words}


def _spark(metric: Metric, choice: Choice, periods: Sequence[Result]) -> Spark:
    slots = tuple(Slot(date_format(span.last, "m-d")) for span in spark_spans(choice.span))
    line = tuple(Mark(value_of(metric, each), is_provisional=each.provisional) for each in periods)
    title = _("%(name)s, the last twelve periods") % {"name": metric.name}
    return Spark(key=f"spark-{metric.id.replace('_', '-')}", title=title, unit=unit_of(metric), slots=slots, line=line)
