"""The values of the placeholders in canned replies, for one complaint. Unknown ones stay open and block sending."""

from django.utils.formats import date_format
from django.utils.timezone import localtime, now
from django.utils.translation import override

from accounts.models import User
from complaints.models import Complaint
from orders.models import Shipment
from ui.localize import localized
from ui.masking import mask_phone
from ui.money import format_money


def values_for(complaint: Complaint, *, agent: User) -> dict[str, str]:
    """What ``{name}`` stands for in a reply to this customer, in the customer's language. One query at most, for the parcel."""
    with override(complaint.language):
        shipment = _latest_shipment(complaint)
        return {
            "customer": complaint.contact_name,
            "number": complaint.number,
            "order": complaint.order.number if complaint.order else "",
            "agent": str(agent),
            "date": _promise(complaint),
            "waybill": shipment.waybill if shipment else "",
            "carrier": localized(shipment.carrier, "name") if shipment and shipment.carrier else "",
            "amount": format_money(complaint.amount_fen, complaint.currency) if complaint.amount_fen else "",
            "phone_mask": mask_phone(complaint.contact_phone),
        }


def _latest_shipment(complaint: Complaint) -> Shipment | None:
    return complaint.order.shipments.select_related("carrier").order_by("-id").first() if complaint.order else None


def _promise(complaint: Complaint) -> str:
    """The date that was promised; a past promise is no date to give again, so the agent fills it in."""
    if complaint.promise_at <= now():
        return ""
    return date_format(localtime(complaint.promise_at), "n月j日 H:i" if complaint.language.startswith("zh") else "j M, H:i")
