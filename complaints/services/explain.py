"""Which verbs somebody may use on a complaint, and in words why not: the same clauses that the services ask."""

from typing import Any

from complaints.clauses import reasons_against
from complaints.lifecycle import VERBS, Verb, Who
from complaints.models import Complaint


def explain_verbs(complaint: Complaint, by: Any, *, as_customer: bool = False) -> list[dict[str, Any]]:
    """Every verb that is ever open to this kind of person: ``{"verb", "label", "allowed", "in_state", "reasons"}``.

    ``in_state`` is false where the complaint's state rules the verb out, so that pages can leave it away instead of explaining it.
    """
    return [_explain(verb, complaint, by, as_customer) for verb in VERBS.values() if _is_open_to(verb, as_customer)]


def _is_open_to(verb: Verb, as_customer: bool) -> bool:
    return Who.CUSTOMER in verb.who if as_customer else bool(verb.who & {Who.AGENT, Who.ASSIGNEE, Who.LEAD})


def _explain(verb: Verb, complaint: Complaint, by: Any, as_customer: bool) -> dict[str, Any]:
    in_state = complaint.status in verb.sources
    reasons = reasons_against(verb.name, complaint, by, as_customer=as_customer)
    return {"verb": verb.name, "label": verb.label, "allowed": not reasons, "in_state": in_state, "reasons": reasons}
