"""The return parcel: what the carrier and the warehouse have seen of it."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from workflows.machines.table import Clause, Machine, Role, State, Verb


class ParcelState(TextChoices):
    EXPECTED = "expected", pgettext_lazy("parcel", "Expected")
    PICKED_UP = "picked_up", pgettext_lazy("parcel", "Picked up")
    MOVING = "moving", pgettext_lazy("parcel", "On its way")
    CARRIER_SIGNED = "carrier_signed", pgettext_lazy("parcel", "Delivered, says the carrier")
    SCANNED = "scanned", pgettext_lazy("parcel", "Scanned in")
    PROBLEM = "problem", pgettext_lazy("parcel", "Problem")
    CANCELLED = "cancelled", pgettext_lazy("parcel", "Not sent")
    ABANDONED = "abandoned", pgettext_lazy("parcel", "Given up")


_S, _R = ParcelState, Role
STATES = (
    State(_S.EXPECTED, _("We are waiting for your parcel")),
    State(_S.PICKED_UP, _("The carrier has your parcel")),
    State(_S.MOVING, _("Your parcel is on its way to us")),
    State(_S.CARRIER_SIGNED, _("Your parcel has arrived; we check it in")),
    State(_S.SCANNED, _("Your parcel is checked in")),
    State(_S.PROBLEM, _("There is a problem with your parcel; we look into it")),
    State(_S.CANCELLED, _("No parcel is expected any more")),
    State(_S.ABANDONED, _("Your parcel could not be found; we contact you")),
)
UNSEEN = (_S.EXPECTED, _S.PICKED_UP, _S.MOVING)
_NO_EVENT = Clause("no_event", _("No newer event says so."), _("Wait for the carrier."))
_EVENT = (_("Append the event; the state is computed from all events."),)
_LEGAL = _("Start the legal clock of the refund.")
_MACHINE = (_R.SYSTEM, _R.INTEGRATION)

# fmt: off
VERBS = (
    Verb(
        "PC1", "pick_up", pgettext_lazy("parcel", "Pick up"), _("The carrier has taken the parcel."),
        (_S.EXPECTED,), (_S.PICKED_UP,), _MACHINE, (_NO_EVENT,), _EVENT, args=("event",), sets_goods_moving=True, scope="wms",
    ),
    Verb(
        "PC2", "move", pgettext_lazy("parcel", "Move"), _("The carrier has scanned the parcel on its way."),
        (_S.EXPECTED, _S.PICKED_UP, _S.PROBLEM), (_S.MOVING,), _MACHINE, (_NO_EVENT,), _EVENT, args=("event",), sets_goods_moving=True,
        scope="wms",
    ),
    Verb(
        "PC3", "carrier_sign", pgettext_lazy("parcel", "Carrier delivers"),
        _("The carrier says that it was delivered. This is not a scan of the warehouse."),
        (*UNSEEN, _S.PROBLEM), (_S.CARRIER_SIGNED,), _MACHINE, (_NO_EVENT,), (*_EVENT, _LEGAL), args=("event",), sets_goods_moving=True,
        scope="wms",
    ),
    Verb(
        "PC4", "scan", pgettext_lazy("parcel", "Scan in"), _("Only the scan of the warehouse moves the case (C15)."),
        (*UNSEEN, _S.CARRIER_SIGNED, _S.PROBLEM), (_S.SCANNED,), (_R.WAREHOUSE, _R.INTEGRATION),
        (Clause("other_warehouse", _("The parcel belongs to another warehouse."), _("A lead moves it to yours."), forbids=True),),
        (_("Compare weight and serials with what was sent out, and mark a difference."),), args=("waybill", "weight", "serials"),
        sets_goods_moving=True, scope="wms",
    ),
    Verb(
        "PC5", "report_problem", pgettext_lazy("parcel", "Report a problem"),
        _("Difficult, refused, returning, lost, or a number that does not exist."),
        (*UNSEEN, _S.CARRIER_SIGNED), (_S.PROBLEM,), (_R.SYSTEM, _R.INTEGRATION, _R.WAREHOUSE, _R.AGENT),
        (Clause("no_problem_seen", _("The carrier's events show no problem."), _("Choose the events that show it.")),), _EVENT,
        args=("problem", "events"), sets_goods_moving=True, scope="wms",
    ),
    Verb(
        "PC6", "cancel", pgettext_lazy("parcel", "Cancel"), _("The case was withdrawn before anything was sent."),
        (_S.EXPECTED,), (_S.CANCELLED,), (_R.SYSTEM,),
        (Clause("still_owed", _("A case still waits for this parcel."), _("Withdraw the case first.")),), after=(_("Cancel the label."),),
    ),
    Verb(
        "PC7", "abandon", pgettext_lazy("parcel", "Give up"), _("The parcel will not come; the decision on the case says what follows."),
        (_S.PROBLEM,), (_S.ABANDONED,), (_R.LEAD, _R.SYSTEM),
        (Clause("no_verdict", _("The case has no decision on the parcel yet."), _("Decide the exception.")),), args=("reason",),
    ),
)
# fmt: on

PARCEL = Machine(
    name="parcel",
    label=_("Return parcel"),
    help=_("What the carrier and the warehouse have seen of a parcel on its way back."),
    states=STATES,
    verbs=VERBS,
    start=_S.EXPECTED,
    terminals=(_S.SCANNED, _S.CANCELLED, _S.ABANDONED),
    declared_in="workflows/machines/parcel.py",
    rules=(
        _("The state is computed from the events in the order of their time and rank; it never goes backward."),
        _("A problem is difficult, refused, returning, lost, or an unknown number."),
        _("Delivered by the carrier is not scanned in."),
    ),
)
