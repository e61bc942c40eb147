"""A table of two dimensions, tinted in six steps; the value stands in each cell where there is room."""

from collections.abc import Iterator, Sequence

from ui.charts.axes import GAP, PHONE, draw_names
from ui.charts.drawing import Drawing, Key, link, text
from ui.charts.figures import Heat, Mark
from ui.charts.frame import Frame
from ui.charts.scale import label_step, scale_of
from ui.charts.tables import name
from ui.charts.text import fit, width_of

STEPS = 6
LINE = 32  # the height of a row
HEAD, NAMES_HEAD = 22, 38  # one line of steps above the cells, or two of names
ROW_NAMES = 104


def draw_heat(figure: Heat, *, width: float | None = None) -> Drawing:
    """Draw a heat map, one line for each row; its scale begins at zero."""
    values = [mark.value for mark in figure.marks() if mark.value is not None]
    scale = scale_of(values, figure.unit, about=STEPS)
    widest = max(width_of(figure.unit.write_tick(value, scale.high)) for value in values) + 2
    shape = _shape(widest * len(figure.columns), figure.room)
    head = NAMES_HEAD if has_names(figure) else HEAD
    frame = Frame(head + LINE * len(figure.rows), top=head, bottom=0, width=width)
    cells = [_cell((row, column), mark, figure, scale.high, shape, frame) for row, column, mark in _places(figure)]
    before = min(max(map(width_of, figure.rows), default=0), ROW_NAMES - 8) + 8
    body = f"{_heads(figure, frame)}{_row_names(figure, frame)}{''.join(cells)}"
    return Drawing(body, frame.height, before, keys=_keys(scale.high, figure))


def level(value: float, highest: float) -> int:
    """The tint of a value: six equal steps up to the end of the scale; the lightest for what is not above zero."""
    return min(int(STEPS * value / highest), STEPS - 1) if min(value, highest) > 0 else 0


def has_names(figure: Heat) -> bool:
    """Whether its columns are names that do not fit side by side; hours and days are steps, of which some are left out."""
    widest = max((width_of(column.label) for column in figure.columns), default=0)
    return widest > 36 and widest + GAP / 2 > figure.room / len(figure.columns)


def _heads(figure: Heat, frame: Frame) -> str:
    labels = [column.label for column in figure.columns]
    if has_names(figure):
        return draw_names(labels, frame, room=figure.room, y=14)
    count, widest = len(labels), max(map(width_of, labels), default=0) + GAP / 2
    step = label_step(count, widest, figure.room)
    phone = step * label_step(-(-count // step), widest, PHONE)
    return "".join(
        text(label, frame.x((place + 0.5) / count), 14, "chart__x" if place % phone == 0 else "chart__x chart__x--wide", anchor="middle")
        for place, label in enumerate(labels)
        if place % step == 0
    )


def _places(figure: Heat) -> Iterator[tuple[int, int, Mark]]:
    return ((row, column, mark) for row, marks in enumerate(figure.cells) for column, mark in enumerate(marks))


def _row_names(figure: Heat, frame: Frame) -> str:
    return "".join(
        text(fit(label, ROW_NAMES - 8), "0", frame.top + LINE * (row + 0.5) + 4, "chart__y", anchor="end", shift=-8)
        for row, label in enumerate(figure.rows)
    )


def _cell(place: tuple[int, int], mark: Mark, figure: Heat, highest: float, shape: str | None, frame: Frame) -> str:
    (row, column), count = place, len(figure.columns)
    x, y = frame.x(column / count), frame.top + LINE * row
    box = f'x="{x}" y="{y}" width="{frame.x(1 / count)}" height="{LINE}"'
    label = f"{figure.rows[row]} · {figure.columns[column].full}"
    if mark.value is None:
        return f'<rect class="chart__cell chart__cell--none" {box}/>'
    tint = level(mark.value, highest)
    fill = f'<rect class="chart__cell chart__cell--{tint}" {box}/>'
    under = _under((column + 0.2) / count, (column + 0.8) / count, y + LINE - 5, tint, frame) if mark.is_provisional else ""
    written = figure.unit.write_tick(mark.value, highest)
    words = "" if shape is None else _words(written, tint, frame.x((column + 0.5) / count), y + LINE / 2 + 4, shape)
    return link(name(label, mark, figure.unit), mark.url, fill + under + words)


def _shape(needed: float, room: float) -> str | None:
    """Where values are written into the cells: everywhere or nowhere, so that an empty cell never looks like a small value."""
    return None if needed > room else "" if needed <= PHONE else " chart__x--wide"


def _words(written: str, tint: int, x: str, y: float, shape: str) -> str:
    return text(written, x, y, f"chart__figure chart__figure--{tint}{shape}", anchor="middle")


def _under(start: float, end: float, y: float, tint: int, frame: Frame) -> str:
    return f'<line class="chart__under chart__under--{tint}" x1="{frame.x(start)}" x2="{frame.x(end)}" y1="{y}" y2="{y}"/>'


def _keys(highest: float, figure: Heat) -> Sequence[Key]:
    first, last = figure.unit.write_tick(0, highest), figure.unit.write_tick(highest, highest)
    ends = {0: first, STEPS - 1: last}
    return tuple(Key("level", step, ends.get(step, "")) for step in range(STEPS))
