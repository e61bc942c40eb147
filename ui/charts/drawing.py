"""What every drawer draws with: marks that lead somewhere, patterns beside colours, text that is escaped."""

from dataclasses import dataclass

from django.utils.html import conditional_escape as esc

from ui.charts.frame import short

OTHER = 6  # the sixth colour belongs to what is left after the named series
# A tile of 8 pixels for each series beside the first, which is plain: lines, dots and grids, apart without colour.
SCRATCHES = {
    2: '<path class="chart__scratch" d="M-2 10L10-2M-2 2L2-2M6 10L10 6"/>',
    3: '<path class="chart__scratch chart__scratch--dots" d="M2 2h.1M6 6h.1"/>',
    4: '<path class="chart__scratch" d="M0 2h8M0 6h8"/>',
    5: '<path class="chart__scratch" d="M0 4h8M4 0v8"/>',
    6: '<path class="chart__scratch" d="M2 0v8M6 0v8"/>',
}
HATCH = '<path class="chart__hatch" d="M-2 2L2-2M0 8L8 0M6 10L10 6"/>'


@dataclass(frozen=True, slots=True)
class Key:
    """One entry of the legend. ``is_named`` says that the drawing names it itself where there is room."""

    kind: str  # line, fill, band, level
    number: int
    label: str
    is_named: bool = False


@dataclass(frozen=True, slots=True)
class Drawing:
    """A finished drawing: what stands inside its ``<svg>``, and how much room it needs beside it for labels, in pixels."""

    body: str
    height: float
    before: float = 0
    after: float = 0
    keys: tuple[Key, ...] = ()


def number_of(place: int, is_other: bool) -> int:
    """The colour, dash and pattern of a series by its place."""
    return OTHER if is_other else place + 1


def link(label: str, url: str, shape: str) -> str:
    """A mark: its name for screen readers and pointers, and the list behind it.

    Marks are no tab stops, a page of charts would have hundreds; the table under each chart holds the same links.
    An address that leaves the site, or is a script, is not followed.
    """
    title = f"<title>{esc(label)}</title>"
    if not is_own(url):
        return f'<g class="chart__mark">{title}{shape}</g>'
    return f'<a class="chart__mark" href="{esc(url)}" tabindex="-1">{title}{shape}</a>'


def is_own(url: str) -> bool:
    """Whether an address is one of this site."""
    return url.startswith("?") or url.startswith("/") and not url.startswith(("//", "/\\"))


def text(words: str, x: str, y: float, shape: str, *, anchor: str = "", shift: float = 0) -> str:
    """A label. ``shift`` is a distance in pixels from its place, ``anchor`` middle or end."""
    more = (f' dx="{short(shift)}"' if shift else "") + (f' text-anchor="{anchor}"' if anchor else "")
    return f'<text class="chart__text {shape}" x="{x}" y="{short(y)}"{more}>{esc(words)}</text>'


def paint(key: str, number: int, mark) -> str:
    """How an area is filled: hatched while provisional, patterned beside its colour otherwise."""
    if mark.is_provisional:
        return f'class="chart__edge--{number}" fill="url(#{key}-h{number})"'
    if number in SCRATCHES:
        return f'fill="url(#{key}-p{number})"'
    return f'class="chart__fill--{number}"'


def patterns(key: str, numbers) -> str:
    """The tiles that the areas of a figure are filled with; ``key`` keeps them apart from those of other figures."""
    return f"<defs>{''.join(_tiles(key, number) for number in sorted(set(numbers)))}</defs>"


def _tiles(key: str, number: int) -> str:
    ground = '<rect class="{}" width="8" height="8"/>'
    hatch = _tile(f"{key}-h{number}", ground.format("chart__ground") + f'<g class="chart__stroke--{number}">{HATCH}</g>')
    if number not in SCRATCHES:
        return hatch
    return hatch + _tile(f"{key}-p{number}", ground.format(f"chart__fill--{number}") + SCRATCHES[number])


def _tile(name: str, content: str) -> str:
    return f'<pattern id="{name}" width="8" height="8" patternUnits="userSpaceOnUse">{content}</pattern>'
