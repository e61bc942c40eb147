"""The line in a tile: where the last dozen periods went."""

from ui.charts.drawing import Drawing
from ui.charts.figures import Spark
from ui.charts.frame import Frame, short
from ui.charts.scale import Scale


def draw_spark(figure: Spark, *, width: float | None = None) -> Drawing:
    """Draw a line from its lowest to its highest value, and a dot for the last one."""
    values = [mark.value for mark in figure.line if mark.value is not None]
    low, high = min(values), max(values)
    scale = Scale((low, high if high > low else low + 1))
    frame = Frame(figure.height, top=5, bottom=5, width=width)
    lines = frame.stretch("".join(frame.line("chart__line chart__line--1", run) for run in _runs(figure, scale) if len(run) > 1))
    return Drawing(lines + _last(figure, scale, frame), figure.height)


def _runs(figure: Spark, scale: Scale) -> list[list[tuple[float, float]]]:
    runs: list[list[tuple[float, float]]] = [[]]
    for slot, mark in enumerate(figure.line):
        if mark.value is None:
            runs.append([])
        else:
            runs[-1].append(((slot + 0.5) / len(figure.line), scale.share(mark.value)))
    return runs


def _last(figure: Spark, scale: Scale, frame: Frame) -> str:
    slot, mark = next((slot, mark) for slot, mark in reversed([*enumerate(figure.line)]) if mark.value is not None)
    hollow = " chart__dot--hollow" if mark.is_provisional else ""
    x, y = frame.x((slot + 0.5) / len(figure.line)), short(frame.y(scale.share(mark.value)))
    return f'<circle class="chart__dot chart__dot--1{hollow}" cx="{x}" cy="{y}" r="3.5"/>'
