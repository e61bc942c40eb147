"""Improvement items in words, for a reader in their language."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.desk.names import name_of, title_of
from analytics.lifecycle import VERDICTS
from analytics.models import Improvement
from complaints.lifecycle import Status, stage_of

from .effect import final_on
from .scopes import Scope

VERBS = {
    "propose": gettext_lazy("Proposed"),
    "link": gettext_lazy("A complaint was linked"),
    "accept": gettext_lazy("Accepted"),
    "begin": gettext_lazy("Begun"),
    "finish": gettext_lazy("Said to be done"),
    "measure": gettext_lazy("Measuring has begun"),
    "measured": gettext_lazy("Measured"),
    "conclude": gettext_lazy("Closed with a verdict"),
    "drop": gettext_lazy("Dropped"),
    "relapse": gettext_lazy("Came back and was taken up again"),
}
PERIODS = {
    "before": gettext_lazy("28 days before it was accepted"),
    "after": gettext_lazy("28 days after it was done"),
    "control_before": gettext_lazy("comparison, before"),
    "control_after": gettext_lazy("comparison, after"),
}
STAGES = {"proposed": Status.NEW, "dropped": Status.WITHDRAWN} | dict.fromkeys(VERDICTS, Status.CLOSED)


@dataclass(frozen=True)
class RateRow:
    """One line of the table of an effect."""

    name: str
    complained: int
    delivered: int

    @property
    def per_mille(self) -> str:
        return f"{1000 * self.complained / self.delivered:.1f}" if self.delivered else "–"


def stage_of_item(item: Improvement) -> str:
    """The ring to draw for a state, as for complaints."""
    return stage_of(STAGES.get(item.state, Status.OPEN))


def say_scope(item: Improvement) -> list[tuple[str, str]]:
    """What it is about, as titles and names."""
    return [(title_of(name), name_of(name, str(value))) for name, value in Scope.of(item).filters.items()]


def say_effect(item: Improvement) -> str:
    """What is known of the effect, in one sentence."""
    measured = item.measured
    if measured is None:
        return say_waiting(item)
    if not measured["verdict"]:
        return _("Too few orders or complaints for a verdict. It stays in measuring.")
    low, high = (f"{end:+.1f}".replace("-", "−") for end in measured["interval"])
    return _("%(verdict)s: difference between %(low)s and %(high)s per 1,000 delivered orders (95 %% interval).") % {
        "verdict": Improvement.State(measured["verdict"]).label,
        "low": low,
        "high": high,
    }


def say_waiting(item: Improvement) -> str:
    """From when on there are figures, for what is done."""
    if item.done_at is None or item.accepted_at is None:
        return ""
    return _("The figures are final from %(day)s on: 28 days of deliveries, and 30 days in which complaints about them count.") % {
        "day": final_on(item).isoformat()
    }


def rates_of(measured: dict[str, Any] | None) -> list[RateRow]:
    return [RateRow(str(PERIODS[name]), *counts) for name, counts in measured["counts"].items()] if measured else []
