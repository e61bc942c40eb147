"""Why an agent got a complaint, or why it still waits, as the desk shows it."""

from complaints.assignment import explain
from complaints.desk import directory
from complaints.models import AssignmentRequest, Decision

MOST = 50


def explain_decision(decision: Decision) -> Decision:
    """Add words to a decision: one sentence, and every candidate with the first reason it lost."""
    decision.sentence, lines = explain.explain_decision(decision)
    decision.people = [_person(line) for line in lines[:MOST]]
    return decision


def explain_waiting(request: AssignmentRequest | None) -> AssignmentRequest | None:
    """Add to a waiting request why nobody could take it at the last try."""
    if request is not None:
        request.block_words = explain.say_blocked(request.blocked_by)
    return request


def _person(line: explain.CandidateLine) -> dict[str, str]:
    name = str(directory.colleagues.get(line.agent_id) or "")
    return {"name": name, "load": f"{line.used} / {line.capacity}", "lost": line.lost}
