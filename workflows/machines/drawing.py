"""The picture of a machine as an SVG file: boxes for states, arrows for verbs, colours for whose turn it is."""

from dataclasses import dataclass
from itertools import pairwise
from unicodedata import east_asian_width

from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from workflows.machines.layout import Arrow, Layout, Stop, lay_out
from workflows.machines.table import Machine, Role

BOX, LINE, SPACE, MARGIN = 44, 15, 30, 24
LEGEND = 30
FONT = "-apple-system, 'Segoe UI', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"
# With fewer moves than this each arrow carries the name of its verb, otherwise only the number.
NAMED_BELOW = 24
TINTS = {"customer": "#fff1d6", "staff": "#dfeafc", "machine": "#eeeeee", "end": "#e3f4e6", "plain": "#ffffff"}


@dataclass(frozen=True)
class Picture:
    """A machine, its layout, and where each rank begins and ends from top to bottom."""

    machine: Machine
    layout: Layout
    bands: tuple[tuple[int, int], ...]

    @property
    def height(self) -> int:
        return self.bands[-1][1]


def draw_machine(machine: Machine) -> str:
    """The whole file, in the language that is active."""
    picture = arrange(machine)
    width, height = max(picture.layout.width, legend_width(machine)) + 2 * MARGIN, picture.height + 2 * MARGIN + LEGEND
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family="{FONT}">',
        f"<title>{escape(machine.label)}</title>",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse">'
        '<path d="M0 0L8 4L0 8z" fill="#555"/></marker></defs>',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<g transform="translate({MARGIN} {MARGIN})">',
        *[draw_arrow(picture, arrow) for arrow in picture.layout.arrows],
        *[draw_label(picture, arrow) for arrow in picture.layout.arrows],
        *[draw_state(picture, stop) for rank in picture.layout.ranks for stop in rank if stop.is_state],
        f'<g transform="translate(0 {picture.height + LEGEND - 6})">{draw_legend(machine)}</g>',
        "</g></svg>\n",
    ]
    return "\n".join(parts)


def arrange(machine: Machine) -> Picture:
    """Lay the machine out with the widths of its words."""
    drawn = [move for move in machine.moves if move[0] != move[1]]
    layout = lay_out(
        [state.name for state in machine.states],
        drawn,
        state_width=lambda name: state_width(machine, name),
        label_width=lambda move: max(text_width(line, 12) for line in lines_of_move(machine, move)) + 6,
    )
    bands, top = [], 0
    for rank in layout.ranks:
        lines = [len(lines_of_move(machine, stop.key[1])) for stop in rank if stop.is_label]
        tall = BOX if any(stop.is_state for stop in rank) else max(lines, default=1) * LINE + 4
        bands.append((top, top + tall))
        top += tall + SPACE
    return Picture(machine, layout, tuple(bands))


def text_width(text: str, size: int) -> int:
    """A generous guess: the file must look right with whichever font is there."""
    return round(sum(size if east_asian_width(letter) in "WF" else size * 0.6 for letter in text))


def state_width(machine: Machine, name: str) -> int:
    """Room for the words and for the arrows of the fuller side."""
    names = [state.name for state in machine.states]
    others = [names.index(other) for move in machine.moves if name in move for other in move if other != name]
    below = sum(place > names.index(name) for place in others)
    return max(*(text_width(line, size) + 24 for line, size in lines_of_state(machine, name)), 12 * max(below, len(others) - below))


def lines_of_state(machine: Machine, name: str) -> list[tuple[str, int]]:
    stays = [verb.id for verb in machine.verbs if (name, name) in verb.moves]
    small = f"{name} ↻ {', '.join(stays)}" if stays else str(name)
    return [(str(machine.state(name).label), 14), (small, 11)]


def lines_of_move(machine: Machine, move: tuple[str, str]) -> list[str]:
    """What stands beside an arrow: one verb a line by name, or the numbers, three a line."""
    verbs = machine.moves[move]
    if len(machine.moves) < NAMED_BELOW:
        return [f"{verb.id} {verb.label}" for verb in verbs]
    keys = [verb.id for verb in verbs]
    return [", ".join(keys[start : start + 3]) for start in range(0, len(keys), 3)]


