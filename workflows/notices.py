"""What the customer is told about a case: the notices, and the values that may stand in their words."""

from datetime import datetime
from pathlib import Path

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from complaints.channels.templates import register_words
from complaints.models import Outbox
from complaints.services.notices import Node, register_nodes
from ui.money import format_money
from ui.timefmt import absolute
from workflows.models import Case, CaseClock

WORDS = Path(__file__).resolve().parent / "defaults" / "templates.json"
NODES = (
    Node("case_received", _("Application received")),
    Node("case_info_needed", _("Evidence asked for")),
    Node("case_no_info", _("No evidence came")),
    Node("case_granted", _("Request granted")),
    Node("case_send_back", _("Please send it back")),
    Node("case_on_its_way", _("Parcel on its way back")),
    Node("case_return_reminder", _("Reminder to send it back")),
    Node("case_reminder", _("Reminder")),
    Node("case_return_timed_out", _("Nothing was sent back")),
    Node("case_parcel_registered", _("Waybill noted")),
    Node("case_parcel_arrived", _("Parcel arrived")),
    Node("case_parcel_problem", _("Problem with the parcel")),
    Node("case_inspected", _("Inspection passed")),
    Node("case_inspection_failed", _("Inspection found a difference")),
    Node("case_split", _("Request split")),
    Node("case_decided", _("Decision")),
    Node("case_needs_care", _("Needs attention")),
    Node("case_rejected", _("Refusal with reasons")),
    Node("case_withdrawn", _("Withdrawn")),
    Node("case_completed", _("Completed")),
    Node("case_reopened", _("Opened again")),
    Node("case_appealed", _("Appeal received")),
    Node("case_appeal_evidence", _("Time for evidence")),
    Node("case_appeal_upheld", _("Appeal upheld")),
    Node("case_appeal_denied", _("Appeal not upheld")),
    Node("case_refund_sent", _("Refund handed to the provider")),
    Node("case_refund_paid", _("Refund paid")),
    Node("case_shipped", _("Item sent")),
    Node("case_delivered", _("Item delivered")),
    Node("case_out_of_stock", _("Out of stock")),
    Node("case_quote", _("Quote for a repair")),
    Node("case_repaired", _("Repaired")),
    Node("case_irreparable", _("Cannot be repaired")),
)


def register_notices() -> None:
    """Let the relay know these notices, their words and their values."""
    register_nodes(*NODES)
    register_words(
        WORDS,
        {
            "case": lambda row: row.values.get("case", ""),
            "case_due": _due,
            "case_until": lambda row: _moment(row.values.get("due", "")),
            "case_amount": _amount,
            "case_items": _items,
            "case_reason": _reason,
            "case_basis": lambda row: row.values.get("rule", ""),
        },
    )


def _case_of(row: Outbox) -> Case:
    return Case.objects.get(number=row.values["case"])


def _due(row: Outbox) -> str:
    """Until when whoever has the case now has promised to be done."""
    running = CaseClock.objects.filter(case__number=row.values["case"], kind=CaseClock.Kind.SERVICE, due_at__isnull=False)
    clock = running.filter(state=CaseClock.State.RUNNING).order_by("-pk").first()
    return absolute(clock.due_at) if clock else ""


def _moment(text: str) -> str:
    return absolute(datetime.fromisoformat(text)) if text else ""


def _amount(row: Outbox) -> str:
    return format_money(row.values.get("amount_fen", 0), row.values.get("currency") or _case_of(row).currency)


def _items(row: Outbox) -> str:
    """Each thing that is missing, in words."""
    return pgettext("between words", ", ").join(str(ITEM_WORDS.get(code, code)) for code in row.values.get("items", ()))


def _reason(row: Outbox) -> str:
    code = row.values.get("reason", "")
    return str(REJECTION_WORDS.get(code, code))


# What a customer can be asked for.
ITEM_WORDS = {
    "photo": _("photos of the item"),
    "detail": _("a close-up of the fault"),
    "label": _("a photo of the shipping label"),
    "packing": _("photos of the packing"),
    "video": _("a short video"),
    "serial": _("the serial number"),
    "report": _("a test report"),
    "explanation": _("a few words about what happened"),
}
# Why a request can be refused. Having opened the package is no reason.
REJECTION_WORDS = {
    "not_ours": _("this is not an item of ours"),
    "used": _("the item was used beyond trying it"),
    "damaged_by_customer": _("the damage did not come with the item"),
    "out_of_window": _("the time for this kind of request is over"),
    "excluded": _("you agreed at purchase that this item cannot be returned"),
    "not_shown": _("what was described could not be found"),
    "other": _("the rules do not provide for it"),
}
