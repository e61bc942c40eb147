"""Causes as bars, largest first, and over them the line of their running share. Both have one axis: the whole is its end."""

from django.utils.translation import gettext as _

from ui.charts.bars import BAR, LINE, MIDDLE, draw_bar, draw_row
from ui.charts.drawing import Drawing, Key, link, patterns
from ui.charts.figures import Pareto
from ui.charts.frame import Frame, short
from ui.charts.scale import Scale
from ui.charts.tables import name, running_share, say, write
from ui.charts.units import PERCENT

RUNNING = 2  # the colour of the running share


def draw_pareto(figure: Pareto, *, width: float | None = None) -> Drawing:
    """Draw the bars and the line that ends at 100.0 %; the height follows from the number of causes."""
    frame = Frame(len(figure.rows) * LINE, top=0, bottom=0, width=width)
    scale = Scale((0,), end=sum(row.mark.value or 0 for row in figure.rows))
    shares = figure.shares()
    rows = "".join(_row(place, share, figure, scale, frame) for place, share in enumerate(shares))
    points = [(share, 1 - (place * LINE + MIDDLE) / frame.height) for place, share in enumerate(shares)]
    line = frame.stretch(frame.line(f"chart__line chart__line--{RUNNING}", points))
    dots = "".join(_dot(row.label, place, shares[place], frame) for place, row in enumerate(figure.rows))
    return Drawing(f"{patterns(figure.key, [1])}{rows}{line}{dots}", frame.height, keys=(Key("line", RUNNING, running_share()),))


def _row(place: int, share: float, figure: Pareto, scale: Scale, frame: Frame) -> str:
    row = figure.rows[place]
    said = tuple(f"{words} · Σ {PERCENT.write(share)}" for words in (say(row.mark, figure.unit), write(row.mark, figure.unit)))
    bar = draw_bar(row.mark, place * LINE + MIDDLE - BAR / 2, figure.key, scale, frame)
    return link(name(row.label, row.mark, figure.unit), row.mark.url, draw_row(place, row.label, said, figure.room, frame) + bar)


def _dot(label: str, place: int, share: float, frame: Frame) -> str:
    circle = f'<circle class="chart__dot chart__dot--{RUNNING}" cx="{frame.x(share)}" cy="{short(place * LINE + MIDDLE)}" r="3.5"/>'
    return link(_("%(label)s: running share %(share)s") % {"label": label, "share": PERCENT.write(share)}, "", circle)
