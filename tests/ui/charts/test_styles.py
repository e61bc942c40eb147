"""The styles of the marks: nothing is told by colour alone, whatever draws it."""

import re
from pathlib import Path

import pytest

from ui.charts.drawing import SCRATCHES
from ui.charts.figures import MOST_SERIES

CSS = Path(__file__).parents[3] / "static" / "css"
MARKS, PAGE = (CSS / "chart-marks.css").read_text(), (CSS / "charts.css").read_text()
NUMBERS = range(1, MOST_SERIES + 1)


def rule(name: str) -> str:
    found = re.search(rf"\.{re.escape(name)}(?:, [^{{]+)? \{{([^}}]+)\}}", MARKS)
    assert found, name
    return found[1]


@pytest.mark.parametrize("number", NUMBERS)
def test_every_series_has_its_colour_in_every_shape(number):
    for shape in ("line", "dot", "fill", "edge", "stroke"):
        assert f"var(--c{number})" in rule(f"chart__{shape}--{number}")


def test_every_series_has_a_dash_and_a_pattern_of_its_own():
    dashes = [re.findall(r"stroke-dasharray: ([^;]+)", rule(f"chart__line--{number}")) for number in NUMBERS]
    tiles = [SCRATCHES.get(number, "") for number in NUMBERS]

    assert len({tuple(dash) for dash in dashes}) == MOST_SERIES
    assert len(set(tiles)) == MOST_SERIES


@pytest.mark.parametrize("step", range(6))
def test_every_tint_of_a_heat_map_is_a_token(step):
    assert f"var(--seq-{step})" in rule(f"chart__cell--{step}")


def test_the_system_s_own_colours_are_used_where_a_reader_has_chosen_them():
    forced = PAGE.split("@media (forced-colors: active)")[1].split("@media")[0]

    assert [shape for shape in ("text", "grid", "line", "dot", "fill", "scratch", "cell", "band") if f"chart__{shape}" not in forced] == []


def test_paper_is_light_whatever_the_theme():
    tokens = (CSS / "tokens.css").read_text()

    printed = re.sub(r"^  @media screen.*?^  \}$", "", tokens, flags=re.M | re.S)

    assert "dark" in tokens
    assert "dark" not in printed
