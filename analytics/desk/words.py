"""Figures in words: value, change, goal and how sure it is. What is too small to say anything says so."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from analytics.metrics.intervals import difference_of_means, newcombe
from analytics.metrics.keeping import Counted
from analytics.metrics.registry import Metric
from analytics.metrics.results import FEW, Result
from ui.charts.units import COUNT, PERCENT, POINTS, SCORE, SECONDS, YUAN, Number, Unit

UNITS: dict[str, Unit] = {
    "s": SECONDS, "share": PERCENT, "count": COUNT, "fen": YUAN, "points": POINTS, "score": SCORE, "per_mille": Number(digits=1),
    "ms": SECONDS, "ratio": SCORE,
}  # fmt: skip
BASES = {
    "arrival": gettext_lazy("by the day on which they came"),
    "decided": gettext_lazy("by the day on which it was decided"),
    "completion": gettext_lazy("by the day on which they ended"),
    "sent": gettext_lazy("by the day on which it was sent"),
    "deadline": gettext_lazy("by the day on which it was due"),
    "delivery": gettext_lazy("by the day of delivery"),
    "handled": gettext_lazy("by the day of the last work"),
    "reading": gettext_lazy("by the day on which the reading began"),
    "snapshot": gettext_lazy("at one moment"),
}


def unit_of(metric: Metric) -> Unit:
    return UNITS[metric.unit]


def value_of(metric: Metric, result: Result) -> float | None:
    """The headline as the unit counts it; nothing where a percentage of so few would mislead."""
    if result.value is None or (metric.unit == "share" and result.is_few and result.den is not None):
        return None
    return result.value / 1000 if metric.unit == "ms" else result.value


def say_value(metric: Metric, result: Result) -> str:
    """The headline: the value, k of n where there are few, or a dash."""
    value = value_of(metric, result)
    if value is not None:
        return f"≥ {unit_of(metric).write(value)}" if result.lower_bound else unit_of(metric).write(value)
    return say_few(result) or "–"


def say_few(result: Result) -> str:
    """k of n, where a percentage of so few would mislead."""
    return _("%(k)d of %(n)d") % {"k": result.num, "n": result.den} if result.den and result.is_few else ""


def say_interval(metric: Metric, result: Result) -> str:
    if result.low is None or result.high is None:
        return ""
    unit = unit_of(metric)
    return f"{unit.write(result.low)} – {unit.write(result.high)}"


def say_n(result: Result) -> str:
    """How many a figure is made of; few of them are told as k of n."""
    if few := say_few(result):
        return few
    n = f"n = {result.n:,}"
    open_words = ngettext("%(number)s open", "%(number)s open", result.open) % {"number": result.open}
    return f"{n} · {open_words}" if result.open else n


def say_parts(metric: Metric, result: Result) -> str:
    """What always stands beside a headline: the other values of a duration, the interval of a share."""
    if metric.unit == "s" and result.mean is not None:
        unit = unit_of(metric)
        percentile = [f"P90 {unit.write(result.p90)}"] if result.p90 is not None else []
        return " · ".join([*percentile, _("mean %(value)s") % {"value": unit.write(result.mean)}])
    return " · ".join(filter(None, [say_interval(metric, result), _say_waived(metric, result)]))


def _say_waived(metric: Metric, result: Result) -> str:
    """What somebody has left out never improves a figure in silence: how much it is, and the figure with it."""
    waived = result.beside.get("waived")
    if waived is None or not waived.value:
        return ""
    words = {"number": f"{waived.value:,.0f}", "value": say_value(metric, result.beside["with_waived"])}
    return _("%(number)s left out with approval, %(value)s with them") % words


def say_change(metric: Metric, now: Result, before: Result) -> str:
    """The change against as many days before; nothing where there is too little on either side."""
    one, other = value_of(metric, now), value_of(metric, before)
    if one is None or other is None or min(now.n, before.n) < FEW:
        return ""
    if one == other or _is_unclear(metric, now, before):
        return _("no clear change")
    return _written_change(metric, one, other)


def _written_change(metric: Metric, one: float, other: float) -> str:
    """With a word for good or bad, so that nothing depends on a colour."""
    arrow = "▲" if one > other else "▼"
    in_points = {"share": 100, "points": 1}.get(metric.unit)
    size = f"{abs(one - other) * in_points:.1f}" if in_points else f"{abs(one / other - 1) * 100:.1f} %" if other else ""
    moved = _("%(arrow)s %(points)s points") % {"arrow": arrow, "points": size} if in_points else f"{arrow} {size}"
    if not metric.better:
        return moved
    is_better = (one < other) == (metric.better == "down")
    return _("%(change)s, better") % {"change": moved} if is_better else _("%(change)s, worse") % {"change": moved}


def _is_unclear(metric: Metric, now: Result, before: Result) -> bool:
    """Whether nothing lies within the 95 % interval of the difference."""
    if now.den is not None and before.den is not None and now.num is not None and before.num is not None and metric.unit != "count":
        interval = newcombe(now.num, now.den, before.num, before.den)
    elif metric.unit == "count":
        return (now.n - before.n) ** 2 <= 1.96**2 * (now.n + before.n)
    elif now.variance is not None and before.variance is not None:
        interval = difference_of_means((now.mean, now.variance, now.n), (before.mean, before.variance, before.n))
    else:
        return False
    return interval is not None and interval[0] <= 0 <= interval[1]


def basis_of(metric: Metric) -> str:
    return str(BASES[metric.cohort])


def say_counting(counted: Counted) -> str:
    """Why there is no answer: it is on its way, or it cannot be had."""
    return _("takes too long to count") if counted.has_failed else _("being computed…")


def say_kept(counted: Counted) -> str:
    """Since when a kept answer holds, and that there will be a newer one."""
    if not counted.is_kept:
        return ""
    return ", ".join([say_as_of(counted.at), *([_("a newer one is being computed")] if counted.is_awaited else [])])


def say_as_of(at) -> str:
    return _("as of %(time)s") % {"time": timezone.localtime(at).strftime("%Y-%m-%d %H:%M:%S")}
