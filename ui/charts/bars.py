"""Horizontal bars with their names above them, so that a long name has room on a phone too."""

from ui.charts import axes
from ui.charts.drawing import Drawing, link, paint, patterns, text
from ui.charts.figures import Bars, Mark, Row
from ui.charts.frame import Frame, short
from ui.charts.scale import Scale, scale_of
from ui.charts.tables import name, say, write
from ui.charts.text import fit, width_of

LINE, BAR = 44, 12  # the height of a row, and of the bar in it
MIDDLE = 30  # where the bar's middle lies in its row


def draw_bars(figure: Bars, *, width: float | None = None) -> Drawing:
    """Draw a ranking; the height follows from the number of rows."""
    scale = scale_of(axes.values_of(figure, figure.band), figure.unit)
    frame = Frame(len(figure.rows) * LINE, top=0, bottom=0, width=width)
    rows = "".join(_row(place, row, figure, scale, frame) for place, row in enumerate(figure.rows))
    zero = frame.x(scale.share(0))
    line = f'<line class="chart__grid chart__grid--zero" x1="{zero}" x2="{zero}" y1="0" y2="{frame.height:g}"/>'
    return Drawing(f"{patterns(figure.key, [1])}{_band(figure, scale, frame)}{line}{rows}", frame.height, keys=axes.band_key(figure.band))


def _band(figure: Bars, scale: Scale, frame: Frame) -> str:
    if figure.band is None:
        return ""
    low, length = axes.share_of_band(figure.band, scale)
    edges = "".join(_edge(scale.share(value), frame) for value in axes.band_values(figure.band))
    return frame.rect('class="chart__band"', (low, 0, length, 1)) + edges


def _edge(share: float, frame: Frame) -> str:
    x = frame.x(share)
    return f'<line class="chart__target" x1="{x}" x2="{x}" y1="0" y2="{frame.height:g}"/>'


def _row(place: int, row: Row, figure: Bars, scale: Scale, frame: Frame) -> str:
    head = draw_row(place, row.label, (say(row.mark, figure.unit), write(row.mark, figure.unit)), figure.room, frame)
    bar = draw_bar(row.mark, place * LINE + MIDDLE - BAR / 2, figure.key, scale, frame)
    return link(name(row.label, row.mark, figure.unit), row.mark.url, head + bar)


def draw_row(place: int, label: str, said: tuple[str, str], room: float, frame: Frame) -> str:
    """What stands above a bar: its name, and what it says, the long way and the short one of a phone; and where it can be touched."""
    top, (long, brief) = place * LINE, said
    desk = _words(label, long, room, top + 16, "chart__x--wide", frame)
    phone = _words(label, brief, axes.PHONE, top + 16, "chart__x--phone", frame) if frame.width is None else ""
    return f'<rect class="chart__touch" width="{frame.x(1)}" y="{top}" height="{LINE}"/>{desk}{phone}'


def _words(label: str, said: str, room: float, y: float, shape: str, frame: Frame) -> str:
    said = fit(said, room * 0.7)
    label = fit(label, room - width_of(said) - axes.GAP)
    return text(label, "0", y, f"chart__name {shape}") + text(said, frame.x(1), y, f"chart__value {shape}", anchor="end")


def draw_bar(mark: Mark, y: float, key: str, scale: Scale, frame: Frame) -> str:
    """The bar of a value whose upper edge is at ``y``, with its interval; nothing where there is no value."""
    if mark.value is None:
        return ""
    low, high = sorted((scale.share(0), scale.share(mark.value)))
    box = f'x="{frame.x(low)}" y="{y:g}" width="{frame.x(high - low)}" height="{BAR}"'
    return f"<rect {paint(key, 1, mark)} {box}/>{_whisker(mark, y + BAR / 2, scale, frame)}"


def _whisker(mark: Mark, y: float, scale: Scale, frame: Frame) -> str:
    if mark.low is None or mark.high is None:
        return ""
    low, high = frame.x(scale.share(mark.low)), frame.x(scale.share(mark.high))
    ends = "".join(f'<line class="chart__whisker" x1="{x}" x2="{x}" y1="{short(y - 5)}" y2="{short(y + 5)}"/>' for x in (low, high))
    return f'<line class="chart__whisker" x1="{low}" x2="{high}" y1="{short(y)}" y2="{short(y)}"/>{ends}'
