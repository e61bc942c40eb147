"""Geometry: what is drawn is as large as what it stands for."""

from itertools import pairwise

import pytest

from tests.ui.charts.builders import (
    DAYS,
    SVG,
    make_bars,
    make_columns,
    make_heat,
    make_histogram,
    make_pareto,
    make_series,
    make_spark,
    make_trend,
    marks_of,
    parse,
    said,
    shapes,
    share,
)
from ui.charts import figures as f
from ui.charts.heat import level
from ui.charts.histogram import where
from ui.charts.render import draw, render_chart
from ui.charts.trend import spread


def drawn(figure, **options):
    return parse(draw(figure, **options).body)


def columns_of(tree):
    return [shape for mark in marks_of(tree) for shape in mark.iter(f"{SVG}rect")]


def test_columns_are_as_high_as_their_values():
    heights = [float(each.get("height")) for each in columns_of(drawn(make_columns(series=(make_series("In", (4, 8, 2, 6, 0)),))))]

    assert [round(height / heights[0], 2) for height in heights] == [1, 2, 0.5, 1.5, 0]


def test_stacked_columns_stand_on_each_other_and_reach_their_sum():
    columns = columns_of(drawn(make_columns(is_stacked=True)))
    first, second = columns[:2]  # 4 and 2 of the first day

    assert float(second.get("y")) + float(second.get("height")) == pytest.approx(float(first.get("y")), abs=0.02)
    assert float(first.get("height")) == pytest.approx(2 * float(second.get("height")), abs=0.02)
    assert first.get("x") == second.get("x")


def test_columns_side_by_side_do_not_overlap():
    columns = columns_of(drawn(make_columns()))
    edges = sorted((share(each.get("x")), share(each.get("x")) + share(each.get("width"))) for each in columns)

    assert all(before[1] <= after[0] + 1e-4 for before, after in pairwise(edges))
    assert edges[-1][1] <= 1


def test_a_column_below_zero_hangs_from_the_zero_line():
    columns = columns_of(drawn(make_columns(series=(make_series("NPS", (-10, 10, 5, 5, 5)),))))
    below, above = columns[:2]

    assert float(below.get("y")) == pytest.approx(float(above.get("y")) + float(above.get("height")), abs=0.02)


def test_what_is_stacked_cannot_be_below_zero():
    with pytest.raises(ValueError, match="adds up"):
        make_columns(is_stacked=True, series=(make_series("Odd", (1, -1, 1, 1, 1)),))


def test_a_line_ends_before_a_missing_value_and_goes_on_after_it():
    paths = [each.get("d") for each in shapes(drawn(make_trend()), "path")]

    assert [path.count("L") + 1 for path in paths] == [2, 2]


def test_no_line_crosses_a_change_of_the_definition():
    figure = make_trend(series=(make_series(values=(1, 2, 3, 4, 5)),), changes=(f.Change(2, "frt@2"),))

    paths = [each.get("d") for each in shapes(drawn(figure), "path")]
    rule = next(each for each in shapes(drawn(figure), "line") if each.get("class") == "chart__change")

    assert [path.count("L") + 1 for path in paths] == [2, 3]
    assert share(rule.get("x1")) == pytest.approx(2 / 5)


def test_a_value_between_two_missing_ones_is_a_dot_that_can_be_seen():
    figure = make_trend(series=(make_series(values=(None, 5, None, None, None)),))

    assert [each.get("r") for each in shapes(drawn(figure), "circle")] == ["3.5"]


def test_what_may_still_change_is_hollow_and_its_line_thin():
    marks = tuple(f.Mark(value, is_provisional=value > 3) for value in range(1, 6))
    tree = drawn(make_trend(series=(f.Series("WeChat", marks),)))

    assert ["hollow" in each.get("class") for each in shapes(tree, "circle")] == [False, False, False, True, True]
    assert [("soft" in each.get("class"), each.get("d").count("L")) for each in shapes(tree, "path")] == [(False, 2), (True, 2)]


def test_a_provisional_column_is_hatched():
    marks = (f.Mark(3), f.Mark(3, is_provisional=True))
    tree = drawn(make_columns(slots=DAYS[:2], series=(f.Series("In", marks),)))

    assert [each.get("fill") for each in columns_of(tree)] == [None, "url(#flow-h1)"]


def test_each_series_has_a_pattern_of_its_own_beside_its_colour():
    figure = make_columns(series=tuple(make_series(name, (1, 1, 1, 1, 1)) for name in "abcde"))
    tree = drawn(figure)

    fills = {each.get("fill") or each.get("class") for each in columns_of(tree)}
    tiles = {each.get("id") for each in shapes(tree, "pattern")}
    assert fills == {"chart__fill--1", *(f"url(#flow-p{number})" for number in range(2, 6))}
    assert {fill[5:-1] for fill in fills if fill.startswith("url")} <= tiles


def test_the_target_covers_its_part_of_the_axis():
    figure = make_trend(series=(make_series(values=(0, 60, 120, 60, 0)),), band=f.Band("Target", high=60))
    drawing = draw(figure)
    band = next(each for each in shapes(parse(drawing.body), "rect") if each.get("class") == "chart__band")

    plot = drawing.height - 24 - 8
    assert float(band.get("height")) == pytest.approx(plot / 2)
    assert ("band", "Target") in {(key.kind, key.label) for key in drawing.keys}


