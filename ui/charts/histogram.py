"""How values are spread, with the percentiles where they lie."""

from ui.charts import axes
from ui.charts.drawing import Drawing, link, paint, patterns, text
from ui.charts.figures import Bin, Histogram, Percentile
from ui.charts.frame import Frame, short
from ui.charts.scale import Scale, scale_of
from ui.charts.tables import bounds, name

GAP = 0.06  # of a bin, between columns


def draw_histogram(figure: Histogram, *, width: float | None = None) -> Drawing:
    """Draw the columns; each percentile has a line of its own above the plot, so labels never touch."""
    scale = scale_of((mark.value for mark in figure.marks() if mark.value is not None), figure.unit)
    frame = Frame(figure.height, top=8 + axes.STRIP * len(figure.percentiles), width=width)
    columns = "".join(_column(place, each, figure, scale, frame) for place, each in enumerate(figure.bins))
    labels = axes.draw_slot_labels([figure.of.write(each.low) for each in figure.bins], frame, room=figure.room)
    grid = axes.draw_grid(scale, figure.unit, frame)
    return Drawing(
        f"{patterns(figure.key, [1])}{grid}{labels}{columns}{_percentiles(figure, frame)}",
        figure.height,
        axes.room_before(scale, figure.unit),
    )


def _column(place: int, each: Bin, figure: Histogram, scale: Scale, frame: Frame) -> str:
    count = len(figure.bins)
    if each.mark.value is None:
        return ""
    box = ((place + GAP / 2) / count, 0.0, (1 - GAP) / count, scale.share(each.mark.value))
    return link(name(bounds(each, figure.of), each.mark, figure.unit), each.mark.url, frame.rect(paint(figure.key, 1, each.mark), box))


def _percentiles(figure: Histogram, frame: Frame) -> str:
    """Labels lean away from the nearer edge; the one that leans furthest stands on top, so that no rule crosses a label."""
    found = sorted(figure.percentiles, key=lambda each: each.value)
    leans_left = bool(found) and where(found[-1].value, figure.bins) > 0.6
    ordered = reversed(found) if leans_left else found
    return "".join(_percentile(line, each, figure, frame, leans_left=leans_left) for line, each in enumerate(ordered))


def _percentile(line: int, each: Percentile, figure: Histogram, frame: Frame, *, leans_left: bool) -> str:
    x, y = frame.x(where(each.value, figure.bins)), axes.STRIP * line + 14
    anchor, shift = ("end", -5) if leans_left else ("", 5)
    rule = f'<line class="chart__percentile" x1="{x}" x2="{x}" y1="{y - 10}" y2="{short(frame.height - frame.bottom)}"/>'
    return rule + text(f"{each.label} {figure.of.write(each.value)}", x, y, "chart__value", anchor=anchor, shift=shift)


def where(value: float, bins: tuple[Bin, ...]) -> float:
    """The place of a value on an axis whose bins are all equally wide, whatever they span."""
    for place, each in enumerate(bins):
        if each.high is None or value < each.high:
            inside = 0.5 if each.high is None else max(value - each.low, 0) / (each.high - each.low)
            return (place + inside) / len(bins)
    return 1.0
