"""Whatever the numbers are, a figure can be drawn, stays inside its plot and is well formed."""

import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.ui.charts.builders import DAYS, make_bars, make_columns, make_heat, make_histogram, make_pareto, make_spark, make_trend, parse
from ui.charts import figures as f
from ui.charts.pictures import compose
from ui.charts.render import draw, render_chart, render_spark
from ui.charts.sheets import sheet_of
from ui.charts.units import COUNT, PERCENT, POINTS, SECONDS, YUAN

VALUES = st.none() | st.integers(-(10**9), 10**12) | st.floats(-1e6, 1e9, allow_subnormal=False)
EDGES = st.none() | st.floats(0, 1e6)
MARKS = st.builds(f.Mark, VALUES, is_provisional=st.booleans(), is_at_least=st.booleans(), low=EDGES, high=EDGES)
FIVE = st.tuples(*[MARKS] * len(DAYS))
UNITS = st.sampled_from((COUNT, PERCENT, SECONDS, POINTS, YUAN))


@st.composite
def any_figure(draw_from):
    first, second, unit = draw_from(FIVE), draw_from(FIVE), draw_from(UNITS)
    series = (f.Series("a", first), f.Series("b", second, is_other=True))
    rows = tuple(f.Row(str(number), mark) for number, mark in enumerate(first))
    positive = tuple(replace(row, mark=replace(row.mark, value=row.mark.value and abs(row.mark.value))) for row in rows)
    bins = tuple(f.Bin(number, number + 1, row.mark) for number, row in enumerate(positive))
    return draw_from(
        st.sampled_from(
            (
                make_trend(unit=unit, series=series, changes=(f.Change(draw_from(st.integers(0, 4)), "x"),), band=f.Band("t", low=5)),
                make_columns(unit=unit, series=series),
                make_bars(unit=unit, rows=rows),
                make_pareto(unit=unit, rows=positive),
                make_heat(unit=unit, rows=("a", "b"), columns=DAYS, cells=(first, second)),
                make_histogram(bins=bins),
            )
        )
    )


@given(any_figure())
def test_any_numbers_make_a_chart_a_picture_and_a_sheet(figure):
    html, svg = render_chart(figure), compose(figure)

    assert parse(html) is not None
    assert parse(svg) is not None
    assert re.findall(r"\b(?:nan|inf)\b", html + svg) == []
    assert len({len(row) for row in sheet_of(figure).rows} | {len(sheet_of(figure).columns)}) == 1


@given(any_figure())
def test_any_mark_lies_inside_its_plot(figure):
    if figure.is_empty:
        return
    body = draw(figure).body

    places = [float(number) for number in re.findall(r' (?:x|x1|x2|cx)="(-?[\d.]+)%"', body)]
    assert min(places, default=0) >= 0
    assert max(places, default=0) <= 100.01
    assert re.findall(r' (?:width|height|r)="(-[^"]+)"', body) == []


@given(st.lists(MARKS, min_size=1, max_size=5))
def test_any_line_of_a_tile_can_be_drawn(line):
    svg = render_spark(replace(make_spark(*[0] * len(line)), line=tuple(line)))

    assert parse(svg) is not None
