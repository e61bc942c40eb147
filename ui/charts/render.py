"""A figure as HTML: title, cohort line, legend, drawing, flags, notes, and the table it was drawn from."""

from collections.abc import Callable

from django.utils.html import conditional_escape as esc
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from ui import drawings
from ui.charts.bars import draw_bars
from ui.charts.columns import draw_columns
from ui.charts.drawing import SCRATCHES, Drawing, Key, is_own
from ui.charts.figures import Bars, Columns, Figure, Heat, Histogram, Pareto, Slotted, Spark, Trend
from ui.charts.heat import draw_heat, has_names
from ui.charts.histogram import draw_histogram
from ui.charts.pareto import draw_pareto
from ui.charts.spark import draw_spark
from ui.charts.tables import Cell, Head, Table, table_of
from ui.charts.trend import draw_trend

DRAWERS: dict[type[Figure], Callable[..., Drawing]] = {
    Trend: draw_trend,
    Columns: draw_columns,
    Bars: draw_bars,
    Pareto: draw_pareto,
    Heat: draw_heat,
    Histogram: draw_histogram,
    Spark: draw_spark,
}
# Rooms beside the plot, in pixels; each is a class, because a page carries no styles of its own.
ROOMS = {"none": 0, "xs": 24, "s": 36, "m": 52, "l": 76, "xl": 104}
LEVELS = (2, 3, 4)


def draw(figure: Figure, *, width: float | None = None) -> Drawing:
    """The drawing of a figure; fluid, or ``width`` pixels wide."""
    return DRAWERS[type(figure)](figure, width=width)


def render_chart(figure: Figure, *, level: int = 2) -> SafeString:
    """The whole figure; ``level`` is that of its heading."""
    head = f'<h{level} class="chart__title" id="{figure.key}-title">{esc(figure.title)}</h{level}>{_line("chart__basis", figure.basis)}'
    body = _nothing(figure) if figure.is_empty else _drawn(figure) + _numbers(figure)
    notes = "".join(f"<li>{esc(note)}</li>" for note in figure.notes)
    foot = f'<ul class="chart__notes">{notes}</ul>' if notes else ""
    return mark_safe(  # noqa: S308
        f'<figure class="chart" id="{figure.key}" aria-labelledby="{figure.key}-title">'
        f'<figcaption class="chart__head">{head}</figcaption>{body}{foot}</figure>'
    )


def render_spark(figure: Spark) -> SafeString:
    """The bare line of a tile, named by its title; nothing before there are two values."""
    if sum(mark.value is not None for mark in figure.line) < 2:
        return mark_safe("")
    drawing = draw(figure)
    return mark_safe(  # noqa: S308
        f'<svg class="chart__svg chart__spark" width="100%" height="{drawing.height:g}" role="img" aria-label="{esc(figure.title)}">'
        f"{drawing.body}</svg>"
    )


def room_named(pixels: float) -> str:
    """The smallest of the rooms that holds so many pixels."""
    return next((name for name, room in ROOMS.items() if room >= pixels), "xl")


def _line(shape: str, words: str) -> str:
    return f'<p class="{shape}">{esc(words)}</p>' if words else ""


def why_empty(figure: Figure) -> str:
    """What a figure without values says."""
    return figure.why_empty or _("Nothing to show for this choice")


def _nothing(figure: Figure) -> str:
    return f'<div class="empty chart__empty">{drawings.drawing("search")}<p class="empty__title">{esc(why_empty(figure))}</p></div>'


def _drawn(figure: Figure) -> str:
    if not figure.is_drawable:
        return _line("chart__basis", _("More lines than can be told apart: see the numbers."))
    drawing = draw(figure)
    rooms = f"chart__svg--before-{room_named(drawing.before)} chart__svg--after-{room_named(drawing.after)}"
    # No viewBox: text keeps its size, and places along the width are percents.
    svg = (
        f'<svg class="chart__svg {rooms}" width="100%" height="{drawing.height:g}" role="group" '
        f'aria-labelledby="{figure.key}-title">{drawing.body}</svg>'
    )
    return f"{_legend(drawing.keys)}{svg}{_listed(figure)}"


def _legend(keys: tuple[Key, ...]) -> str:
    items = "".join(_entry(key) for key in keys)
    return f'<ul class="chart__keys">{items}</ul>' if items else ""


def _entry(key: Key) -> str:
    named = " chart__key--named" if key.is_named else ""
    swatch = f'<svg class="chart__swatch" width="24" height="12" aria-hidden="true">{sample(key)}</svg>'
    return f'<li class="chart__key chart__key--{key.kind}{named}">{swatch}<span>{esc(key.label)}</span></li>'


def sample(key: Key) -> str:
    """A sample of a colour with its dash or fill, 24 wide and 12 high."""
    samples = {
        "line": f'<line class="chart__line chart__line--{key.number}" x2="24" y1="6" y2="6"/>',
        "fill": f'<rect class="chart__fill--{key.number}" width="24" height="12"/>{_scratched(key.number)}',
        "band": '<rect class="chart__band" width="24" height="12"/><line class="chart__target" x2="24" y1="1" y2="1"/>',
        "level": f'<rect class="chart__cell chart__cell--{key.number}" width="24" height="12"/>',
    }
    return samples[key.kind]


def _scratched(number: int) -> str:
    tile = SCRATCHES.get(number, "")
    return "".join(f'<svg x="{8 * place}" width="8" height="12">{tile}</svg>' for place in range(3)) if tile else ""


def _listed(figure: Figure) -> str:
    """What is marked in the drawing by a sign alone, in words: flags, and the names under columns where a phone shows their numbers."""
    if isinstance(figure, Heat) and has_names(figure):
        items = "".join(f"<li>{esc(column.full)}</li>" for column in figure.columns)
        return f'<ol class="chart__names">{items}</ol>'
    if not isinstance(figure, Slotted) or not figure.flags:
        return ""
    items = "".join(f"<li>{_anchor(f'{figure.slots[each.slot].full}: {each.text}', each.url)}</li>" for each in figure.flags)
    return f'<ul class="chart__flags">{items}</ul>'


def _numbers(figure: Figure) -> str:
    table = table_of(figure)
    head = "".join(f'<th scope="col">{_aligned(esc(each.text), each)}</th>' for each in table.head)
    rows = "".join(_row(table, row) for row in table.rows)
    opened, words = "" if figure.is_drawable else " open", esc(_("Show the numbers"))
    return (
        f'<details class="chart__numbers"{opened}><summary>{words}</summary>'
        f'<div class="table-scroll" tabindex="0" role="region" aria-labelledby="{figure.key}-title"><table class="table">'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div></details>"
    )


def _row(table: Table, row: tuple[Cell, ...]) -> str:
    cells = (f"<td>{_aligned(_anchor(cell.text, cell.url), head)}</td>" for cell, head in zip(row[1:], table.head[1:], strict=True))
    return f'<tr><th scope="row">{esc(row[0].text)}</th>{"".join(cells)}</tr>'


def _aligned(words: str, head: Head) -> str:
    return words if head.unit is None else f'<span class="table__number">{words}</span>'


def _anchor(words: str, url: str) -> str:
    return f'<a href="{esc(url)}">{esc(words)}</a>' if is_own(url) else esc(words)
