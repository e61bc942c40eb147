"""How often an order leads to a complaint."""

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from ..registry import kpi
from ..results import Result, count, share
from ..tallies import Tally

DELIVERED = {"delivered": _("delivered orders")}


def _per_thousand(num: int, den: int, *, beside: dict[str, Result]) -> Result:
    """A share told for each thousand."""
    part = share(num, den, beside=beside)
    scaled = {name: None if (value := getattr(part, name)) is None else value * 1000 for name in ("value", "low", "high")}
    return replace(part, **scaled)


@kpi("complaint_rate", version=1, family="delivery", cohort="delivery", unit="per_mille", better="down", window_days=30,
     parts=DELIVERED | {"complained": _("complained about")}, name=_("Complaint rate"),
     says=_("How many of a thousand delivered orders lead to a complaint."),
     formula=_("delivered orders with a complaint ÷ delivered orders × 1,000, by the day of delivery; final after 30 days"),
     leaves_out=_("Spam and merged duplicates; the net rate also leaves out enquiries and what the customer withdrew."))  # fmt: skip
def complaint_rate(tally: Tally) -> Result:
    """Distinct complained orders ÷ delivered orders × 1,000."""
    delivered = tally["delivered"]
    beside = {
        "net": _per_thousand(tally["complained_net"], delivered, beside={}),
        "external": _per_thousand(tally["external"], delivered, beside={}),
        "parcels": count(tally["parcels"]),
    }
    return _per_thousand(tally["complained"], delivered, beside=beside)
