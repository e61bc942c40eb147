"""A tile says its number with all that belongs to it, and no colour alone says anything."""

from dataclasses import replace

import pytest

from tests.ui.charts.builders import make_spark
from ui.charts.figures import Mark
from ui.charts.tiles import Tile, render_tile
from ui.charts.units import PERCENT, SECONDS

EVIL = "<script>alert(1)</script>"


def make_tile(**overrides):
    usual = {"key": "sla", "name": "SLA", "unit": PERCENT, "mark": Mark(0.883, url="/admin/reports/metric/sla_att/")}
    return Tile(**usual | overrides)


def test_a_tile_holds_value_n_state_delta_line_and_basis():
    said = {"n": "n = 12", "state_words": "低于目标 90 %", "delta": "↓ 2.1", "basis": "按到期日计 · sla_att@1"}

    html = render_tile(make_tile(state="bad", spark=make_spark(1, 2), **said))

    assert [words for words in ("88.3 %", "Rising", *said.values()) if words not in html] == []
    assert 'href="/admin/reports/metric/sla_att/"' in html


@pytest.mark.parametrize("state", ["good", "warn", "bad"])
def test_a_judgement_is_an_icon_and_words_beside_its_colour(state):
    html = render_tile(make_tile(state=state, state_words="said"))

    assert f"kpi__state--{state}" in html
    assert "<use href=" in html
    assert "said" in html


def test_where_nothing_is_judged_there_is_no_colour():
    assert "kpi__state--" not in render_tile(make_tile(state_words="too few"))


def test_a_lower_bound_is_printed_as_one():
    assert "≥ 1 小时" in render_tile(make_tile(unit=SECONDS, mark=Mark(3600, is_at_least=True)))


def test_what_is_written_in_a_tile_is_escaped():
    tile = make_tile(name=EVIL, n=EVIL, parts=EVIL, state_words=EVIL, delta=EVIL, basis=EVIL, mark=Mark(1, url="javascript:alert(1)"))

    html = render_tile(tile)

    assert "<script" not in html
    assert "href" not in html


@pytest.mark.parametrize("wrong", [{"key": 'a"'}, {"state": "red"}])
def test_a_tile_that_cannot_be_drawn_is_refused(wrong):
    with pytest.raises(ValueError, match=" is no "):
        replace(make_tile(), **wrong)
