"""How soon a person answers."""

from django.utils.translation import gettext_lazy as _

from ..registry import kpi
from ..results import Result, count, duration, share
from ..tallies import Tally

BY_HOUSE = _("Complaints opened by a colleague or a rule, and those withdrawn before an answer (counted apart).")
WAITS = {"waits": _("waited for a person"), "answered": _("answered"), "waiting": _("still waiting"), "silent": _("ended without a word")}


@kpi("frt", version=1, family="arrival", cohort="arrival", unit="s", better="down", parts=WAITS, name=_("First response time"),
     says=_("How long customers wait for the first words of a person."),
     formula=_("first public message of a person − earliest contact of the customer; who still waits counts with the wait so far"),
     leaves_out=BY_HOUSE)  # fmt: skip
def frt(tally: Tally) -> Result:
    """Stopped by a person's public words alone: no status, acknowledgement, rule or bot moves it; reopening does not set it back.

    What ended without a word keeps the age at which it ended; what is open counts at its age, so mean and percentile are lower bounds.
    """
    return duration(tally.spread("frt_s"))


@kpi("frt_biz", version=1, family="arrival", cohort="arrival", unit="s", better="down", parts=WAITS,
     name=_("First response time in service hours"), says=_("The same wait, counting only the hours in which the house is open."),
     formula=_("open seconds of the complaint's calendar between the earliest contact and the first public message of a person"),
     leaves_out=BY_HOUSE)  # fmt: skip
def frt_biz(tally: Tally) -> Result:
    """Business seconds by the calendar pinned when the first clock started; without a calendar there is no value."""
    return duration(tally.spread("frt_biz_s"))


@kpi("frt_agent", version=1, family="arrival", cohort="arrival", unit="s", better="down",
     parts={"answered": _("answered")}, name=_("First response time since assignment"),
     says=_("How soon whoever got a complaint answers it."),
     formula=_("first public message of a person − first assignment"), leaves_out=BY_HOUSE)  # fmt: skip
def frt_agent(tally: Tally) -> Result:
    """From the first assignment to the first human message."""
    return duration(tally.spread("frt_agent_s"))


@kpi("frt_chat", version=1, family="arrival", cohort="arrival", unit="s", better="down", fixed={"channel": "chat"}, parts=WAITS,
     name=_("First response time in conversations"), says=_("How long customers in a conversation wait for the first words of a person."),
     formula=_("as first response time, for complaints that began as a conversation"), leaves_out=BY_HOUSE)  # fmt: skip
def frt_chat(tally: Tally) -> Result:
    """First response time of complaints that came by chat."""
    return duration(tally.spread("frt_s"))


@kpi("first_update", version=1, family="arrival", cohort="arrival", unit="s", better="down",
     parts={"by_house": _("opened by the house")}, name=_("First update"),
     says=_("How soon customers hear of what a colleague or a rule opened for them."),
     formula=_("first message that the customer can see − opening"))  # fmt: skip
def first_update(tally: Tally) -> Result:
    """Complaints opened by an agent or a rule have no first response; they have this."""
    return duration(tally.spread("first_update_s"))


@kpi("rr3", version=1, family="round", cohort="decided", unit="share", better="up", params={"within_s": 180, "hours": "08-23"},
     parts={"minute": _("rounds of conversations"), "minute_kept": _("answered within three minutes")},
     name=_("Three-minute reply rate"), says=_("How often a person answers within three minutes in a conversation."),
     formula=_("rounds whose first answer of a person came within 180 s ÷ rounds of conversations begun from 08:00 to 23:00"),
     leaves_out=_("Rounds that the customer left before three minutes (counted apart), nights."))  # fmt: skip
def rr3(tally: Tally) -> Result:
    """Decided at min(reply, start + 180 s); a later answer changes nothing."""
    return share(tally["minute_kept"], tally["minute"], beside={"left": count(tally["minute_left"])})


@kpi("rr3_people", version=1, family="round", cohort="decided", unit="share", better="up", params={"within_s": 180, "hours": "08-23"},
     parts={"people": _("complaints by day"), "people_kept": _("never waited for three minutes")},
     name=_("Three-minute reply rate by person"), says=_("How many of those who wrote in a conversation never waited for three minutes."),
     formula=_("complaints none of whose rounds of a day waited 180 s ÷ complaints with such rounds on that day"))  # fmt: skip
def rr3_people(tally: Tally) -> Result:
    """Counted for each complaint and day, so that days add up."""
    return share(tally["people_kept"], tally["people"])


@kpi("nrt", version=1, family="round", cohort="decided", unit="s", better="down",
     parts={"later": _("rounds after the first answer"), "later_waiting": _("still waiting")}, name=_("Next response time"),
     says=_("How long customers wait for an answer after the first one."),
     formula=_("answer of a person − first message of the round, every round after the first answer"),
     leaves_out=_("Mere thanks; rounds that ended with the complaint."))  # fmt: skip
def nrt(tally: Tally) -> Result:
    """Ends at the answer, or unanswered with the complaint; never counts on after that."""
    return duration(tally.spread("nrt_s"))
