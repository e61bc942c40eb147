"""What complaints cost. Only confirmed movements count, and currencies are never added."""

from django.utils.translation import gettext_lazy as _

from ..registry import kpi
from ..results import Result, amount, count, share
from ..tallies import Tally

MOVED = {"fen": ("fen", _("movements"))}
CURRENCY = {"currency": "CNY"}
UNCONFIRMED = _("Whatever is not confirmed.")


@kpi("comp_cost", version=1, family="money", cohort="completion", unit="fen", better="down",
     fixed={"kind": "compensation"} | CURRENCY, parts={}, sums=MOVED,
     name=_("Compensation"), says=_("What was given beyond the price."),
     formula=_("sum of confirmed compensation by the day on which it was confirmed, less what bounced"),
     leaves_out=UNCONFIRMED)  # fmt: skip
def comp_cost(tally: Tally) -> Result:
    """Σ fen of confirmed compensation."""
    return amount(tally["fen"], tally["movements"])


@kpi("refund_cost", version=1, family="money", cohort="completion", unit="fen", better="down",
     fixed={"kind": "goods"} | CURRENCY, parts={}, sums=MOVED,
     name=_("Refunds"), says=_("What was paid back of prices."),
     formula=_("sum of confirmed refunds of goods by the day on which they were confirmed, less what bounced"),
     leaves_out=UNCONFIRMED)  # fmt: skip
def refund_cost(tally: Tally) -> Result:
    """Σ fen of confirmed refunds of the price."""
    return amount(tally["fen"], tally["movements"])


@kpi("recovered", version=1, family="money", cohort="completion", unit="fen", better="up",
     fixed={"kind": "recovery"} | CURRENCY, parts={}, sums=MOVED,
     name=_("Recovered"), says=_("What carriers and suppliers paid back to us."),
     formula=_("sum of what was collected back, by the day on which it came"), leaves_out=UNCONFIRMED)  # fmt: skip
def recovered(tally: Tally) -> Result:
    """Σ fen collected back."""
    return amount(tally["fen"], tally["movements"])


@kpi("quick_comp", version=1, family="money", cohort="completion", unit="share", better="up", fixed={"kind": "compensation"} | CURRENCY,
     params={"hours": 24}, parts={"compensation": _("compensations"), "quick": _("within 24 hours")}, name=_("Compensated quickly"),
     says=_("How often compensation came within a day."),
     formula=_("compensations confirmed within 24 hours of the customer's first contact ÷ compensations"))  # fmt: skip
def quick_comp(tally: Tally) -> Result:
    """Confirmed within 24 hours of the first contact ÷ confirmed compensations."""
    return share(tally["quick"], tally["compensation"])


@kpi("comp_per_resolved", version=1, family="cycle", cohort="completion", unit="fen", better="down", parts={"last": _("resolved")},
     sums={"cost_fen": ("fen", _("compensation"))}, name=_("Compensation per resolved complaint"),
     says=_("What was given beyond the price, for each complaint that ended."),
     formula=_("compensation for complaints by the day of their last resolution ÷ these complaints"), leaves_out=UNCONFIRMED)  # fmt: skip
def comp_per_resolved(tally: Tally) -> Result:
    """Σ compensation ÷ last resolutions; complaints that cost nothing count."""
    cost, n = tally["cost_fen"], tally["last"]
    return Result(cost / n if n else None, n)


@kpi("comp_per_orders", version=1, family="money", cohort="completion", unit="fen", better="down",
     fixed={"kind": "compensation"} | CURRENCY, parts={}, sums=MOVED, name=_("Compensation per thousand orders"),
     says=_("What was given beyond the price, for each thousand delivered orders."),
     formula=_("confirmed compensation of the period ÷ orders delivered in the period × 1,000"), leaves_out=UNCONFIRMED)  # fmt: skip
def comp_per_orders(tally: Tally) -> Result:
    """Both by their own day: what a period paid against what it delivered."""
    orders = tally.look_up("orders")
    value = tally["fen"] * 1000 / orders if orders else None
    return Result(value, tally["movements"], beside={"fen": count(tally["fen"]), "orders": count(orders)})
