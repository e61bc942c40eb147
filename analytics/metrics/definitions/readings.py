"""How often the help centre is enough."""

from django.utils.translation import gettext_lazy as _

from ..registry import kpi
from ..results import Result, count, share
from ..tallies import Tally


@kpi("selfserve", version=1, family="reading", cohort="reading", unit="share", better="up", window_days=2,
     parts={"sessions": _("sessions of reading"), "selfserved": _("helped, and no complaint"), "helped": _("an article helped"),
            "came_back": _("complained afterwards")},
     name=_("Solved without a complaint"), says=_("How often an article of the help centre was enough."),
     formula=_("sessions in which an article helped and whose reader did not complain within 24 h ÷ sessions of reading"),
     leaves_out=_("Whoever runs no scripts; the last two days, whose sessions are not settled yet."))  # fmt: skip
def selfserve(tally: Tally) -> Result:
    """A browser that said "helpful" or "that solved it" and filed nothing within a day; closing the page without a word is no success."""
    beside = {name: count(tally[name]) for name in ("helped", "came_back")}
    return share(tally["selfserved"], tally["sessions"], beside=beside)
