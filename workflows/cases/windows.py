"""Until when a customer may ask: counted in whole days of the shop's zone, from the day after the goods were signed for."""

from datetime import datetime, timedelta

from django.utils import timezone

from orders.models import Order
from workflows.models import Case, CasePolicy

T = CasePolicy.Type
# Seven days from the day after signing; the notice counts, not the parcel (Consumer Rights Protection Law 25, to be confirmed).
STATUTORY_DAYS = 7
APPEAL_DAYS = 15
STATUTORY = frozenset({T.RETURN_NO_REASON, T.RETURN_QUALITY, T.EXCHANGE_QUALITY})


def is_out_of_window(case: Case, at: datetime) -> bool:
    """Whether the policy's own time is over. Goods that were never signed for have no window yet."""
    return is_past(case.order, case.policy.window_days, at)


def is_within_statutory_window(case: Case, at: datetime) -> bool:
    """Whether the law gives the customer this claim: what counts is when they asked, not when somebody answers."""
    return case.policy.type in STATUTORY and not is_past(case.order, STATUTORY_DAYS, case.submitted_at or at)


def is_past(order: Order, days: int | None, at: datetime) -> bool:
    """Whether more than so many days have gone since the day of signing; None: there is no limit."""
    if days is None or order.delivered_at is None:
        return False
    return timezone.localdate(at) > timezone.localdate(order.delivered_at) + timedelta(days=days)
