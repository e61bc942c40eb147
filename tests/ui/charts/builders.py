"""Small figures, and what was drawn of them."""

import xml.etree.ElementTree as ET

from ui.charts import figures as f
from ui.charts.units import PERCENT, SECONDS

DAYS = tuple(f.Slot(f"11-{day:02}", f"2025-11-{day:02}") for day in range(1, 6))
SVG = "{http://www.w3.org/2000/svg}"


def make_series(label="WeChat", values=(60, 120, None, 90, 30), **mark):
    return f.Series(label, tuple(f.Mark(value, url=f"/list/?day={day}", **mark) for day, value in enumerate(values)))


def make_trend(**overrides):
    return f.Trend(
        **{"key": "frt", "title": "Answers come sooner", "unit": SECONDS, "slots": DAYS, "series": (make_series(),), **overrides}
    )


def make_columns(**overrides):
    series = (make_series("In", (4, 8, 2, 6, 0)), make_series("Out", (2, 2, 2, 2, 2)))
    return f.Columns(**{"key": "flow", "title": "More came than went", "slots": DAYS, "series": series, **overrides})


def make_rows(*values):
    return tuple(f.Row(f"Cause {place}", f.Mark(value, url=f"/list/?cause={place}")) for place, value in enumerate(values))


def make_bars(*values, **overrides):
    return f.Bars(
        **{"key": "carriers", "title": "One leads", "row_title": "Carrier", "rows": make_rows(*(values or (8, 4, 2))), **overrides}
    )


def make_pareto(*values, **overrides):
    return f.Pareto(
        **{"key": "causes", "title": "Two make most", "row_title": "Cause", "rows": make_rows(*(values or (5, 3, 2))), **overrides}
    )


def make_heat(**overrides):
    cells = tuple(tuple(f.Mark(row * 3 + column, url=f"/list/?{row}-{column}") for column in range(3)) for row in range(2))
    names = {"rows": ("Mon", "Tue"), "columns": tuple(f.Slot(str(hour)) for hour in range(3)), "row_title": "Day", "column_title": "Hour"}
    return f.Heat(**{"key": "hours", "title": "Noon is busy", "cells": cells, **names, **overrides})


def make_histogram(**overrides):
    bins = tuple(
        f.Bin(60 * place, 60 * place + 60 if place < 3 else None, f.Mark(count, url=f"/list/?bin={place}"))
        for place, count in enumerate((4, 8, 2, 1))
    )
    return f.Histogram(
        **{"key": "spread", "title": "Most are quick", "of": SECONDS, "bins": bins, "percentiles": (f.Percentile("P50", 90),), **overrides}
    )


def make_spark(*values, **overrides):
    line = tuple(f.Mark(value) for value in values)
    return f.Spark(**{"key": "tile", "title": "Rising", "unit": PERCENT, "slots": DAYS[: len(line)], "line": line, **overrides})


EVERY = (make_trend, make_columns, make_bars, make_pareto, make_heat, make_histogram)


def parse(body: str) -> ET.Element:
    """A drawing as a tree; a drawing that is no well-formed XML does not parse."""
    return ET.fromstring(f'<svg xmlns="http://www.w3.org/2000/svg">{body}</svg>')


def marks_of(tree: ET.Element) -> list[ET.Element]:
    return [each for each in tree.iter() if each.get("class") == "chart__mark"]


def said(mark: ET.Element) -> str:
    return mark.find(f"{SVG}title").text


def shapes(tree: ET.Element, tag: str) -> list[ET.Element]:
    return list(tree.iter(f"{SVG}{tag}"))


def share(length: str) -> float:
    """A percent as a fraction."""
    assert length.endswith("%")
    return float(length[:-1]) / 100
