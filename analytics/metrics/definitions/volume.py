"""How much came and how it stands."""

from django.utils.translation import gettext_lazy as _

from ..registry import kpi
from ..results import Result, count, share
from ..tallies import Tally

ARRIVED = {"arrived": _("arrived")}
LEFT_OUT = _("Spam, tests and what was merged into another complaint; each is counted apart.")


@kpi("vol_new", version=1, family="arrival", cohort="arrival", unit="count", parts=ARRIVED, name=_("New complaints"),
     says=_("Complaints that came in the period."), formula=_("number of complaints by the day on which their customer first came"),
     leaves_out=LEFT_OUT)  # fmt: skip
def vol_new(tally: Tally) -> Result:
    """Arrived complaints."""
    return count(tally["arrived"])


@kpi("reply_rate", version=1, family="arrival", cohort="arrival", unit="share", better="up",
     parts=ARRIVED | {"replied": _("answered by a person")}, name=_("Reply rate"),
     says=_("How many of those who came were answered by a person."),
     formula=_("complaints with at least one public message of a person ÷ complaints that came"), leaves_out=LEFT_OUT)  # fmt: skip
def reply_rate(tally: Tally) -> Result:
    """Arrived complaints with a human public message ÷ arrived."""
    return share(tally["replied"], tally["arrived"])


@kpi("resolve_rate", version=1, family="arrival", cohort="arrival", unit="share", better="up", window_days=15,
     parts={"resolvable": _("not withdrawn"), "solved": _("solved")}, name=_("Resolution rate"),
     says=_("How many of those who came were helped, and stayed helped."),
     formula=_("complaints whose latest round ended as solved ÷ (complaints that came − withdrawn ones); final after 15 days"),
     leaves_out=_("Withdrawn complaints. What was not upheld and customers who could not be reached are no success."))  # fmt: skip
def resolve_rate(tally: Tally) -> Result:
    """Latest cycle solved and not reopened ÷ (arrived − withdrawn)."""
    rest = {name: count(tally[name]) for name in ("declined", "no_response", "unresolved", "withdrawn")}
    return share(tally["solved"], tally["resolvable"], beside=rest)


@kpi("completion_rate", version=1, family="arrival", cohort="arrival", unit="share", better="up",
     parts=ARRIVED | {"completed": _("closed or withdrawn")}, name=_("Completion rate"),
     says=_("How many of those who came are over for good."),
     formula=_("complaints that are closed or withdrawn ÷ complaints that came"),
     leaves_out=_("A result that waits to be confirmed is not complete."))  # fmt: skip
def completion_rate(tally: Tally) -> Result:
    """Closed or withdrawn ÷ arrived: 13 of 17 is 76.5 %."""
    return share(tally["completed"], tally["arrived"])


@kpi("ack_ontime", version=1, family="arrival", cohort="arrival", unit="share", better="up",
     parts={"promised": _("with a first promise"), "taken_in_time": _("begun in time")}, name=_("Taken up in time"),
     says=_("How often somebody had begun when the first answer was due."),
     formula=_("complaints begun or answered by the moment of their first promise ÷ complaints with such a promise"))  # fmt: skip
def ack_ontime(tally: Tally) -> Result:
    """Begun or answered by the due moment of the first clock ÷ complaints with a first clock."""
    return share(tally["taken_in_time"], tally["promised"])


@kpi("misprioritised", version=1, family="arrival", cohort="arrival", unit="share", better="down",
     parts=ARRIVED | {"misjudged": _("priority changed by hand")}, name=_("Priority misjudged"),
     says=_("How often a person had to change the priority."),
     formula=_("complaints whose priority a person changed ÷ complaints that came"))  # fmt: skip
def misprioritised(tally: Tally) -> Result:
    """Priority set by a person ÷ arrived."""
    return share(tally["misjudged"], tally["arrived"])


@kpi("referred_external", version=1, family="arrival", cohort="arrival", unit="share", better="down",
     parts=ARRIVED | {"external": _("with an authority or a platform")}, name=_("Taken outside"),
     says=_("How many went to an authority or a platform."),
     formula=_("complaints that an authority or a platform has ÷ complaints that came"))  # fmt: skip
def referred_external(tally: Tally) -> Result:
    """With an external record ÷ arrived."""
    return share(tally["external"], tally["arrived"])


@kpi("proactive_share", version=1, family="arrival", cohort="arrival", unit="share", better="up",
     parts=ARRIVED | {"by_rule": _("opened by a rule")}, name=_("Proactive service"),
     says=_("How often the house knew before the customer had to say it."),
     formula=_("complaints that a rule opened ÷ complaints that came"))  # fmt: skip
def proactive_share(tally: Tally) -> Result:
    """Opened by a rule ÷ arrived."""
    return share(tally["by_rule"], tally["arrived"])


@kpi("repeat_after_fix", version=1, family="arrival", cohort="arrival", unit="share", better="down",
     parts=ARRIVED | {"repeated": _("in spite of an improvement")}, name=_("Repeated after a fix"),
     says=_("How many came about something whose improvement had been shown to work."),
     formula=_("complaints of the reason and scope of an improvement that came after its effect was shown ÷ complaints that came"),
     leaves_out=LEFT_OUT)  # fmt: skip
def repeat_after_fix(tally: Tally) -> Result:
    """Same reason and scope after a verified improvement ÷ arrived."""
    return share(tally.look_up("repeated"), tally["arrived"])
