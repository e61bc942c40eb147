"""Why an agent got a complaint, in words: the stored decision as one sentence and a table."""

from django.utils.translation import gettext as _

from complaints.desk import directory
from complaints.models import Decision

CAUSES = {
    Decision.Cause.SWEEP: lambda: _("chosen by the assignment"),
    Decision.Cause.CLAIM: lambda: _("took it"),
    Decision.Cause.MANUAL: lambda: _("was given it"),
}
MOST = 50


def explain_decision(decision: Decision) -> Decision:
    """Add words to a decision: what led to it, and every candidate with the first reason it lost."""
    decision.cause_words = CAUSES[decision.cause]()
    decision.people = [_candidate(each) for each in decision.candidates[:MOST] if isinstance(each, dict)]
    return decision


def _candidate(candidate: dict) -> dict[str, str]:
    colleague = directory.colleagues.get(candidate.get("agent"))
    used, capacity = candidate.get("used"), candidate.get("capacity")
    load = f"{used} / {capacity}" if used is not None and capacity is not None else ""
    return {"name": str(colleague or ""), "load": load, "lost": str(candidate.get("lost") or "")}
