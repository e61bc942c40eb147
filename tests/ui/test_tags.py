import re
from xml.etree import ElementTree

import pytest
import segno
from django.template import Context, Template
from django.utils import translation

from ui import codes, drawings, rings


def render(source: str, **context) -> str:
    return Template("{% load ui %}" + source).render(Context(context))


def test_a_status_is_a_ring_and_its_words():
    html = render('{% status "ours" label %}', label="With <us>")

    assert html.startswith('<span class="status status--ours"><svg class="ring ring--ours" viewBox="0 0 16 16" width="16" height="16"')
    assert html.endswith("<span>With &lt;us&gt;</span></span>")


@pytest.mark.parametrize("stage", rings.STAGES)
def test_every_stage_has_a_drawing_of_its_own(stage):
    others = [drawn for name, drawn in rings.STAGES.items() if name != stage]

    assert rings.STAGES[stage] not in others
    ElementTree.fromstring(rings.ring(stage))


def test_an_unknown_stage_is_an_error():
    with pytest.raises(KeyError):
        render('{% status "unheard" "x" %}')


@pytest.mark.parametrize(
    ("steps", "done", "states"), [(4, 0, "now next next next"), (3, 2, "done done now"), (5, 5, "done done done done done")]
)
def test_the_dial_shows_one_arc_per_promised_step(steps, done, states):
    html = render("{% dial steps done %}", steps=steps, done=done)

    assert re.findall(r"dial__step--(\w+)", html) == states.split()
    assert ("dial--closed" in html) == (steps == done)
    assert 'aria-hidden="true"' in html


@pytest.mark.parametrize("name", drawings.DRAWINGS)
def test_every_drawing_is_small_and_well_formed(name):
    drawn = drawings.drawing(name)

    ElementTree.fromstring(drawn)
    assert len(drawn) <= 1024


def test_there_are_eight_drawings():
    assert len(drawings.DRAWINGS) == 8


def test_an_empty_state_offers_one_action():
    html = render('{% empty "done" "All done" text url "Next" %}', text="Well done <b>", url="/next/?a=1&b=2")

    assert html.count("<a ") == 1
    assert "Well done &lt;b&gt;" in html
    assert 'href="/next/?a=1&amp;b=2"' in html


def test_money_and_masked_values_are_escaped():
    assert render("{% money 12900 %}") == '<span class="money">¥129.00</span>'
    assert render("{% money None %}") == ""
    assert render("{% money 5 currency %}", currency="<b>") == '<span class="money">&lt;b&gt;\u00a00.05</span>'
    assert render('{% masked value "name" %}', value="<b>") == "&lt;***"


def test_icons_are_decoration():
    assert render('{% icon "send" %}') == (
        '<svg class="icon" width="20" height="20" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" '
        'stroke-linejoin="round" aria-hidden="true"><use href="#i-send"/></svg>'
    )


def test_words_of_scripts_are_safe_json_in_the_language_of_the_page():
    with translation.override("en"):
        html = render('{% words "desk" %}')

    assert html.startswith('<script type="application/json" id="words">{')
    assert "<" not in html.removeprefix("<script").removesuffix("</script>")
    assert '"undo": "Undo ({seconds})"' in html


@pytest.mark.parametrize("shell", ["desk", "scan"])
def test_scripts_ask_for_no_word_that_the_page_lacks(shell):
    from pathlib import Path

    from ui.words import OF_SHELLS, _page_words, _time_words

    files = (Path(__file__).parents[2] / "static" / "js").glob("*.js")
    scripts = "\n".join(path.read_text() for path in files if path.name.startswith("scan-") == (shell == "scan"))
    asked = {word for call in re.findall(r"\bsay\(([^{)]*)", scripts) for word in re.findall(r'"([\w-]+)"', call)}
    told = set(re.findall(r'\.tell\("([\w-]+)"\)', scripts))

    assert asked
    assert (asked | told) - set(_time_words() | _page_words() | OF_SHELLS[shell]()) == set()


def test_a_qr_code_draws_the_modules_of_its_content():
    html = codes.qr_svg("https://example.test/t/abc/", title="Link <1>")

    dark = sum(sum(1 for module in row if module) for row in segno.make("https://example.test/t/abc/", error="m", micro=False).matrix)
    stroke = re.search(r'stroke="#000"[^>]* d="([^"]+)"|d="([^"]+)"[^>]* stroke="#000"', html)
    assert sum(int(length) for length in re.findall(r"h(\d+)", stroke[1] or stroke[2])) == dark
    assert "Link &lt;1&gt;" in html
    assert ' style="' not in html


def test_a_barcode_draws_the_bars_of_its_content():
    html = codes.code128_svg("SF123")

    paper, *bars = [(int(start), int(width)) for start, width in re.findall(r"M(\d+) 0h(\d+)v48h-\d+z", html)]
    # Code 128 has three bars a character and four in the stop; start, data (one digit pair compressed or not), check, stop.
    assert (len(bars) - 4) % 3 == 0
    assert (paper[0], bars[0]) == (0, (10, 2))
    assert all(start + width < following for (start, width), (following, _) in zip(bars, bars[1:], strict=False))
