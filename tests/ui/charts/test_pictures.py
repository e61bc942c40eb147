"""Pictures hold what the page says, in letters that the font has."""

import hashlib
import io
import json
import re
from functools import cache

import pytest
import resvg_py
from django.utils import translation
from fontTools.ttLib import TTFont
from PIL import Image

from tests.ui.charts.builders import EVERY, make_heat, make_trend
from ui.charts import figures as f
from ui.charts.pictures import EDGE, FONT, WIDTH, compose, draw_picture, picture_response, styles, tokens

FONTS = FONT.parent


def pixels(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")


@cache
def drawn() -> set[int]:
    return set(TTFont(FONT).getBestCmap())


def ink_of(words: str) -> Image.Image:
    """How the painter draws one line of text."""
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="120" height="24"><text x="2" y="18" font-size="16">{words}</text></svg>'
    options = {"skip_system_fonts": True, "font_files": [str(FONT)], "font_family": "Noto Sans SC", "background": "#ffffff"}
    return pixels(bytes(resvg_py.svg_to_bytes(svg_string=svg, **options)))


def test_the_font_is_the_one_that_is_listed_with_its_licence():
    manifest = json.loads((FONTS / "MANIFEST.json").read_text())
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in FONTS.iterdir() if path.name != "MANIFEST.json"}

    assert found == manifest["sha256"]
    assert manifest["licence"] == "OFL-1.1"
    assert "SIL Open Font License" in (FONTS / "LICENSE").read_text()


def test_the_font_has_every_character_of_our_texts_and_of_the_national_standard():
    ours = (FONTS.parents[1] / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po").read_text()
    han = {chr(code) for code in range(0x4E00, 0x9FFF)}

    standard = {character for character in han if character.encode("gb2312", "ignore")}
    assert len(standard) == 6763
    assert {character for character in standard | (set(ours) & han) if ord(character) not in drawn()} == set()


@pytest.mark.parametrize("words", ["首次响应", "承运商", "≥ 12.5 分", "−30.0 ¥", "Résumé"])
def test_letters_are_letters_and_no_empty_boxes(words):
    missing = ink_of("\U00013000" * len(words)).tobytes()
    blank = ink_of("").tobytes()

    assert ink_of(words).tobytes() not in (missing, blank)
    assert ink_of(words[0]).tobytes() != ink_of(words[1]).tobytes()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("make", EVERY)
def test_every_character_of_a_picture_is_in_the_font(make, language):
    with translation.override(language):
        svg = compose(make(notes=("n = 4,321", "截至 2025-11-14 12:03", "frt@2")))

    written = "".join(re.findall(r">([^<>]+)</", svg))
    assert {character for character in written if ord(character) not in drawn()} == set()


@pytest.mark.parametrize("make", EVERY)
def test_a_picture_is_painted_in_the_colours_of_the_house(make):
    picture = pixels(draw_picture(make()))
    colours = {colour for _, colour in picture.getcolors(1 << 20)}
    wanted = tokens()["seq-5" if make is make_heat else "c1"]

    assert picture.width == 2 * WIDTH
    assert picture.getpixel((0, 0)) == (255, 255, 255)
    assert tuple(int(wanted[place : place + 2], 16) for place in (1, 3, 5)) in colours


def test_a_picture_says_where_its_numbers_come_from():
    figure = make_trend(basis="按创建日计", notes=("n = 4,321", "筛选：全部渠道", "截至 12:03", "frt@2"), flags=(f.Flag(0, "大促"),))

    svg = compose(figure)

    assert [words for words in (figure.title, figure.basis, *figure.notes, "2025-11-01: 大促") if f">{words}<" not in svg] == []


def test_a_long_note_is_broken_into_lines_that_fit():
    svg = compose(make_trend(notes=("筛选条件" * 60,)))
    lines = re.findall(r'<text class="picture__note"[^>]*>([^<]+)<', svg)

    assert len(lines) > 2
    assert max(len(line) for line in lines) * 12 <= WIDTH - 2 * EDGE


def test_a_picture_of_nothing_says_so():
    svg = compose(make_trend(series=(f.Series("a", (f.Mark(None),) * 5),), why_empty="没有投诉"))

    assert "没有投诉" in svg
    assert "chart__line" not in svg


def test_what_people_wrote_is_text_in_a_picture_too():
    svg = compose(make_trend(title="</text><image href='/etc/passwd'/>", notes=("<b>",)))

    assert "<image" not in svg
    assert "<b>" not in svg


def test_the_painter_gets_no_variable_and_no_rule_it_cannot_read():
    assert re.findall(r"var\(|@|calc\(|rem\b|:hover", styles()) == []
    assert "stroke: #0E6F81" in styles()


def test_an_answer_is_a_picture_with_a_name():
    response = picture_response(make_trend(), name="首次响应")

    assert response["Content-Type"] == "image/png"
    assert response["Content-Disposition"].endswith(".png")
    assert response["Cache-Control"] == "no-store, private"
    assert response.content.startswith(b"\x89PNG")
