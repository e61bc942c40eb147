"""A tile of a dashboard: one number with all that keeps it from being misread."""

from dataclasses import dataclass

from django.utils.html import conditional_escape as esc
from django.utils.safestring import SafeString, mark_safe

from ui.charts.drawing import is_own
from ui.charts.figures import KEY, Mark, Spark
from ui.charts.render import render_spark
from ui.charts.tables import write
from ui.charts.units import Unit
from ui.icons import icon

STATES = {"good": "check", "warn": "clock", "bad": "alert", "": ""}


@dataclass(frozen=True, kw_only=True)
class Tile:
    """``state`` is good, warn, bad, or empty where nothing is judged (no target, or too small an n); ``state_words`` say it.

    ``instead`` stands where there is no value, as "9 of 12" where a percentage of so few would mislead.
    ``n``, ``parts`` (other percentiles), ``delta`` and ``basis`` (cohort, as-of, ``id@version``) are words in the reader's language.
    """

    key: str
    name: str
    unit: Unit
    mark: Mark
    instead: str = ""
    n: str = ""
    parts: str = ""
    state: str = ""
    state_words: str = ""
    delta: str = ""
    basis: str = ""
    spark: Spark | None = None
    is_stale: bool = False

    def __post_init__(self) -> None:
        if not KEY.fullmatch(self.key):
            raise ValueError(f"{self.key!r} is no key of a tile: small letters, digits and hyphens")
        if self.state not in STATES:
            raise ValueError(f"{self.state!r} is no state of a tile")

    @property
    def value(self) -> str:
        """The number in words, or what stands instead of one."""
        return self.instead if self.mark.value is None and self.instead else write(self.mark, self.unit)


def render_tile(tile: Tile) -> SafeString:
    """One tile of a strip."""
    name = f'<a href="{esc(tile.mark.url)}">{esc(tile.name)}</a>' if is_own(tile.mark.url) else esc(tile.name)
    value = f"<strong>{esc(tile.value)}</strong>"
    n = f' <span class="kpi__n">{esc(tile.n)}</span>' if tile.n else ""
    said = "".join(_line(part, getattr(tile, part)) for part in ("parts", "delta"))
    spark = render_spark(tile.spark) if tile.spark else ""
    return mark_safe(  # noqa: S308
        f'<article class="kpi{" kpi--stale" if tile.is_stale else ""}" aria-labelledby="{tile.key}-name">'
        f'<h2 class="kpi__name" id="{tile.key}-name">{name}</h2><p class="kpi__value">{value}{n}</p>{_state(tile)}{said}{spark}'
        f"{_line('basis', tile.basis)}</article>"
    )


def _state(tile: Tile) -> str:
    if not tile.state_words:
        return ""
    drawn = icon(STATES[tile.state], 16) if tile.state else ""
    shape = f" kpi__state--{tile.state}" if tile.state else ""
    return f'<p class="kpi__state{shape}">{drawn}<span>{esc(tile.state_words)}</span></p>'


def _line(part: str, words: str) -> str:
    return f'<p class="kpi__{part}">{esc(words)}</p>' if words else ""
