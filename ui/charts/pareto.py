"""Causes as bars, largest first, each over the running share of the whole up to it. Both have one axis: the whole is its end."""

from django.utils.translation import gettext as _

from ui.charts.bars import BAR, LINE, MIDDLE, draw_bar, draw_row
from ui.charts.drawing import Drawing, Key, link, patterns
from ui.charts.figures import Pareto
from ui.charts.frame import Frame, short
from ui.charts.scale import Scale
from ui.charts.tables import name, running_share, say, write
from ui.charts.units import PERCENT

RUNNING = 2  # the colour of the running share
UNDER = MIDDLE + BAR / 2 + 4  # where its line lies in a row


def draw_pareto(figure: Pareto, *, width: float | None = None) -> Drawing:
    """Draw bars and running shares, the last of which is 100.0 %; the height follows from the number of causes."""
    frame = Frame(len(figure.rows) * LINE, top=0, bottom=0, width=width)
    scale = Scale((0,), end=sum(row.mark.value or 0 for row in figure.rows))
    body = "".join(_row(place, share, figure, scale, frame) for place, share in enumerate(figure.shares()))
    return Drawing(f"{patterns(figure.key, [1])}{body}", frame.height, keys=(Key("line", RUNNING, running_share()),))


def _row(place: int, share: float, figure: Pareto, scale: Scale, frame: Frame) -> str:
    row = figure.rows[place]
    said = tuple(f"{words} · Σ {PERCENT.write(share)}" for words in (say(row.mark, figure.unit), write(row.mark, figure.unit)))
    bar = draw_bar(row.mark, place * LINE + MIDDLE - BAR / 2, figure.key, scale, frame)
    head = draw_row(place, row.label, said, figure.room, frame)
    return link(name(row.label, row.mark, figure.unit), row.mark.url, head + bar) + _running(row.label, place, share, frame)


def _running(label: str, place: int, share: float, frame: Frame) -> str:
    said = _("%(label)s: running share %(share)s") % {"label": label, "share": PERCENT.write(share)}
    x, y = frame.x(share), short(place * LINE + UNDER)
    line = f'<line class="chart__line chart__line--{RUNNING} chart__line--soft" x2="{x}" y1="{y}" y2="{y}"/>'
    return link(said, "", f'{line}<circle class="chart__dot chart__dot--{RUNNING}" cx="{x}" cy="{y}" r="2.5"/>')
