"""From what a machine sent to a filed complaint."""

from typing import Any

from complaints.api.access import order_of
from complaints.api.uploads import own_uploads
from complaints.intake.matching import Match
from complaints.intake.submission import snapshot
from complaints.models import Complaint
from complaints.services import Filing
from orders.models import ApiToken, Order


def filing_of(values: dict[str, Any], *, token: ApiToken) -> Filing:
    """The shop's own system names the order, so that proves it; what names no order is kept as typed for the desk to match."""
    text = values.get("order", "").strip()
    order = order_of(token.merchant, text) if text else None
    lines = _chosen_lines(order, values.get("lines", ()))
    return Filing(
        merchant=token.merchant,
        category=values["category"],
        form=values["form"],
        subject=values.get("subject", ""),
        description=values.get("description", ""),
        wish=values.get("wish", Complaint.Wish.FEEDBACK),
        answers=values["answers"],
        happened_on=values.get("happened_on"),
        line_ids=[line.pk for line in lines],
        customer=order.customer if order else None,
        order=order,
        order_text=text,
        order_snapshot=snapshot(Match(order, "integration")) if order else {},
        matched_by="integration" if order else "",
        amount_fen=sum(line.paid_fen for line in lines),
        currency=order.currency if order else token.merchant.currency,
        language=values.get("language") or (order.customer.language if order else "zh-hans"),
        channel=Complaint.Channel.API,
        origin=Complaint.Origin.INTEGRATION,
        attachments=own_uploads(values.get("attachments", ()), by=token.actor),
        **_contact(values.get("contact", {}), order),
    )


def _contact(given: dict[str, str], order: Order | None) -> dict[str, Any]:
    """What was sent; where neither phone nor mail was, the contact of the order, which the shop knows to be the buyer's."""
    is_orders = order is not None and not (given.get("phone") or given.get("email"))
    return {
        "contact_name": given.get("name", "") or (order.customer.name if order else ""),
        "contact_phone": given.get("phone", "") or (order.receiver_phone or order.customer.phone if is_orders else ""),
        "contact_email": given.get("email", "") or (order.customer.email if is_orders else ""),
        "contact_hours": given.get("hours", ""),
        "is_proven": is_orders,
    }


def _chosen_lines(order: Order | None, wanted) -> list:
    lines = list(order.lines.all()) if order else []
    return [line for line in lines if line.external_id in set(wanted)] if wanted else []
