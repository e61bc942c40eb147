"""What lies around the marks: grid, labels of both axes, the target, changes of the definition, flags."""

from ui.charts.drawing import Key, link, text
from ui.charts.figures import Band, Figure, Slotted
from ui.charts.frame import Frame, short
from ui.charts.scale import Scale, label_step
from ui.charts.text import fit, width_of, wrap
from ui.charts.units import Unit

DESK, PHONE = 480, 232  # least widths of a plot that labels are thinned for
GAP = 12
STRIP = 18  # the height of a line of labels above the plot


def draw_grid(scale: Scale, unit: Unit, frame: Frame) -> str:
    """A hairline and a label for each tick; the zero line stands out."""
    return "".join(_tick(value, scale, unit, frame) for value in scale.ticks)


def room_before(scale: Scale, unit: Unit) -> float:
    """Pixels that the labels of the ticks take on the left."""
    return max(width_of(unit.write_tick(value, scale.high)) for value in scale.ticks) + 8


def _tick(value: float, scale: Scale, unit: Unit, frame: Frame) -> str:
    y = short(frame.y(scale.share(value)))
    shape = "chart__grid chart__grid--zero" if value == 0 else "chart__grid"
    label = text(unit.write_tick(value, scale.high), "0", frame.y(scale.share(value)) + 4, "chart__y", anchor="end", shift=-8)
    return f'<line class="{shape}" x2="{frame.x(1)}" y1="{y}" y2="{y}"/>{label}'


def draw_slot_labels(labels: list[str], frame: Frame, *, room: float = DESK) -> str:
    """The labels under the plot, thinned out so that none touches its neighbour; on a phone fewer still."""
    count, width = len(labels), max(map(width_of, labels), default=0) + GAP
    step = label_step(count, width, room)
    phone = step * label_step(-(-count // step), width, PHONE)
    y = frame.height - 6
    return "".join(
        text(label, frame.x((number + 0.5) / count), y, "chart__x" if number % phone == 0 else "chart__x chart__x--wide", anchor="middle")
        for number, label in enumerate(labels)
        if number % step == 0
    )


def draw_names(names: list[str], frame: Frame, *, room: float, y: float) -> str:
    """Names that are no steps, so none may be left out: in two lines; on a phone, which has a list of them below, as numbers."""
    return "".join(_name(place, name, len(names), room, frame, y) for place, name in enumerate(names))


def _name(place: int, name: str, count: int, room: float, frame: Frame, y: float) -> str:
    x, width = frame.x((place + 0.5) / count), room / count - GAP / 2
    first = (wrap(name, width) or [""])[0]
    rest = name.strip()[len(first) :].strip()
    lines = [fit(each, width) for each in (first, rest) if each]
    fits_phone = not rest and width_of(first) <= PHONE / count
    shape = "chart__x" if fits_phone else "chart__x chart__x--wide"
    written = "".join(text(line, x, y + 15 * number, shape, anchor="middle") for number, line in enumerate(lines))
    return written if fits_phone else written + text(str(place + 1), x, y, "chart__x chart__x--phone", anchor="middle")


def draw_band(band: Band | None, scale: Scale, frame: Frame) -> str:
    """The target lies under everything; its edges are lines, so it can be seen without colour."""
    if band is None:
        return ""
    low, height = share_of_band(band, scale)
    return frame.rect('class="chart__band"', (0, low, 1, height)) + "".join(_edge(value, scale, frame) for value in band_values(band))


def _edge(value: float, scale: Scale, frame: Frame) -> str:
    y = short(frame.y(scale.share(value)))
    return f'<line class="chart__target" x2="{frame.x(1)}" y1="{y}" y2="{y}"/>'


def band_values(band: Band | None) -> list[float]:
    return [value for value in (band.low, band.high) if value is not None] if band else []


def values_of(figure: Figure, band: Band | None) -> list[float]:
    """Everything that the axis has to reach: values, their intervals and the target."""
    found = (value for mark in figure.marks() for value in (mark.value, mark.low, mark.high))
    return [*(value for value in found if value is not None), *band_values(band)]


def share_of_band(band: Band, scale: Scale) -> tuple[float, float]:
    """Where a target begins on the axis, and how much of it it covers."""
    low = scale.share(scale.low if band.low is None else band.low)
    return low, scale.share(scale.high if band.high is None else band.high) - low


def band_key(band: Band | None) -> tuple[Key, ...]:
    return (Key("band", 0, band.label),) if band else ()


def room_above(figure: Slotted) -> float:
    """Pixels above the plot for what is written there."""
    return 8 + STRIP * bool(figure.changes) + STRIP * bool(figure.flags)


def draw_changes(figure: Slotted, frame: Frame) -> str:
    """A rule where the definition changed, with its label at the top."""
    return "".join(_change(each.slot / len(figure.slots), each.label, frame) for each in figure.changes)


def _change(share: float, label: str, frame: Frame) -> str:
    anchor, shift = ("end", -6) if share > 0.5 else ("", 6)
    x = frame.x(share)
    rule = f'<line class="chart__change" x1="{x}" x2="{x}" y1="2" y2="{short(frame.height - frame.bottom)}"/>'
    return rule + text(fit(label, PHONE / 2), x, 14, "chart__change-text", anchor=anchor, shift=shift)


def draw_flags(figure: Slotted, frame: Frame) -> str:
    """A small flag above each slot that somebody wrote something about; the words stand under the chart too."""
    pole = '<path class="chart__flag" d="M0 0V-12L9-8.5L0-5"/>'
    return "".join(
        link(f"{figure.slots[each.slot].full}: {each.text}", each.url, frame.place((each.slot + 0.5) / len(figure.slots), frame.top, pole))
        for each in figure.flags
    )
