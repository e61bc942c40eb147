"""What lies there: complaints that were open, on any day of any year, and how old they were."""

from django.utils.translation import gettext_lazy as _

from ..registry import kpi
from ..results import Result, count, duration
from ..tallies import Tally

LEFT_OUT = _("Spam, tests and what was merged into another complaint.")
LEFT = {"left": _("open at the end")}


@kpi("vol_total", version=1, family="passage", cohort="snapshot", unit="count",
     parts={"total": _("open or new"), "stood": _("open at the beginning"), "came": _("arrived")}, name=_("All complaints"),
     says=_("How many complaints there were to see to: those that lay there and those that came."),
     formula=_("complaints open when the period began + complaints that came in it"),
     leaves_out=_("What had ended before and was taken up again in the period (counted apart); spam, tests and merged ones."))  # fmt: skip
def vol_total(tally: Tally) -> Result:
    """Arrived by the end of the period and not ended before its start."""
    stood = tally.stood()
    return count(stood + tally["came"], beside={"stood": count(stood), "again": count(tally["again"])})


@kpi("backlog", version=1, family="passage", cohort="snapshot", unit="count", better="down", parts=LEFT, name=_("Open at the end"),
     says=_("How many complaints were not resolved when the period ended."),
     formula=_("all that was opened by then − all that had ended by then"), leaves_out=LEFT_OUT)  # fmt: skip
def backlog(tally: Tally) -> Result:
    """From intervals (opened <= t < ended) and never from samples, so the number of a past day can be had anew."""
    return count(tally.stood() + tally["opened"] - tally["ended"])


@kpi("inflow", version=1, family="passage", cohort="arrival", unit="count",
     parts={"opened": _("came in"), "came": _("arrived"), "again": _("taken up again")}, name=_("Came in"),
     says=_("How many complaints came or were taken up again."), formula=_("complaints that were opened + complaints taken up again"),
     leaves_out=LEFT_OUT)  # fmt: skip
def inflow(tally: Tally) -> Result:
    """Rounds that opened; a complaint taken up again comes in once more."""
    return count(tally["opened"])


@kpi("outflow", version=1, family="passage", cohort="completion", unit="count", parts={"ended": _("went out")}, name=_("Went out"),
     says=_("How many complaints got a result or were withdrawn."), formula=_("rounds of complaints by the day on which they ended"),
     leaves_out=LEFT_OUT)  # fmt: skip
def outflow(tally: Tally) -> Result:
    """Rounds that ended, whatever their outcome: what came in less what went out is how the backlog changes."""
    return count(tally["ended"])


@kpi("backlog_age", version=1, family="passage", cohort="snapshot", unit="s", better="down", parts=LEFT, name=_("Age of what is open"),
     says=_("How long those whose complaints are not resolved have waited."),
     formula=_("end of the period (or now) − first contact, of every complaint that was open then"), leaves_out=LEFT_OUT)  # fmt: skip
def backlog_age(tally: Tally) -> Result:
    """Ages since the first contact; a complaint taken up again keeps its first age."""
    return duration(tally.aged())
