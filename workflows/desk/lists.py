"""The list of cases that wait for somebody, the most urgent first, page by page by key."""

from collections.abc import Mapping
from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from accounts.models import User
from foundation.keyset import keyset_page
from workflows import access
from workflows.machines.spine import SPINE, CaseState
from workflows.models import Case, CaseClock
from workflows.models.case import NOT_LIVE
from workflows.policies.publishing import PUBLISH
from workflows.policies.shelf import unsigned_types
from workflows.policies.words import say_unsigned
from workflows.portal.stops import stage_of

SIZE = 30
# Groups of states that people look for, by whose turn it is.
GROUPS: dict[str, tuple[str, ...]] = {
    "review": (CaseState.IN_REVIEW, CaseState.PENDING_APPROVAL),
    "customer": (CaseState.INFO_NEEDED, CaseState.AWAITING_RETURN),
    "warehouse": (CaseState.IN_TRANSIT, CaseState.RECEIVED, CaseState.INSPECTING),
    "exception": (CaseState.EXCEPTION,),
    "settling": (CaseState.SETTLING,),
}


def page_of_cases(user: User, asked: Mapping[str, str]) -> dict[str, Any]:
    """What ``cases.html`` shows: one page of a group of states, or of everything that is open."""
    group = asked.get("group", "")
    cases = access.visible_to(user).exclude(state__in=NOT_LIVE)
    if group in GROUPS:
        cases = cases.filter(state__in=GROUPS[group])
    due = CaseClock.objects.filter(case=OuterRef("pk"), kind="service", state="running", code=OuterRef("state")).order_by("-pk")
    rows = cases.select_related("complaint", "policy", "assignee").annotate(due_at=Subquery(due.values("due_at")[:1]))
    page = keyset_page(rows, order=("since", "id"), after=asked.get("after"), size=SIZE)
    shown = [{"case": case, "stage": stage_of(case.state), "due_at": case.due_at, "is_late": _is_late(case)} for case in page.rows]
    groups = [{"key": key, "states": [SPINE.state(state).label for state in states]} for key, states in GROUPS.items()]
    told = {"rows": shown, "page": page, "group": group if group in GROUPS else "", "groups": groups}
    return told | {"unsigned": _unsigned(user)}


def _unsigned(user: User) -> str:
    """For whoever can sign: that rules which nobody signed grant nothing."""
    count = unsigned_types() if user.has_perm(PUBLISH) else 0
    return say_unsigned(count) if count else ""


def _is_late(case: Case) -> bool:
    return case.due_at is not None and case.due_at < timezone.now()
