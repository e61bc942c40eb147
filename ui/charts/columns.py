"""Columns, beside each other or stacked."""

from collections.abc import Iterator

from ui.charts import axes
from ui.charts.drawing import Drawing, Key, link, number_of, paint, patterns
from ui.charts.figures import Columns, Mark, Series
from ui.charts.frame import Frame
from ui.charts.scale import Scale, scale_of
from ui.charts.tables import name

FILLED = 0.72  # of a slot; the rest keeps slots apart
Box = tuple[float, float, float, float]


def draw_columns(figure: Columns, *, width: float | None = None) -> Drawing:
    """Draw columns from the zero line on; stacked ones stand on each other in the order of the series."""
    scale = scale_of(_heights(figure), figure.unit)
    frame = Frame(figure.height, top=axes.room_above(figure), width=width)
    numbers = [number_of(place, each.is_other) for place, each in enumerate(figure.series)]
    marks = "".join(
        link(_name(figure, place, slot), mark.url, frame.rect(paint(figure.key, numbers[place], mark), box))
        for place, slot, mark, box in boxes(figure, scale)
    )
    around = axes.draw_band(figure.band, scale, frame) + axes.draw_grid(scale, figure.unit, frame)
    under = axes.draw_slot_labels([slot.label for slot in figure.slots], frame, room=figure.room)
    over = axes.draw_changes(figure, frame) + axes.draw_flags(figure, frame)
    named = zip(numbers, figure.series, strict=True) if len(figure.series) > 1 else ()
    keys = (*(Key("fill", number, each.label) for number, each in named), *axes.band_key(figure.band))
    return Drawing(
        f"{patterns(figure.key, numbers)}{around}{under}{marks}{over}", frame.height, axes.room_before(scale, figure.unit), keys=keys
    )


def boxes(figure: Columns, scale: Scale) -> Iterator[tuple[int, int, Mark, Box]]:
    """Each column: the place of its series, its slot, its mark, and left, bottom, width and height as shares of the plot."""
    count, places = len(figure.slots), 1 if figure.is_stacked else len(figure.series)
    wide = FILLED / count / places
    for slot in range(count):
        left, reached = (slot + (1 - FILLED) / 2) / count, 0.0
        for place, each in enumerate(figure.series):
            mark = each.marks[slot]
            if mark.value is None:
                continue
            start = reached if figure.is_stacked else 0.0
            low, high = sorted((scale.share(start), scale.share(start + mark.value)))
            yield place, slot, mark, (left + wide * place * (not figure.is_stacked), low, wide, high - low)
            reached += mark.value


def _heights(figure: Columns) -> Iterator[float]:
    yield from axes.band_values(figure.band)
    if not figure.is_stacked:
        yield from (mark.value for mark in figure.marks() if mark.value is not None)
        return
    for slot in range(len(figure.slots)):
        yield sum(each.marks[slot].value or 0 for each in figure.series)


def _name(figure: Columns, place: int, slot: int) -> str:
    each: Series = figure.series[place]
    label = figure.slots[slot].full if len(figure.series) == 1 else f"{figure.slots[slot].full} · {each.label}"
    return name(label, each.marks[slot], figure.unit)