def test_bars_are_as_long_as_their_values_and_whiskers_as_their_intervals():
    rows = (f.Row("A", f.Mark(8, low=4, high=8)), f.Row("B", f.Mark(2)))
    tree = drawn(make_bars(rows=rows))

    bars = [share(each.get("width")) for each in shapes(tree, "rect") if each.get("class") == "chart__fill--1"]
    whisker = next(each for each in shapes(tree, "line") if each.get("class") == "chart__whisker")
    assert bars[0] == pytest.approx(4 * bars[1])
    assert (share(whisker.get("x1")), share(whisker.get("x2"))) == (pytest.approx(bars[0] / 2), pytest.approx(bars[0]))


def test_the_running_share_ends_at_the_whole():
    figure = make_pareto(1, 1, 1)
    tree = drawn(figure)

    assert figure.shares() == [pytest.approx(1 / 3), pytest.approx(2 / 3), 1.0]
    assert any(each.text.endswith("Σ 100.0 %") for each in shapes(tree, "text"))
    assert [round(share(each.get("cx")), 2) for each in shapes(tree, "circle")] == [0.33, 0.67, 1.0]


def test_the_first_bar_of_a_pareto_chart_reaches_the_first_point_of_its_line():
    tree = drawn(make_pareto(5, 3, 2))
    bar = next(each for each in shapes(tree, "rect") if each.get("class") == "chart__fill--1")

    assert share(bar.get("width")) == pytest.approx(share(shapes(tree, "circle")[0].get("cx"))) == 0.5


def test_a_cell_is_tinted_by_its_value_and_no_value_is_no_zero():
    cells = ((f.Mark(0), f.Mark(None)), (f.Mark(30), f.Mark(60)))
    tree = drawn(make_heat(cells=cells, rows=("Mon", "Tue"), columns=DAYS[:2]))

    assert [each.get("class").split("--")[1] for each in shapes(tree, "rect")] == ["0", "none", "3", "5"]
    assert [level(value, 60) for value in (0, 9.9, 10, 59, 60)] == [0, 0, 1, 5, 5]
    assert level(-1, 0) == 0


def test_names_above_a_heat_map_are_all_there_and_steps_are_thinned_out():
    def heads(labels):
        columns = tuple(f.Slot(label) for label in labels)
        cells = (tuple(f.Mark(1) for _ in columns),)
        tree = drawn(make_heat(columns=columns, rows=("Mon",), cells=cells, room=480))
        return [
            each.text for each in shapes(tree, "text") if each.get("class").split()[1:] in (["chart__x"], ["chart__x", "chart__x--wide"])
        ]

    assert heads([f"物流问题{number}" for number in range(9)]) == [line for number in range(9) for line in ("物流问", f"题{number}")]
    assert len(heads([str(hour) for hour in range(60)])) < 60


def test_a_name_that_does_not_fit_a_phone_is_a_number_of_the_list_below():
    columns = tuple(f.Slot(f"物流问题{number}") for number in range(1, 13))
    heat = make_heat(columns=columns, rows=("Mon",), cells=(tuple(f.Mark(1) for _ in columns),), room=480)

    numbers = [each.text for each in shapes(drawn(heat), "text") if "chart__x--phone" in each.get("class")]
    assert numbers == [str(number) for number in range(1, 13)]
    assert '<ol class="chart__names"><li>物流问题1</li>' in render_chart(heat)


def test_percentiles_stand_where_they_lie_between_the_edges_of_their_bin():
    bins = make_histogram().bins

    assert [where(value, bins) for value in (0, 90, 180, 900)] == [0, 0.375, 0.875, 0.875]


def test_a_tile_line_has_a_dot_for_its_last_value():
    tree = drawn(make_spark(1, 3, None, 2, 4))

    assert [each.get("d").count("L") + 1 for each in shapes(tree, "path")] == [2, 2]
    assert share(shapes(tree, "circle")[0].get("cx")) == pytest.approx(0.9)


@pytest.mark.parametrize("heights", [[10, 11, 12], [90, 95, 99], [0, 0, 100]])
def test_names_at_the_ends_of_lines_keep_apart_and_inside(heights):
    placed = spread(heights, least=0, most=100, apart=15)

    assert all(after - before >= 15 for before, after in pairwise(placed))
    assert placed[-1] <= 100


def test_the_picture_and_the_page_draw_the_same_marks_at_the_same_places():
    figure = make_columns()
    page, picture = columns_of(drawn(figure)), columns_of(drawn(figure, width=600))

    assert [float(each.get("x")) for each in picture] == [pytest.approx(share(each.get("x")) * 600, abs=0.1) for each in page]
    assert [each.get("height") for each in picture] == [each.get("height") for each in page]


def test_a_mark_says_its_place_its_value_and_what_belongs_to_it():
    mark = f.Mark(750, note="n = 17", low=600, high=900, is_at_least=True, is_provisional=True)
    tree = drawn(make_trend(slots=DAYS[:1], series=(f.Series("WeChat", (mark,)),)))

    assert said(marks_of(tree)[0]) == "2025-11-01：≥ 12.5 分 · 10 分 至 15 分 · n = 17 · 暂定"
