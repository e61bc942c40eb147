"""The ground of a drawing. Heights are pixels; along its width a drawing is as fluid as its place, or exactly as wide as a picture.

Fluid, places are percents and only lines go through an inner viewBox that stretches (``vector-effect`` keeps their strokes);
in a picture both are pixels. Drawers ask the frame for places and never know which of the two it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

Point = tuple[float, float]  # shares of the plot, from the left and from the bottom


@dataclass(frozen=True, slots=True)
class Frame:
    """``width`` None is fluid; ``top`` and ``bottom`` are the room for what is written above and below the plot."""

    height: float
    top: float = 8
    bottom: float = 24
    width: float | None = None

    @property
    def plot(self) -> float:
        """The height between the axes."""
        return self.height - self.top - self.bottom

    def x(self, share: float) -> str:
        """A place, or a length, along the width."""
        return f"{short(share * 100)}%" if self.width is None else short(share * self.width)

    def y(self, share: float) -> float:
        return round(self.top + (1 - share) * self.plot, 2)

    def line(self, shape: str, points: Sequence[Point]) -> str:
        """A line through points, or a dot of the line's own width where there is one."""
        wide, high = (1000, 100) if self.width is None else (self.width, self.plot)
        path = "L".join(f"{short(x * wide)} {short((1 - y) * high)}" for x, y in points)
        return f'<path class="{shape}" d="M{path}"/>'

    def stretch(self, lines: str) -> str:
        """The inner drawing that holds the lines."""
        if self.width is not None:
            return self.place(0, self.top, lines)
        return (
            f'<svg y="{short(self.top)}" width="100%" height="{short(self.plot)}" viewBox="0 0 1000 100" '
            f'preserveAspectRatio="none" overflow="visible">{lines}</svg>'
        )

    def rect(self, paint: str, box: tuple[float, float, float, float]) -> str:
        """A box from left, bottom, width and height as shares of the plot; ``paint`` is its attributes."""
        left, bottom, width, height = box
        return (
            f'<rect {paint} x="{self.x(left)}" y="{short(self.y(bottom + height))}" '
            f'width="{self.x(width)}" height="{short(height * self.plot)}"/>'
        )

    def place(self, share: float, y: float, content: str) -> str:
        """Put something drawn around its own origin at a place."""
        if self.width is not None:
            return f'<g transform="translate({self.x(share)} {short(y)})">{content}</g>'
        return f'<svg x="{self.x(share)}" y="{short(y)}" overflow="visible">{content}</svg>'


def short(number: float) -> str:
    """A number as markup carries it."""
    number = round(number, 2) + 0.0  # no minus zero
    return f"{number:g}" if abs(number) < 1000 else f"{round(number, 1):.1f}".removesuffix(".0")
