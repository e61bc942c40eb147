"""The colour table: what it promises is computed here again from the file that the browser reads."""

import re
from pathlib import Path

import pytest

CSS = Path(__file__).parents[2] / "static" / "css"
TOKENS = (CSS / "tokens.css").read_text()

# Least contrast of a token on surface, page and sunken; light then dark.
TEXT = {
    "edge": ((3.8, 3.5, 3.3), (3.9, 4.4, 4.1)),
    "ink": ((16.3, 15.0, 14.0), (14.0, 15.8, 15.0)),
    "ink-2": ((8.4, 7.7, 7.2), (8.6, 9.7, 9.2)),
    "ink-3": ((5.9, 5.5, 5.1), (6.2, 7.0, 6.7)),
    "brand": ((7.2, 6.6, 6.2), (8.5, 9.6, 9.1)),
    "brand-strong": ((10.1, 9.3, 8.7), (10.8, 12.2, 11.5)),
    "good": ((7.1, 6.5, 6.1), (9.3, 10.5, 10.0)),
    "warn": ((6.9, 6.3, 5.9), (9.7, 11.0, 10.4)),
    "bad": ((7.0, 6.5, 6.1), (7.3, 8.3, 7.9)),
    "info": ((7.6, 7.0, 6.6), (8.4, 9.5, 9.1)),
    "focus": ((7.7, 7.1, 6.6), (10.7, 12.1, 11.4)),
}
# Least contrast of two tokens; light, dark.
PAIRS = {
    ("brand", "brand-soft"): (6.1, 6.6),
    ("ink-3", "brand-soft"): (5.1, 4.8),
    ("good", "good-soft"): (6.1, 7.5),
    ("warn", "warn-soft"): (6.0, 7.5),
    ("bad", "bad-soft"): (6.0, 5.9),
    ("info", "info-soft"): (6.4, 6.5),
    ("on-solid", "brand"): (6.9, 7.9),
    ("on-solid", "good"): (6.9, 7.9),
    ("on-solid", "warn"): (6.9, 7.9),
    ("on-solid", "bad"): (6.9, 7.9),
    ("ink", "note"): (14.9, 12.2),
    ("ink-3", "note"): (5.4, 5.4),
    ("on-rail", "rail"): (11.1, 12.8),
    ("on-rail", "rail-hover"): (8.6, 10.1),
}
PAIRS |= {(f"c{number}", "surface"): (3.6, 3.4) for number in range(1, 6)}
PAIRS |= {("ink" if step < 4 else "surface", f"seq-{step}"): (4.6, 4.6) for step in range(6)}  # figures in heat maps


def declarations(selector: str) -> dict[str, str]:
    body = re.search(re.escape(selector) + r" \{([^}]*)\}", TOKENS)[1]
    return dict(re.findall(r"--([\w-]+): ([^;]+);", body))


THEMES = {"light": declarations(":root"), "dark": declarations("[data-theme=dark]")}


def luminance(colour: str) -> float:
    channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_the_published_formula():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("token", TEXT)
@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_text_tokens_keep_their_contrast_on_every_ground(token, theme):
    colours = THEMES[("light", "dark")[theme]]

    measured = [contrast(colours[token], colours[ground]) for ground in ("surface", "bg", "sunken")]

    assert [value >= least for value, least in zip(measured, TEXT[token][theme], strict=True)] == [True] * 3


@pytest.mark.parametrize("pair", PAIRS, ids=" on ".join)
@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_pairs_keep_their_contrast(pair, theme):
    colours = THEMES[("light", "dark")[theme]]

    assert contrast(colours[pair[0]], colours[pair[1]]) >= PAIRS[pair][theme]


@pytest.mark.parametrize("brand", ["indigo", "plum", "ink"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_brand_colour_can_be_read(brand, theme):
    chosen = declarations(f"[data-brand={brand}]" if theme == "light" else f"[data-brand={brand}][data-theme=dark]")
    least_surface, least_soft = {"light": (7.2, 6.1), "dark": (7.9, 6.4)}[theme]

    assert contrast(chosen["brand"], THEMES[theme]["surface"]) >= least_surface
    assert contrast(chosen["brand"], chosen["brand-soft"]) >= least_soft


def test_both_dark_blocks_are_equal():
    by_system = declarations(":root:not([data-theme=light])")

    assert by_system == THEMES["dark"]
    assert set(THEMES["dark"]) == set(THEMES["light"])


def test_both_dark_brand_blocks_are_equal():
    for brand in ("indigo", "plum", "ink"):
        assert declarations(f"[data-brand={brand}]:not([data-theme=light])") == declarations(f"[data-brand={brand}][data-theme=dark]")


def test_every_custom_property_that_is_used_is_defined_somewhere():
    sheets = "\n".join(path.read_text() for path in CSS.glob("*.css"))
    defined = set(re.findall(r"--([\w-]+):", sheets))

    assert set(re.findall(r"var\(--([\w-]+)", sheets)) - defined == set()


def test_colours_are_written_in_the_token_file_only():
    # White paper under codes and black ink on paper are no theme colours; backdrops are the one tint between the themes.
    allowed = {"#fff", "#000", "#333", "#999", "#666", "#06151899"}
    found = {
        colour
        for path in CSS.glob("*.css")
        if path.name != "tokens.css"
        for colour in re.findall(r"[:\s,(](#[0-9a-fA-F]{3,8})\b(?=[^{}]*[;}])", path.read_text())
    }

    assert found - allowed == set()
