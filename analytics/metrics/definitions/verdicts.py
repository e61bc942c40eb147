"""What customers say."""

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from ..intervals import net_promoter
from ..registry import kpi
from ..results import FEW, Result, count, share
from ..tallies import Tally

SENT = {"answered": _("answered"), "good": _("good"), "bad": _("bad"), "sent": _("sent"), "held_back": _("held back")}
EXPIRED = _("Answers about a result that was taken up again; surveys that never reached the customer.")


def _asked(tally: Tally) -> dict[str, Result]:
    """What stands beside every survey: how many answered, how many were not asked, and the mean."""
    answered, sent, held_back = tally["answered"], tally["sent"], tally["held_back"]
    return {
        "mean": _mean(tally),
        "response": share(answered, sent),
        "held_back": share(held_back, sent + held_back),
        "expired": count(tally["expired"]),
    }


def _mean(tally: Tally) -> Result:
    total, answered = tally["score_sum"], tally["answered"]
    return Result(total / answered if answered else None, answered)


@kpi("csat", version=1, family="verdict", cohort="sent", unit="share", better="up", fixed={"scale": "csat"}, window_days=14, parts=SENT,
     name=_("Customer satisfaction"), says=_("How many of those who answer are content."),
     formula=_("answers 4 and 5 of 5 ÷ answers, by the day on which the survey was sent"), leaves_out=EXPIRED)  # fmt: skip
def csat(tally: Tally) -> Result:
    """Good answers ÷ answers, credited to who had resolved the complaint when it was sent."""
    return share(tally["good"], tally["answered"], beside=_asked(tally))


@kpi("ces", version=1, family="verdict", cohort="sent", unit="score", better="up", fixed={"scale": "ces"}, window_days=14, parts=SENT,
     params={"scale": "CES 2.0, 1 to 7"}, name=_("Customer effort score"), says=_("How easy we made it."),
     formula=_("mean of answers from 1 to 7 to “made it easy to handle my issue”; 5 to 7 beside it"), leaves_out=EXPIRED)  # fmt: skip
def ces(tally: Tally) -> Result:
    """Mean of CES 2.0; higher is better."""
    easy = share(tally["good"], tally["answered"])
    return replace(_mean(tally), beside=_asked(tally) | {"easy": easy})


def _nps(tally: Tally) -> Result:
    n = tally["answered"]
    found = net_promoter(tally["good"], tally["bad"], n)
    if found is None or n < FEW:
        return Result(n=n, beside=_asked(tally))
    score, (low, high) = found
    return Result(score, n, low=low, high=high, beside=_asked(tally))


@kpi("nps", version=1, family="verdict", cohort="sent", unit="points", better="up", fixed={"scale": "nps"}, window_days=14, parts=SENT,
     name=_("Net promoter score"), says=_("Would they recommend us?"),
     formula=_("share of 9 and 10 − share of 0 to 6, in points; hidden below 30 answers"), leaves_out=EXPIRED)  # fmt: skip
def nps(tally: Tally) -> Result:
    """Per customer, a relationship survey; never added to the one after a service."""
    return _nps(tally)


@kpi("agent_csat", version=1, family="verdict", cohort="sent", unit="share", better="up", fixed={"scale": "csat"}, window_days=14,
     parts=SENT, name=_("Satisfaction by colleague"), says=_("How content the customers of each colleague are."),
     formula=_("as customer satisfaction, by who had resolved the complaint when the survey was sent"), leaves_out=EXPIRED)  # fmt: skip
def agent_csat(tally: Tally) -> Result:
    """Satisfaction by solver at the time of sending."""
    return share(tally["good"], tally["answered"], beside=_asked(tally))


@kpi("fcr_survey", version=1, family="verdict", cohort="sent", unit="share", better="up", fixed={"scale": "csat"}, window_days=14,
     parts={"told_once": _("told us"), "once": _("solved the first time")}, name=_("First contact resolution, as customers say"),
     says=_("How many say that it was solved the first time."),
     formula=_("“yes” ÷ answers to “Was it solved the first time?”, by the day on which the survey was sent"),
     leaves_out=EXPIRED)  # fmt: skip
def fcr_survey(tally: Tally) -> Result:
    """Said by the customer, so it stands beside what the messages show and is never mixed with it."""
    told = tally["told_once"]
    return share(tally["once"], told, beside={"answered": count(tally["answered"]), "silent": count(tally["answered"] - told)})
