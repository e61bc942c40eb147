"""What was promised, and kept: deadlines and calls."""

from django.utils.translation import gettext_lazy as _

from ..registry import kpi
from ..results import Result, count, share
from ..tallies import Tally

DUE = {"due": _("due"), "met": _("kept"), "missed": _("missed")}


@kpi("sla_att", version=1, family="target", cohort="deadline", unit="share", better="up", parts=DUE, name=_("Promises kept"),
     says=_("How many deadlines were kept."),
     formula=_("obligations ended by their deadline ÷ obligations due in the period; what is open and past due is missed now"),
     leaves_out=_("What ended with the complaint; exceptions that somebody approved are a column of their own."))  # fmt: skip
def sla_att(tally: Tally) -> Result:
    """Kept by the moment of the event itself, never by when a worker looked. A late pause makes nothing good."""
    with_waived = share(tally["met"] + tally["waived_met"], tally["due"] + tally["waived"])
    return share(tally["met"], tally["due"], beside={"waived": count(tally["waived"]), "with_waived": with_waived})


@kpi("sla_clean", version=1, family="target", cohort="deadline", unit="share", better="up",
     parts={"decided": _("complaints with a deadline"), "clean": _("missed none")}, name=_("Nothing missed"),
     says=_("How many complaints missed no deadline at all."),
     formula=_("complaints that missed no deadline ÷ complaints with at least one decided deadline, by the last of them"))  # fmt: skip
def sla_clean(tally: Tally) -> Result:
    """Counted once for each complaint, on its last decided deadline."""
    return share(tally["clean"], tally["decided"])


@kpi("callback_rate", version=1, family="call", cohort="deadline", unit="share", better="up",
     parts={"due": _("calls due"), "reached": _("reached")}, name=_("Callback rate"), says=_("How often we reached who was owed a call."),
     formula=_("calls by which the customer was reached ÷ calls due"),
     leaves_out=_("Customers who did not want to be called."))  # fmt: skip
def callback_rate(tally: Tally) -> Result:
    """Reached ÷ due."""
    unhappy = share(tally["unhappy"], tally["reached"])
    return share(tally["reached"], tally["due"], beside={"refused": count(tally["refused"]), "unhappy": unhappy})


@kpi("callback_ontime", version=1, family="call", cohort="deadline", unit="share", better="up",
     parts={"due": _("calls due"), "in_time": _("reached in time")}, name=_("Callbacks in time"),
     says=_("How often we reached them by then."),
     formula=_("calls by which the customer was reached in the window ÷ calls due"))  # fmt: skip
def callback_ontime(tally: Tally) -> Result:
    """Reached by the due moment ÷ due."""
    return share(tally["in_time"], tally["due"])


@kpi("callback_try", version=1, family="call", cohort="deadline", unit="share", better="up",
     parts={"due": _("calls due"), "tried": _("tried")}, name=_("Callbacks tried"), says=_("How often somebody at least tried."),
     formula=_("calls with at least one attempt ÷ calls due"))  # fmt: skip
def callback_try(tally: Tally) -> Result:
    """At least one attempt ÷ due."""
    return share(tally["tried"], tally["due"])
