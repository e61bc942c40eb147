"""Spikes in words and as a drawing, for a reader in their language."""

from datetime import datetime

from django.utils.dateparse import parse_datetime
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from analytics.desk.names import name_of, title_of
from analytics.models import Spike
from ui.charts.figures import Columns, Mark, Series, Slot
from ui.localize import localized

VERBS = {
    "found": gettext_lazy("Found"),
    "escalated": gettext_lazy("Handed to the managers, as nobody had looked at it"),
    "acknowledge": gettext_lazy("Somebody looks into it"),
    "explain": gettext_lazy("Explained"),
    "close": gettext_lazy("Closed"),
}


def name_spike(spike: Spike) -> str:
    """What the series is: a category or reason, and where."""
    name = name_of(spike.kind, spike.code)
    return f"{name} · {title_of(spike.cross)} {name_of(spike.cross, spike.value)}" if spike.cross else name


def say_spike(spike: Spike) -> str:
    """How many in the window, and how many that usually are."""
    told = {"count": spike.count, "median": f"{spike.median:g}", "weeks": len(spike.history)}
    if spike.kind == Spike.Kind.REASON:
        words = ngettext(
            "%(count)d complaint resolved with this reason in 24 hours; in the same hours of %(weeks)d comparable days the median was"
            " %(median)s.",
            "%(count)d complaints resolved with this reason in 24 hours; in the same hours of %(weeks)d comparable days the median was"
            " %(median)s.",
            spike.count,
        )
    else:
        words = ngettext(
            "%(count)d complaint in 24 hours; in the same hours of %(weeks)d comparable days the median was %(median)s.",
            "%(count)d complaints in 24 hours; in the same hours of %(weeks)d comparable days the median was %(median)s.",
            spike.count,
        )
    return words % told


def say_latest(spike: Spike) -> str:
    """How it goes on."""
    if spike.calmed_at is not None:
        return _("Back to what is usual.")
    told = {"count": spike.latest_count}
    return ngettext("It goes on: %(count)d in the last 24 hours.", "It goes on: %(count)d in the last 24 hours.", spike.latest_count) % told


def draw_spike(spike: Spike) -> Columns:
    """The window beside those that it was compared with, oldest first."""
    windows = [(parse_datetime(until), count) for until, count in reversed(spike.history)] + [(spike.until, spike.count)]
    slots = tuple(Slot(f"{localtime(until):%m-%d}", _until(until)) for until, _count in windows)
    told = {"z": f"{spike.z:.1f}", "phi": f"{spike.phi:.1f}"}
    return Columns(
        key="spike",
        title=_("The 24 hours and those that they are compared with"),
        basis=_("by the day on which they ended") if spike.kind == Spike.Kind.REASON else _("by the day on which they came"),
        slots=slots,
        series=(Series(_("Complaints"), tuple(Mark(count) for _until, count in windows)),),
        slot_title=_("24 hours until"),
        notes=(_("Distance %(z)s standard deviations, spread %(phi)s") % told,),
        height=180,
    )


def name_owner(spike: Spike) -> str:
    return localized(spike.team, "name") if spike.team else ""


def _until(moment: datetime) -> str:
    return f"{localtime(moment):%Y-%m-%d %H:%M}"
