"""The placeholders that a canned reply may use. Whoever renders a reply gives the values; a missing one blocks sending."""

from django.utils.translation import gettext_lazy as _

VARIABLES = {
    "customer": _("the customer's name"),
    "number": _("the number of the complaint"),
    "order": _("the order number"),
    "agent": _("the agent's name"),
    "date": _("the promised date"),
    "waybill": _("the waybill number"),
    "carrier": _("the carrier"),
    "amount": _("the amount"),
    "phone_mask": _("the customer's phone, masked"),
}
