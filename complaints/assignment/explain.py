"""Decisions in words: why an agent got a complaint, why another did not, and why it still waits."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints.assignment.agents import SHORTEST_HOURS
from complaints.models import Decision

# What stood against a candidate, or what the winner had over them.
LOST: dict[str, Promise] = {
    "inactive": _("account not active"),
    "team": _("not in the team"),
    "role": _("may not reply"),
    "named": _("named in the complaint"),
    "excluded": _("gave it back"),
    "leave": _("on leave"),
    "off_shift": _("not on shift"),
    "shift_ends": _("shift ends soon"),
    "state": _("not ready for work"),
    "silent": _("desk not open"),
    "skill": _("skill too low"),
    "language": _("does not speak the language"),
    "full": _("no room for more"),
    "held": _("room kept for who came before"),
    "kept": _("kept a moment for who knows the customer"),
    "owner": _("does not know the customer"),
    "surplus": _("needed for harder work"),
    "busy": _("already busy"),
    "pace": _("got more work in this shift"),
    "load": _("holds more work"),
    "recent": _("got the last one"),
    "order": _("equal, later in line"),
}
BLOCKED: dict[str, Promise] = {
    "nobody": _("The team has no members."),
    "inactive": _("Nobody in the team is active."),
    "team": _("The team has no members."),
    "role": _("Nobody in the team may reply."),
    "named": _("Only the person complained of is there."),
    "excluded": _("Everybody who is left gave it back."),
    "leave": _("Everybody who could take it is on leave."),
    "off_shift": _("Nobody is on shift."),
    "shift_ends": _("Everybody's shift ends soon."),
    "state": _("Nobody is ready for work."),
    "silent": _("Nobody has the desk open."),
    "skill": _("Nobody who is there has the skill."),
    "language": _("Nobody who is there speaks the language."),
    "full": _("Everybody who is there has no room."),
    "held": _("The free room is kept for who came before."),
    "kept": _("Waits a moment for who knows the customer."),
}
CHOSEN: dict[str, Promise] = {
    Decision.Cause.MANUAL: _("%(name)s was chosen by a colleague."),
    Decision.Cause.BALANCE: _("%(name)s got it when a lead balanced the work."),
    Decision.Cause.ESCALATION: _("%(name)s got it because a promise was missed."),
}


@dataclass(frozen=True)
class CandidateLine:
    """One line of the table: an agent by id, the load at that moment, and why it was not them ("" for the winner).

    ``pace`` is the units per hour of the shift that were given to them before, None where it was not recorded.
    """

    agent_id: int
    used: int
    capacity: int
    lost: str
    pace: float | None = None


def say_lost(code: str) -> str:
    """Why a candidate did not get it."""
    return str(LOST.get(code, code))


def say_blocked(code: str) -> str:
    """Why nobody could take it at the last try; "" when there was no try yet."""
    return str(BLOCKED.get(code, code))


def explain_decision(decision: Decision) -> tuple[str, list[CandidateLine]]:
    """One sentence, and a line for every candidate."""
    return str(_sentence(decision)), [_line(row) for row in decision.candidates]


def _sentence(decision: Decision) -> str:
    name = decision.winner.name
    if decision.cause == Decision.Cause.CLAIM:
        return _("%(name)s took it.") % {"name": name}
    if decision.cause in CHOSEN:
        return CHOSEN[decision.cause] % {"name": name}
    rivals = [row for row in decision.candidates[1:] if row["lost"] not in BLOCKED]
    if not rivals:
        return _("%(name)s was the only one who could take it.") % {"name": name}
    if rivals and all(row["lost"] == "owner" for row in rivals):
        return _("%(name)s knows the customer.") % {"name": name}
    return _("%(name)s suited best of %(number)d who could take it.") % {"name": name, "number": len(rivals) + 1}


def _line(row: dict[str, Any]) -> CandidateLine:
    pace = round(row["units"] / max(SHORTEST_HOURS, row["hours"]), 1) if "units" in row else None
    return CandidateLine(row["agent"], row["used"], row["capacity"], say_lost(row["lost"]) if row["lost"] else "", pace)
