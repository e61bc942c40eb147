"""Conversations and their queue."""

from django.utils.translation import gettext_lazy as _

from ..registry import kpi
from ..results import Result, count, duration, share
from ..tallies import Tally


@kpi("queue_wait", version=1, family="talk", cohort="arrival", unit="s", better="down",
     parts={"joined": _("joined"), "waiting": _("still waiting")}, name=_("Time in the queue"),
     says=_("How long customers wait until somebody joins."),
     formula=_("joined − queued, for conversations that somebody joined; who still waits counts with the wait so far"))  # fmt: skip
def queue_wait(tally: Tally) -> Result:
    """Queued to joined; one wait for each conversation, even if another colleague had to take over."""
    return duration(tally.spread("wait_s"))


@kpi("queue_rate", version=1, family="talk", cohort="arrival", unit="share", better="down", params={"at_once_s": 5},
     parts={"talks": _("conversations"), "queued": _("had to queue")}, name=_("Had to queue"),
     says=_("How many had to wait at all."), formula=_("conversations that nobody joined within 5 s ÷ conversations"))  # fmt: skip
def queue_rate(tally: Tally) -> Result:
    """Not joined within five seconds ÷ sessions."""
    return share(tally["queued"], tally["talks"])


@kpi("abandon", version=1, family="talk", cohort="arrival", unit="share", better="down", params={"short_s": 10},
     parts={"abandonable": _("queued"), "abandoned": _("left")}, name=_("Left the queue"),
     says=_("How many gave up waiting."), formula=_("conversations left before somebody joined ÷ conversations that queued"),
     leaves_out=_("Who left within 10 s (counted apart), and who turned it into a message."))  # fmt: skip
def abandon(tally: Tally) -> Result:
    """Left before joined ÷ queued."""
    return share(tally["abandoned"], tally["abandonable"], beside={"short": count(tally["short"]), "converted": count(tally["converted"])})


@kpi("answer_x", version=1, family="talk", cohort="arrival", unit="share", better="up", params={"within_s": 20},
     parts={"answerable": _("conversations"), "in_time": _("joined within 20 s")}, name=_("Joined within 20 seconds"),
     says=_("How often somebody was there at once."), formula=_("conversations joined within 20 s ÷ conversations"),
     leaves_out=_("Who left within 10 s, and who turned it into a message."))  # fmt: skip
def answer_x(tally: Tally) -> Result:
    """Joined within twenty seconds ÷ sessions."""
    return share(tally["in_time"], tally["answerable"])
