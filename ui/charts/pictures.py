"""A figure as a picture: the drawing of the page, painted on the server with a font of our own.

What a picture says must stand in it, because it travels without its page: title, cohort line, legend, flags and notes.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import resvg_py
from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.utils.html import conditional_escape as esc
from django.utils.http import content_disposition_header

from ui.charts.drawing import Drawing, Key
from ui.charts.figures import Figure, Slotted
from ui.charts.render import draw, sample, why_empty
from ui.charts.text import width_of, wrap

WIDTH, EDGE = 960, 24
SHARP = 2  # pixels for each of the drawing, so that it can be printed
FONT = Path(__file__).resolve().parent.parent / "fonts" / "NotoSansSC-Regular.ttf"
FAMILY = "Noto Sans SC"
TITLE, SMALL = (18, 27), (12, 18)  # size and line height
OWN_STYLES = """
svg { font-family: 'Noto Sans SC'; }
.picture__title { fill: %(ink)s; font-size: 18px; }
.picture__note { fill: %(ink-3)s; font-size: 12px; }
"""


def draw_picture(figure: Figure) -> bytes:
    """The figure as a PNG, 1,920 pixels wide, light whatever the reader's theme."""
    png = resvg_py.svg_to_bytes(
        svg_string=compose(figure), style_sheet=styles(), background=tokens()["surface"], zoom=SHARP,
        skip_system_fonts=True, font_files=[str(FONT)], font_family=FAMILY, sans_serif_family=FAMILY,
    )  # fmt: skip
    return bytes(png)


def picture_response(figure: Figure, *, name: str) -> HttpResponse:
    """Send the picture of a figure as ``name.png``."""
    headers = {"Content-Disposition": content_disposition_header(True, f"{name}.png"), "Cache-Control": "no-store, private"}
    return HttpResponse(draw_picture(figure), content_type="image/png", headers=headers)


def compose(figure: Figure) -> str:
    """The whole picture as one SVG: everything that stands on the page, from top to bottom."""
    parts, y = [], float(EDGE)
    for part, height in _parts(figure):
        parts.append(f'<g transform="translate({EDGE} {y:g})">{part}</g>')
        y += height
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y + EDGE:g}">{"".join(parts)}</svg>'


def _parts(figure: Figure) -> Iterator[tuple[str, float]]:
    room = WIDTH - 2 * EDGE
    yield _lines(figure.title, room, *TITLE, "picture__title")
    yield _lines(figure.basis, room, *SMALL, "picture__note")
    yield "", 8
    if not figure.is_empty and figure.is_drawable:
        drawing = _drawing(figure, room)
        yield _legend(drawing.keys, room)
        yield f'<g transform="translate({drawing.before:g} 0)">{drawing.body}</g>', drawing.height + 12
    for words in (*_flags(figure), *([why_empty(figure)] if figure.is_empty else []), *figure.notes):
        yield _lines(words, room, *SMALL, "picture__note")


def _drawing(figure: Figure, room: float) -> Drawing:
    beside = draw(figure, width=room)
    width = room - beside.before - beside.after
    return draw(replace(figure, room=width), width=width)


def _lines(words: str, room: float, size: float, height: float, shape: str) -> tuple[str, float]:
    lines = wrap(words, room, size)
    written = (f'<text class="{shape}" y="{size + height * place:g}">{esc(line)}</text>' for place, line in enumerate(lines))
    return "".join(written), height * len(lines)


def _legend(keys: tuple[Key, ...], room: float) -> tuple[str, float]:
    x, y, items = 0.0, 12.0, []
    for key in keys:
        width = 24 + 6 + width_of(key.label) + 16 * bool(key.label)
        if x + width > room:
            x, y = 0.0, y + 20
        label = f'<text class="chart__text" x="30" y="10">{esc(key.label)}</text>'
        items.append(f'<g transform="translate({x:g} {y:g})">{sample(key)}{label}</g>')
        x += width
    return "".join(items), y + 24 if items else 0


def _flags(figure: Figure) -> list[str]:
    return [f"{figure.slots[each.slot].full}: {each.text}" for each in figure.flags] if isinstance(figure, Slotted) else []


@cache
def tokens() -> dict[str, str]:
    """The colours of the light theme, from the file that the browser reads."""
    body = re.search(r":root \{([^}]*)\}", _source("tokens.css"))[1]
    return dict(re.findall(r"--([\w-]+): ([^;]+);", body))


@cache
def styles() -> str:
    """The styles of the marks with every variable in place, as a painter without a cascade wants them."""
    sheet = re.sub(r"/\*.*?\*/", "", _source("chart-marks.css"), flags=re.S)
    rules = sheet[sheet.index("{") + 1 : sheet.rindex("}")]
    painted = re.sub(r"var\(--([\w-]+)\)", lambda found: tokens().get(found[1], FAMILY), rules)
    return painted + OWN_STYLES % tokens()


def _source(name: str) -> str:
    return Path(finders.find(f"css/{name}")).read_text(encoding="utf-8")
