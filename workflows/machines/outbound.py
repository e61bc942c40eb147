"""What is sent to the customer: a replacement, the repaired item, what was missing, or their own goods."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from workflows.machines.table import Clause, Machine, Role, State, Verb


class OutboundState(TextChoices):
    RESERVED = "reserved", pgettext_lazy("outbound", "Reserved")
    RELEASED = "released", pgettext_lazy("outbound", "Released")
    PICKING = "picking", pgettext_lazy("outbound", "Being packed")
    SHIPPED = "shipped", pgettext_lazy("outbound", "Sent")
    DELIVERED = "delivered", pgettext_lazy("outbound", "Delivered")
    OUT_OF_STOCK = "out_of_stock", pgettext_lazy("outbound", "Out of stock")
    LOST = "lost", pgettext_lazy("outbound", "Lost")
    CANCELLED = "cancelled", pgettext_lazy("outbound", "Cancelled")


_S, _R = OutboundState, Role
STATES = (
    State(_S.RESERVED, _("Your item is reserved")),
    State(_S.RELEASED, _("Your item is being prepared")),
    State(_S.PICKING, _("Your item is being prepared")),
    State(_S.SHIPPED, _("Your item is on its way to you")),
    State(_S.DELIVERED, _("Your item has been delivered")),
    State(_S.OUT_OF_STOCK, _("The item is out of stock; choose to wait, another item, or a refund")),
    State(_S.LOST, _("The parcel to you was lost; we contact you")),
    State(_S.CANCELLED, _("Nothing is sent")),
)
_WAREHOUSE = (_R.WAREHOUSE, _R.INTEGRATION)
_EXCEPTION = _("Stop the case for a decision if it is settling (C23).")

# fmt: off
VERBS = (
    Verb(
        "OB1", "release", pgettext_lazy("outbound", "Release"), _("What the policy waits for has happened."),
        (_S.RESERVED,), (_S.RELEASED,), (_R.SYSTEM,),
        (Clause("not_released", _("What the policy waits for has not happened yet."), _("Wait for the goods or the inspection.")),),
        after=(_("Tell the warehouse."),),
    ),
    Verb(
        "OB2", "pick", pgettext_lazy("outbound", "Pack"), _("The warehouse takes the item from its shelf."),
        (_S.RELEASED,), (_S.PICKING,), _WAREHOUSE,
        (Clause("other_warehouse", _("The parcel belongs to another warehouse."), _("A lead moves it to yours."), forbids=True),),
        scope="wms",
    ),
    Verb(
        "OB3", "ship", pgettext_lazy("outbound", "Send"), _("The parcel goes to the carrier."),
        (_S.PICKING,), (_S.SHIPPED,), _WAREHOUSE,
        (Clause("waybill_malformed", _("This is not a number of the chosen carrier."), _("Check the number and the carrier.")),),
        (_("Record weight and serials."),), (_("Tell the customer."), _("Follow the parcel with its carrier.")),
        args=("carrier", "waybill", "weight", "serials"), scope="wms",
    ),
    Verb(
        "OB4", "deliver", pgettext_lazy("outbound", "Deliver"), _("The carrier says that it was delivered."),
        (_S.SHIPPED,), (_S.DELIVERED,), (_R.SYSTEM, _R.INTEGRATION),
        (Clause("no_event", _("No newer event says so."), _("Wait for the carrier.")),),
        after=(_("Tell the customer."),), args=("event",), scope="wms",
    ),
    Verb(
        "OB5", "run_out", pgettext_lazy("outbound", "Run out of stock"), _("There is none left."),
        (_S.RESERVED, _S.RELEASED, _S.PICKING), (_S.OUT_OF_STOCK,), (_R.WAREHOUSE, _R.INTEGRATION, _R.SYSTEM),
        (Clause("in_stock", _("The item is in stock."), _("Pack it.")),), (_EXCEPTION,),
        (_("Ask the customer: wait, another item, or a refund."),), scope="wms",
    ),
    Verb(
        "OB6", "lose", pgettext_lazy("outbound", "Lose"), _("The carrier has lost it."),
        (_S.SHIPPED,), (_S.LOST,), (_R.SYSTEM, _R.AGENT),
        (Clause("no_problem_seen", _("The carrier's events show no problem."), _("Choose the events that show it.")),),
        (_EXCEPTION, _("Open a recovery against the carrier.")), (_("Tell the customer."),), args=("events",),
    ),
    Verb(
        "OB7", "reserve_again", pgettext_lazy("outbound", "Reserve again"), _("The same item later, another one, or a second parcel."),
        (_S.OUT_OF_STOCK, _S.LOST), (_S.RESERVED,), (_R.SYSTEM, _R.LEAD),
        (Clause("stock_missing", _("The item is not in stock."), _("Choose another item, or a refund.")),),
        (_("Reserve the stock."),), args=("sku",),
    ),
    Verb(
        "OB8", "cancel", pgettext_lazy("outbound", "Cancel"), _("The case was rejected, withdrawn, or changed to a refund."),
        (_S.RESERVED, _S.RELEASED, _S.OUT_OF_STOCK, _S.LOST), (_S.CANCELLED,), (_R.SYSTEM, _R.LEAD),
        (Clause("still_due", _("The resolution still owes this item."), _("Change the resolution first.")),), (_("Release the stock."),),
    ),
)
# fmt: on

OUTBOUND = Machine(
    name="outbound",
    label=_("Outbound parcel"),
    help=_("What is sent to the customer: replacement, repaired item, missing piece, or their own goods."),
    states=STATES,
    verbs=VERBS,
    start=_S.RESERVED,
    terminals=(_S.DELIVERED, _S.CANCELLED),
    satisfied=(_S.DELIVERED,),
    declared_in="workflows/machines/outbound.py",
    rules=(
        _(
            "Out of stock asks the customer to wait, to take another item, or to be refunded; "
            "after 48 hours the lead's task proposes the refund."
        ),
    ),
)
