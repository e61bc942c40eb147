"""What stands on the pages of a case, ready for their templates."""

from typing import Any

from django.utils import timezone

from complaints.models import Complaint
from orders.models import Carrier
from workflows.access import cases_of
from workflows.cases.explain import explain_case
from workflows.machines.spine import CaseState
from workflows.models import Case, Parcel
from workflows.portal.duties import acts_of, duty_of
from workflows.portal.forms import WaybillForm
from workflows.portal.offers import NAMES
from workflows.portal.rows import Rows, read_rows
from workflows.portal.stops import end_of, stage_of, steps_of
from workflows.portal.telling import deadlines_of, goings_of, items_of, money_of, parcels_of
from workflows.portal.wording import appeal_words, basis_of, facts_of, is_late, sentence_of, turn_of

# Cases that nobody has sent yet claim nothing and are no page.
UNSENT = frozenset({CaseState.DRAFT})
OVER = frozenset({CaseState.REJECTED, CaseState.CANCELLED, CaseState.COMPLETED, CaseState.CLOSED})


def sent_cases(complaint: Complaint) -> list[Case]:
    """The cases of a complaint that were submitted, newest first; one query."""
    return [case for case in cases_of(complaint) if case.state not in UNSENT]


def choose_case(cases: list[Case], number: str) -> Case | None:
    """The one that the address names, else the newest that is not over, else the newest."""
    named = next((case for case in cases if case.number == number), None)
    return named or next((case for case in cases if case.state not in OVER), cases[0] if cases else None)


def name_of(case: Case) -> str:
    """The type of a case in the customer's words."""
    return str(NAMES.get(case.policy.type) or case.policy.get_type_display())


def describe_case(case: Case, complaint: Complaint) -> dict[str, Any]:
    """Everything about one case that its page shows; a fixed number of queries."""
    case.complaint = complaint
    rows = read_rows(case, timezone.now())
    verbs = {each.verb.name: each for each in explain_case(case, None, as_customer=True)}
    allowed = {name for name, each in verbs.items() if each.is_allowed}
    return {
        "case": case,
        "rows": rows,
        "name": name_of(case),
        "acts": acts_of(rows, verbs),
        "duty": duty_of(rows, allowed),
        "can_apply_again": case.state in OVER,
        **_standing(rows),
        **_tracks(rows),
    }


def _standing(rows: Rows) -> dict[str, Any]:
    is_refused = end_of(rows) == CaseState.REJECTED
    return {
        "sentence": sentence_of(rows),
        "turn": turn_of(rows),
        "stage": stage_of(rows.case.state),
        "is_late": is_late(rows),
        "steps": steps_of(rows),
        "due_at": rows.due_at,
        "is_by_hours": bool(rows.clock and rows.clock.calendar_id),
        "is_refused": is_refused,
        "facts": facts_of(rows) if is_refused else "",
        "basis": basis_of(rows) if is_refused else "",
        "may_appeal": rows.may_appeal,
        "appeal": rows.appeal,
        "appeal_words": appeal_words(rows),
    }


def _tracks(rows: Rows) -> dict[str, Any]:
    return {
        "items": items_of(rows),
        "money": money_of(rows),
        "parcels": parcels_of(rows),
        "goings": goings_of(rows),
        "deadlines": deadlines_of(rows),
    }


def carriers() -> list[Carrier]:
    return list(Carrier.objects.order_by("code"))


def waybill_form(posted: Any = None, parcel: Parcel | None = None) -> WaybillForm:
    """The form for the number of a parcel, with the carrier that collects where that is known."""
    known = carriers()
    if posted is not None:
        return WaybillForm(posted, carriers=known)
    code = parcel.carrier.code if parcel is not None and parcel.carrier else ""
    return WaybillForm(initial={"carrier": code}, carriers=known)
