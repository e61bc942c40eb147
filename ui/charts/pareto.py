"""Causes as columns, largest first, under the line of their running share. Both have one axis: the whole is its top."""

from django.utils.translation import gettext as _

from ui.charts.axes import draw_grid, draw_names, room_before
from ui.charts.drawing import Drawing, Key, link, paint, patterns, text
from ui.charts.figures import Pareto
from ui.charts.frame import Frame, short
from ui.charts.scale import Scale, scale_of
from ui.charts.tables import name
from ui.charts.units import PERCENT

FILLED = 0.8
BELOW = 40  # two lines of names
AFTER = 48  # pixels on the right for the shares
QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)
LINE = 2  # the colour of the running share


def draw_pareto(figure: Pareto, *, width: float | None = None) -> Drawing:
    """Draw the columns and, over them, the line that ends at 100.0 %."""
    whole = sum(row.mark.value or 0 for row in figure.rows)
    scale = Scale(tuple(tick for tick in scale_of([whole], figure.unit).ticks if tick <= whole), end=whole)
    frame = Frame(figure.height, top=20, bottom=BELOW, width=width)
    shares, count = figure.shares(), len(figure.rows)
    columns = "".join(_column(place, figure, scale, frame) for place in range(count))
    points = [((place + 0.5) / count, share) for place, share in enumerate(shares)]
    line = frame.stretch(frame.line(f"chart__line chart__line--{LINE}", points))
    dots = "".join(_dot(figure.rows[place].label, x, share, frame) for place, (x, share) in enumerate(points))
    right = "".join(text(PERCENT.write_tick(each, 1), frame.x(1), frame.y(each) + 4, "chart__y", shift=8) for each in QUARTERS)
    grid = draw_grid(scale, figure.unit, frame) + right
    names = draw_names([row.label for row in figure.rows], frame, room=figure.room, y=frame.height - BELOW + 16)
    keys = (Key("line", LINE, _("Running share")),)
    body = f"{patterns(figure.key, [1])}{grid}{names}{columns}{line}{dots}"
    return Drawing(body, figure.height, room_before(scale, figure.unit), AFTER, keys)


def _column(place: int, figure: Pareto, scale: Scale, frame: Frame) -> str:
    row, count = figure.rows[place], len(figure.rows)
    if row.mark.value is None:
        return ""
    box = ((place + (1 - FILLED) / 2) / count, 0.0, FILLED / count, scale.share(row.mark.value))
    return link(name(row.label, row.mark, figure.unit), row.mark.url, frame.rect(paint(figure.key, 1, row.mark), box))


def _dot(label: str, x: float, share: float, frame: Frame) -> str:
    said = _("%(label)s: running share %(share)s") % {"label": label, "share": PERCENT.write(share)}
    circle = f'<circle class="chart__dot chart__dot--{LINE}" cx="{frame.x(x)}" cy="{short(frame.y(share))}" r="3.5"/>'
    last = text(PERCENT.write(share), frame.x(x), frame.y(share) - 8, "chart__value", anchor="middle") if share == 1 else ""
    return link(said, "", circle) + last
