"""How soon and how well complaints end."""

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from ..registry import kpi
from ..results import Result, amount, count, duration, share
from ..tallies import Tally

FIRST = {"first": _("first resolved")}
LAST = {"last": _("resolved complaints")}
PARTIES = {
    "shop": _("shop"),
    "warehouse": _("warehouse"),
    "carrier": _("carrier"),
    "supplier": _("supplier"),
    "platform": _("platform"),
    "customer": _("customer"),
    "nobody": _("not attributed"),
}
WAITS = {
    "us_s": _("us"),
    "customer_s": _("customer"),
    "warehouse_s": _("warehouse"),
    "finance_s": _("finance"),
    "carrier_s": _("carrier"),
    "supplier_s": _("supplier"),
    "regulator_s": _("authority"),
}
NOT_REACHED = _("Customers who could not be reached (counted apart).")


@kpi("vol_resolved", version=1, family="cycle", cohort="completion", unit="count", parts=LAST, name=_("Resolved complaints"),
     says=_("Complaints that ended in the period."), formula=_("complaints by the day of their last resolution (solved or not upheld)"),
     leaves_out=NOT_REACHED)  # fmt: skip
def vol_resolved(tally: Tally) -> Result:
    """Last resolution in the period; by agent it is who ended it."""
    return count(tally["last"])


@kpi("fcr_gross", version=1, family="cycle", cohort="completion", unit="share", better="up", window_days=7,
     params={"days": 7}, parts=FIRST | {"once": _("one contact was enough")}, name=_("First contact resolution"),
     says=_("How often one contact was enough."),
     formula=_("complaints solved at the first attempt without another contact about the matter within 7 days ÷ complaints first resolved"),
     leaves_out=NOT_REACHED)  # fmt: skip
def fcr_gross(tally: Tally) -> Result:
    """Another contact: a message after the first exchange, on any channel, about the same order and kind; a reopening, a merged
    duplicate, a change of team, an authority. Mere thanks, an answered survey and our own calls are none.
    """
    return share(tally["once"], tally["first"])


@kpi("fcr_net", version=1, family="cycle", cohort="completion", unit="share", better="up", window_days=7, params={"days": 7},
     parts={"first_net": _("first resolved, no goods and no money needed"), "once_net": _("one contact was enough")},
     name=_("First contact resolution, net"), says=_("The same, of what one contact can solve."),
     formula=_("as first contact resolution, leaving out complaints that needed an after-sales case"))  # fmt: skip
def fcr_net(tally: Tally) -> Result:
    """Without complaints that had a case: goods or finance had to move."""
    return share(tally["once_net"], tally["first_net"])


@kpi("rt_first", version=1, family="cycle", cohort="completion", unit="s", better="down", parts=FIRST, name=_("First resolution time"),
     says=_("How long it takes until customers first have a result."),
     formula=_("first resolution (solved or not upheld) − first contact"), leaves_out=NOT_REACHED)  # fmt: skip
def rt_first(tally: Tally) -> Result:
    """First contact to the first resolution."""
    return duration(tally.spread("rt_first_s"))


@kpi("rt_full", version=1, family="cycle", cohort="completion", unit="s", better="down", window_days=14, parts=LAST,
     sums={name: ("s", who) for name, who in WAITS.items()}, name=_("Full resolution time"),
     says=_("How long it takes until it is really over."),
     formula=_("last resolution − first contact, split by whom it waited for"), leaves_out=NOT_REACHED)  # fmt: skip
def rt_full(tally: Tally) -> Result:
    """First contact to the last resolution; the parts by whom it waited for add up to it exactly."""
    return replace(duration(tally.spread("rt_full_s")), beside={name: count(tally[name]) for name in WAITS})


@kpi("rt_full_biz", version=1, family="cycle", cohort="completion", unit="s", better="down", window_days=14, parts=LAST,
     name=_("Full resolution time in service hours"), says=_("The same, counting only the hours in which the house is open."),
     formula=_("open seconds of the complaint's calendar from the first contact to the last resolution"),
     leaves_out=NOT_REACHED)  # fmt: skip
def rt_full_biz(tally: Tally) -> Result:
    """Business seconds of the full resolution."""
    return duration(tally.spread("rt_full_biz_s"))


