"""Lines over time: no line through a missing value or across a change of the definition."""

from collections.abc import Iterator, Sequence

from ui.charts import axes
from ui.charts.drawing import Drawing, Key, link, number_of, text
from ui.charts.figures import Series, Trend
from ui.charts.frame import Frame, short
from ui.charts.scale import Scale, scale_of
from ui.charts.tables import name
from ui.charts.text import width_of

ENDS = 104  # pixels on the right for the names of the lines
FEW = 31  # slots up to which every value is a dot of its own
APART = 15  # pixels between two names


def draw_trend(figure: Trend, *, width: float | None = None) -> Drawing:
    """Draw a trend; its lines carry their names at their ends where there is room for all of them."""
    scale = scale_of(axes.values_of(figure, figure.band), figure.unit, from_zero=figure.from_zero)
    frame = Frame(figure.height, top=axes.room_above(figure), width=width)
    numbers = [number_of(place, each.is_other) for place, each in enumerate(figure.series)]
    pairs = list(zip(numbers, figure.series, strict=True))
    lines = "".join(_lines(number, each, figure, scale, frame) for number, each in pairs)
    dots = "".join(_dots(number, each, figure, scale, frame) for number, each in pairs)
    ends = _ends(pairs, figure, scale, frame) if len(pairs) > 1 and _fit_their_ends(figure) else ""
    around = axes.draw_band(figure.band, scale, frame) + axes.draw_grid(scale, figure.unit, frame)
    under = axes.draw_slot_labels([slot.label for slot in figure.slots], frame, room=figure.room)
    over = axes.draw_changes(figure, frame) + axes.draw_flags(figure, frame)
    keys = (
        *(Key("line", number, each.label, is_named=bool(ends)) for number, each in pairs if len(pairs) > 1),
        *axes.band_key(figure.band),
    )
    body = f"{around}{under}{frame.stretch(lines)}{ends}{dots}{over}"
    return Drawing(body, frame.height, axes.room_before(scale, figure.unit), ENDS if ends else 0, keys)


def runs(figure: Trend, series: Series) -> Iterator[list[int]]:
    """Slots that one line joins: neighbours with values, measured by the same definition."""
    starts = {each.slot for each in figure.changes}
    run: list[int] = []
    for slot, mark in enumerate(series.marks):
        if run and (mark.value is None or slot in starts):
            yield run
            run = []
        if mark.value is not None:
            run.append(slot)
    if run:
        yield run


def _lines(number: int, series: Series, figure: Trend, scale: Scale, frame: Frame) -> str:
    return "".join(_line(number, series, run, scale, frame) for run in runs(figure, series))


def _line(number: int, series: Series, run: Sequence[int], scale: Scale, frame: Frame) -> str:
    # What may still change is drawn thinner from the last final value on.
    final = [slot for slot in run if not series.marks[slot].is_provisional]
    last = run.index(final[-1]) if final else 0
    parts = (("", run[: last + 1] if final else []), (" chart__line--soft", run[last:]))
    return "".join(
        frame.line(f"chart__line chart__line--{number}{soft}", [_place(series, slot, scale) for slot in slots])
        for soft, slots in parts
        if len(slots) > 1
    )


def _place(series: Series, slot: int, scale: Scale) -> tuple[float, float]:
    return (slot + 0.5) / len(series.marks), scale.share(series.marks[slot].value)


def _dots(number: int, series: Series, figure: Trend, scale: Scale, frame: Frame) -> str:
    alone = {run[0] for run in runs(figure, series) if len(run) == 1}
    return "".join(
        link(_name(figure, series, slot), mark.url, _dot(number, series, slot, slot in alone, scale, frame))
        for slot, mark in enumerate(series.marks)
        if mark.value is not None
    )


def _name(figure: Trend, series: Series, slot: int) -> str:
    label = figure.slots[slot].full if len(figure.series) == 1 else f"{figure.slots[slot].full} · {series.label}"
    return name(label, series.marks[slot], figure.unit)


def _dot(number: int, series: Series, slot: int, is_alone: bool, scale: Scale, frame: Frame) -> str:
    mark, count = series.marks[slot], len(series.marks)
    share, y = _place(series, slot, scale)[0], frame.y(scale.share(mark.value))
    hollow = " chart__dot--hollow" if mark.is_provisional else ""
    radius = 3.5 if is_alone or mark.is_provisional or count <= FEW else 1.5
    touch = f'<rect class="chart__touch" x="{frame.x(slot / count)}" y="{short(y - 12)}" width="{frame.x(1 / count)}" height="24"/>'
    whisker = _whisker(number, mark, share, scale, frame)
    return f'{touch}{whisker}<circle class="chart__dot chart__dot--{number}{hollow}" cx="{frame.x(share)}" cy="{short(y)}" r="{radius:g}"/>'


def _whisker(number: int, mark, share: float, scale: Scale, frame: Frame) -> str:
    if mark.low is None or mark.high is None:
        return ""
    x, low, high = frame.x(share), short(frame.y(scale.share(mark.low))), short(frame.y(scale.share(mark.high)))
    return f'<line class="chart__whisker chart__stroke--{number}" x1="{x}" x2="{x}" y1="{low}" y2="{high}"/>'


def _fit_their_ends(figure: Trend) -> bool:
    return all(width_of(each.label) <= ENDS - 26 for each in figure.series)


def _ends(pairs: list[tuple[int, Series]], figure: Trend, scale: Scale, frame: Frame) -> str:
    placed = sorted((frame.y(scale.share(value)), number, each.label) for number, each in pairs if (value := _last(each)) is not None)
    heights = spread([y for y, *_ in placed], least=frame.top, most=frame.height - frame.bottom, apart=APART)
    return "".join(_end(number, label, y, frame) for y, (_, number, label) in zip(heights, placed, strict=True))


def _last(series: Series) -> float | None:
    return next((mark.value for mark in reversed(series.marks) if mark.value is not None), None)


def _end(number: int, label: str, y: float, frame: Frame) -> str:
    sample = f'<line class="chart__line chart__line--{number}" x1="4" x2="20"/>'
    words = text(label, "26", 4, "chart__end-text")
    return f'<g class="chart__end">{frame.place(1, y, sample + words)}</g>'


def spread(heights: Sequence[float], *, least: float, most: float, apart: float) -> list[float]:
    """Move rising heights as little as needed so that neighbours are ``apart`` and all lie within ``least`` and ``most``."""
    placed: list[float] = []
    for height in heights:
        placed.append(max(height, placed[-1] + apart) if placed else max(height, least))
    limit = most
    for place in reversed(range(len(placed))):
        placed[place] = min(placed[place], limit)
        limit = placed[place] - apart
    return placed
