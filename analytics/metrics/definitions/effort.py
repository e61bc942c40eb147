"""How much work it takes."""

from django.utils.translation import gettext_lazy as _

from ..registry import kpi
from ..results import Result, amount, count, duration
from ..tallies import Tally


@kpi("aht", version=1, family="effort", cohort="handled", unit="s", better="down", parts={"contacts": _("contacts handled")},
     params={"idle_s": 60, "wrapup_s": 300}, name=_("Average handle time"),
     says=_("How much work one contact takes."),
     formula=_("(active + hold + wrap-up time of everybody) ÷ contacts on which a person worked"),
     leaves_out=_("Time without any input for 60 s, queueing, and what bots do."))  # fmt: skip
def aht(tally: Tally) -> Result:
    """Measured at the desk, shared among conversations that run side by side; never resolution minus filing."""
    return duration(tally.spread("handle_s"), headline="mean")


@kpi("aht_complaint", version=1, family="cycle", cohort="completion", unit="ms", better="down", parts={"last": _("resolved")},
     name=_("Work per complaint"), says=_("How much work one complaint takes until its last resolution."),
     formula=_("all measured work ÷ complaints by the day of their last resolution"))  # fmt: skip
def aht_complaint(tally: Tally) -> Result:
    """Σ effort ÷ complaints with their last resolution in the period."""
    n = tally["last"]
    return Result(tally["effort_ms"] / n if n else None, n, beside={"effort_ms": count(tally["effort_ms"])})


@kpi("load", version=1, family="cycle", cohort="completion", unit="ms", parts={},
     sums={"effort_ms": ("ms", _("measured work"))}, name=_("Work done"),
     says=_("How much work the complaints took that ended."),
     formula=_("sum of all measured work on complaints by the day of their last resolution"))  # fmt: skip
def load(tally: Tally) -> Result:
    """Σ effort of the complaints last resolved, whoever did the work; by agent it is who ended them."""
    return amount(tally["effort_ms"], tally["last"])


@kpi("load_adj", version=1, family="cycle", cohort="completion", unit="ratio", parts={"last": _("resolved")}, name=_("Load-adjusted work"),
     says=_("How much work complaints took, against what the same kinds of problems take everybody."),
     formula=_("measured work on complaints ÷ as many of the same kinds × what one of that kind takes on average"),
     leaves_out=_("Complaints on which no work was measured count with none."))  # fmt: skip
def load_adj(tally: Tally) -> Result:
    """Actual ÷ expected effort of the same categories; 1.00 is the average of the house."""
    actual, usual = tally["effort_ms"], tally.usual()
    beside = {"actual_ms": count(actual), "usual_ms": count(usual)}
    return Result(actual / usual if usual else None, tally["last"], beside=beside)
