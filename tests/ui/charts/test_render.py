"""A figure as HTML: what the marks say stands in the table, and nothing in it can act."""

import re
from dataclasses import replace

import pytest
from django.template import Context, Template
from django.utils import translation

from tests.ui.charts.builders import EVERY, make_bars, make_columns, make_pareto, make_series, make_spark, make_trend, marks_of, parse, said
from ui.charts import figures as f
from ui.charts.render import ROOMS, draw, render_chart, render_spark, room_named
from ui.charts.tables import NOTHING, table_of

EVIL = '"><script>alert(1)</script>'


def cells(html: str) -> list[str]:
    body = html.split("<tbody>")[1].split("</tbody>")[0]
    return [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<td>(.*?)</td>", body)]


@pytest.mark.parametrize("make", EVERY)
def test_every_mark_says_what_its_cell_says(make):
    figure = make()
    spoken = [said(mark) for mark in marks_of(parse(draw(figure).body))]
    written = cells(render_chart(figure))

    values = [cell.text for row in table_of(figure).rows for cell in row[1:]]
    assert written == values
    assert {text.split("：")[-1].removeprefix("累计占比 ") for text in spoken} == set(values) - {NOTHING}


@pytest.mark.parametrize("make", EVERY)
def test_every_list_behind_a_mark_is_behind_its_cell_too(make):
    figure = make()
    drawing, html = draw(figure).body, render_chart(figure)
    table = html.split("<tbody>")[1]

    assert re.findall(r'href="([^"]+)"', drawing) != []
    unseen = [mark.url for mark in figure.marks() if mark.value is None]
    marked = re.findall(r'<a class="chart__mark" href="([^"]+)"', drawing)
    assert sorted([*marked, *unseen]) == sorted(re.findall(r'href="([^"]+)"', table))


@pytest.mark.parametrize("make", EVERY)
def test_a_figure_carries_no_style_and_no_script(make):
    html = render_chart(make())

    assert re.findall(r"\sstyle\s*=|<style|<script|\son[a-z]+=", html) == []


@pytest.mark.parametrize("make", EVERY)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_drawing_has_no_outer_view_box_and_is_well_formed(make, language):
    with translation.override(language):
        html = render_chart(make())

    outer = re.search(r'<svg class="chart__svg[^>]*>', html)[0]
    assert "viewBox" not in outer
    assert 'width="100%"' in outer
    assert parse(html) is not None


def test_what_people_wrote_is_escaped_everywhere():
    slots = (f.Slot(EVIL, EVIL),)
    mark = f.Mark(1, url=f"/list/?q={EVIL}", note=EVIL)
    figure = make_trend(
        title=EVIL, basis=EVIL, notes=(EVIL,), slots=slots, slot_title=EVIL, why_empty=EVIL, band=f.Band(EVIL, high=2),
        series=(f.Series(EVIL, (mark,)), f.Series("b", (mark,))), changes=(f.Change(0, EVIL),), flags=(f.Flag(0, EVIL, f"/x/{EVIL}"),),
    )  # fmt: skip
    bars = make_bars(rows=(f.Row(EVIL, mark),), row_title=EVIL)
    pareto = make_pareto(rows=(f.Row(EVIL, mark),))

    for each in (figure, bars, pareto, replace(figure, series=(f.Series(EVIL, (f.Mark(None),)),))):
        assert "<script" not in render_chart(each)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "//evil.example/", "/\\evil.example/", "https://evil.example/", "data:text/html,x", ""]
)
def test_a_mark_leads_nowhere_but_into_this_site(url):
    html = render_chart(make_trend(slots=(f.Slot("1"),), series=(f.Series("a", (f.Mark(1, url=url),)),), flags=(f.Flag(0, "x", url),)))

    assert "href" not in html


def test_a_figure_without_values_says_so_and_draws_nothing():
    figure = make_trend(series=(make_series(values=(None,) * 5),), why_empty="No complaint was filed")

    html = render_chart(figure)

    assert "No complaint was filed" in html
    assert "chart__svg" not in html
    assert "<table" not in html


def test_causes_that_weigh_nothing_are_an_empty_chart():
    assert make_pareto(0, 0).is_empty


def test_more_lines_than_can_be_told_apart_are_a_table():
    html = render_chart(make_trend(series=tuple(make_series(f"line {number}") for number in range(7))))

    assert "chart__svg" not in html
    assert '<details class="chart__numbers" open>' in html


def test_marks_are_no_tab_stops_but_the_table_is_reachable():
    html = render_chart(make_columns())

    assert all('tabindex="-1"' in mark for mark in re.findall(r'<a class="chart__mark"[^>]*>', html))
    assert re.search(r"<td><span[^>]*><a href=\"[^\"]+\">", html)


def test_the_rooms_beside_a_plot_are_declared_as_classes():
    from pathlib import Path

    styles = (Path(__file__).parents[3] / "static" / "css" / "charts.css").read_text()

    for name, pixels in ROOMS.items():
        if pixels:
            assert f".chart__svg--before-{name} {{ margin-inline-start: {pixels}px; }}" in styles
            assert f".chart__svg--after-{name} {{ margin-inline-end: {pixels}px; }}" in styles
    assert [room_named(pixels) for pixels in (0, 30, 60, 500)] == ["none", "s", "l", "xl"]


def test_flags_are_listed_in_words_and_in_the_table():
    html = render_chart(make_trend(flags=(f.Flag(1, "Promotion"),), changes=(f.Change(3, "frt@2"),)))

    assert "<li>2025-11-02: Promotion</li>" in html
    assert "Promotion" in cells(html)
    assert "frt@2" in cells(html)


@pytest.mark.parametrize("key", ["", "A", "a b", 'a"b', "1a"])
def test_a_key_is_a_name_that_markup_can_carry(key):
    with pytest.raises(ValueError, match="no key"):
        make_bars(key=key)


def test_a_series_has_a_mark_for_each_slot():
    with pytest.raises(ValueError, match="4 marks for 5 slots"):
        make_trend(series=(make_series(values=(1, 2, 3, 4)),))


def test_the_tags_draw_a_chart_and_the_line_of_a_tile():
    page = Template("{% load ui %}{% chart figure level=3 %}{% spark tile %}").render(
        Context({"figure": make_trend(), "tile": make_spark(1, 2)})
    )

    assert '<h3 class="chart__title" id="frt-title">' in page
    assert 'role="img" aria-label="Rising"' in page


def test_a_tile_with_less_than_two_values_has_no_line():
    assert render_spark(make_spark(None, 2)) == ""