def draw_arrow(picture: Picture, arrow: Arrow) -> str:
    """A line through all stops of the move, straight within a rank and bent between two."""
    places = [_port(arrow.stops[0], arrow.stops[1]), *(stop.x for stop in arrow.stops[1:-1]), _port(arrow.stops[-1], arrow.stops[-2])]
    path = f"M{places[0]} {picture.bands[arrow.stops[0].rank][1]}"
    for (one, x), (other, to_x) in pairwise(zip(arrow.stops, places, strict=True)):
        bottom, top = picture.bands[one.rank][1], picture.bands[other.rank][0]
        half = (bottom + top) // 2
        path += f"C{x} {half} {to_x} {half} {to_x} {top}"
        if other is not arrow.stops[-1]:
            path += f"V{picture.bands[other.rank][1]}"
    tip = 'marker-start="url(#tip)"' if arrow.points_up else 'marker-end="url(#tip)"'
    dashes = ' stroke-dasharray="5 3"' if arrow.points_up else ""
    return f'<path d="{path}" fill="none" stroke="#777" stroke-width="1.2"{dashes} {tip}/>'


def _port(stop: Stop, neighbour: Stop) -> int:
    """Where an arrow touches its state: the arrows of one side share it in the order of where they come from."""
    side = stop.below if neighbour in stop.below else stop.above
    order = sorted(side, key=lambda other: other.x)
    place = next(number for number, other in enumerate(order) if other is neighbour)
    return round(stop.x - stop.width * 0.4 + stop.width * 0.8 * (place + 0.5) / len(order))


def draw_label(picture: Picture, arrow: Arrow) -> str:
    stop = arrow.label
    lines = lines_of_move(picture.machine, (arrow.source, arrow.target))
    top, bottom = picture.bands[stop.rank]
    first = (top + bottom) // 2 - len(lines) * LINE // 2
    back = f'<rect x="{stop.x - stop.width // 2}" y="{first - 1}" width="{stop.width}" height="{len(lines) * LINE + 2}" fill="#fff"/>'
    texts = [
        f'<text x="{stop.x}" y="{first + 11 + number * LINE}" font-size="12" text-anchor="middle" fill="#333">{escape(line)}</text>'
        for number, line in enumerate(lines)
    ]
    return back + "".join(texts)


def draw_state(picture: Picture, stop: Stop) -> str:
    machine, name = picture.machine, stop.key[1]
    top, _bottom = picture.bands[stop.rank]
    left, is_end = stop.x - stop.width // 2, name in machine.terminals
    box = f'<rect x="{left}" y="{top}" width="{stop.width}" height="{BOX}" rx="{BOX // 2 if name == machine.start else 6}" '
    box += f'fill="{TINTS[tint_of(machine, name)]}" stroke="#333" stroke-width="{2.5 if is_end else 1.2}"/>'
    (label, _size), (small, _smaller) = lines_of_state(machine, name)
    return (
        f'{box}<text x="{stop.x}" y="{top + 19}" font-size="14" text-anchor="middle" fill="#111">{escape(label)}</text>'
        f'<text x="{stop.x}" y="{top + 35}" font-size="11" text-anchor="middle" fill="#555">{escape(small)}</text>'
    )


def tint_of(machine: Machine, name: str) -> str:
    """Whose turn it is, by colour."""
    owners = machine.state(name).owners
    if name in machine.terminals:
        return "end"
    if not owners:
        return "plain"
    return {Role.CUSTOMER: "customer", Role.SYSTEM: "machine"}.get(owners[0], "staff")


def legend_of(machine: Machine) -> list[tuple[str, str]]:
    words = {
        "customer": _("customer's turn"),
        "staff": _("staff's turn"),
        "machine": _("runs by itself"),
        "plain": _("under way"),
        "end": pgettext("machine", "end"),
    }
    used = {tint_of(machine, state.name) for state in machine.states}
    return [(tint, word) for tint, word in words.items() if tint in used]


def legend_width(machine: Machine) -> int:
    return sum(text_width(word, 12) + 42 for _tint, word in legend_of(machine))


def draw_legend(machine: Machine) -> str:
    parts, left = [], 0
    for tint, word in legend_of(machine):
        parts.append(f'<rect x="{left}" width="16" height="12" y="-10" rx="3" fill="{TINTS[tint]}" stroke="#333"/>')
        parts.append(f'<text x="{left + 22}" y="0" font-size="12" fill="#333">{escape(word)}</text>')
        left += text_width(word, 12) + 42
    return "".join(parts)