@kpi("reopen", version=1, family="cycle", cohort="completion", unit="share", better="down", window_days=14, params={"days": 14},
     parts=FIRST | {"back": _("taken up again")}, name=_("Reopen rate"), says=_("How often a result did not hold."),
     formula=_("complaints taken up again within 14 days of their first resolution ÷ complaints first resolved"),
     leaves_out=_("Mere thanks, merging, and a colleague's own correction within ten minutes."))  # fmt: skip
def reopen(tally: Tally) -> Result:
    """Reopened within 14 days of the first resolution ÷ first resolved."""
    return share(tally["back"], tally["first"])


@kpi("reopen_cycles", version=1, family="cycle", cohort="completion", unit="share", better="down", window_days=14,
     parts={"resolved": _("rounds resolved"), "reopened": _("rounds taken up again")}, name=_("Reopened rounds"),
     says=_("How often a colleague's result did not hold."),
     formula=_("resolved rounds that were taken up again ÷ resolved rounds, by who had resolved them"))  # fmt: skip
def reopen_cycles(tally: Tally) -> Result:
    """Cycles reopened ÷ cycles resolved, credited to the solver of each."""
    return share(tally["reopened"], tally["resolved"])


@kpi("transfer", version=1, family="cycle", cohort="completion", unit="share", better="down",
     parts=LAST | {"moved": _("changed the team")}, name=_("Transfer rate"), says=_("How often a complaint had to change the team."),
     formula=_("complaints that changed the team unplanned after somebody had begun ÷ complaints by their last resolution"),
     leaves_out=_("Steps that a procedure plans, and reassignment within a team (both counted apart)."))  # fmt: skip
def transfer(tally: Tally) -> Result:
    """At least one unplanned change of team after the first act of a person ÷ last resolutions."""
    beside = {name: count(tally[name]) for name in ("bounces", "planned_moves", "reassigned")}
    return share(tally["moved"], tally["last"], beside=beside)


@kpi("agent_resolved", version=1, family="cycle", cohort="completion", unit="count", parts=LAST, name=_("Resolved by colleague"),
     says=_("How many complaints each colleague ended."),
     formula=_("complaints by the day of their last resolution and by who ended them; with those that nobody ended they are all"),
     leaves_out=_("What ended by itself credits nobody."))  # fmt: skip
def agent_resolved(tally: Tally) -> Result:
    """Resolved complaints by solver."""
    return count(tally["last"])


@kpi("pareto_reason", version=1, family="cycle", cohort="completion", unit="count", parts=LAST, name=_("Reasons"),
     says=_("What complaints came from."),
     formula=_("complaints by the day of their last resolution, by their primary reason"))  # fmt: skip
def pareto_reason(tally: Tally) -> Result:
    """Last resolutions by reason; what is not attributed is a bar of its own."""
    return count(tally["last"])


@kpi("pareto_cost", version=1, family="cycle", cohort="completion", unit="fen", better="down", parts={},
     sums={"cost_fen": ("fen", _("compensation"))}, name=_("Reasons by cost"),
     says=_("What each reason cost beyond the price."),
     formula=_("compensation for complaints by the day of their last resolution, by their primary reason"))  # fmt: skip
def pareto_cost(tally: Tally) -> Result:
    """Compensation on the complaints last resolved."""
    return amount(tally["cost_fen"], tally["last"])


@kpi("pareto_effort", version=1, family="cycle", cohort="completion", unit="ms", better="down", parts={},
     sums={"effort_ms": ("ms", _("measured work"))}, name=_("Reasons by work"),
     says=_("How much work each reason made."),
     formula=_("measured work on complaints by the day of their last resolution, by their primary reason"))  # fmt: skip
def pareto_effort(tally: Tally) -> Result:
    """Effort on the complaints last resolved."""
    return amount(tally["effort_ms"], tally["last"])


@kpi("pareto_liability", version=1, family="cycle", cohort="completion", unit="count", parts=LAST,
     sums={f"by_{party}": ("share", name) for party, name in PARTIES.items()}, name=_("Liability"),
     says=_("Who was liable."),
     formula=_("each complaint by the day of its last resolution, shared out in percent among who was liable"))  # fmt: skip
def pareto_liability(tally: Tally) -> Result:
    """Shares of 60 and 40 percent count 0.6 and 0.4; all of them add up to the complaints."""
    shares = {f"by_{party}": count(tally[f"by_{party}"]) for party in PARTIES}
    return replace(count(tally["last"]), beside=shares)
