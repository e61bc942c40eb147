"""How close a customer is to going elsewhere or to coming to harm. Machines raise the level, people may lower it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, User
from complaints.assignment.demand import raise_demand
from complaints.live import publish
from complaints.models import Complaint, FollowUp
from complaints.services.act import Act, lock_act, require_permission
from complaints.services.labels import LABEL, put_priority
from complaints.services.notices import COURTESIES, cancel_notices
from foundation.exceptions import Reason
from foundation.verbs import require, require_version

CALM, ANGRY, FURIOUS, DANGER = 0, 2, 3, 4
SAFETY, SYSTEM = "safety", "system"
# By when a lead looks at a threat, and best calls; danger to a person is looked at at once.
LEAD_LOOKS_WITHIN = timedelta(minutes=30)
LONGEST_SIGNALS, LONGEST_REASON = 80, 300


@transaction.atomic
def set_risk(
    complaint: Complaint, *, level: int, reason: str, by: User, expected_version: int | None, request_id: str | None = None
) -> Complaint:
    """Correct the risk level with a reason: down when the hint was wrong or things have calmed, up when somebody knows more.

    Priority and place in the queue stay where they are when it falls. A new message may raise it again.
    """
    act = lock_act(complaint, "set_risk", by=by, request_id=request_id)
    if act.is_replay:
        return act.complaint
    require_version(act.complaint, expected_version)
    require_permission(act, LABEL)
    require(_against_level(act.complaint, level, reason))
    act.note("risk.set", codes={"from": act.complaint.risk_level, "to": level, "cause": "person"}, payload={"reason": reason.strip()})
    raised = level > act.complaint.risk_level
    act.set(risk_level=level, risk_signals="")
    if raised:
        _follow(act, level, is_safety=False)
    return act.finish()


def raise_risk(act: Act, level: int, *, signals: Iterable[str], cause: str, message_id: int | None = None) -> None:
    """Raise the level within an act, with what follows from it; nothing happens when it is that high already.

    Danger that was not known before counts as a rise even from the highest level.
    """
    complaint, signals = act.complaint, tuple(signals)
    is_new_danger = SAFETY in signals and SAFETY not in complaint.risk_signals.split()
    if level <= complaint.risk_level and not is_new_danger:
        return
    codes = risk_codes(complaint.risk_level, level, signals, cause=cause, message_id=message_id)
    act.note("risk.set", codes=codes, author_kind=SYSTEM)
    act.set(risk_level=level, risk_signals=as_text(signals))
    _follow(act, level, is_safety=SAFETY in signals)


def take_over_risk(survivor: Act, child: Act) -> None:
    """The higher level of two complaints that become one counts, and so does what had to be looked at."""
    kept, joined = survivor.complaint, child.complaint
    if joined.risk_level <= kept.risk_level:
        return
    signals = joined.risk_signals.split()
    _move(survivor, joined.risk_level, signals, cause="merge")
    if joined.risk_level >= DANGER:
        survivor.follow_up(FollowUp.Kind.RISK, role=FollowUp.Role.LEAD, due_at=look_by(survivor.at, is_safety=SAFETY in signals))


def give_back_risk(survivor: Act, child: Act, before: dict[str, Any]) -> None:
    """Undo that, unless somebody or something changed the level since. ``before`` is what the merge noted."""
    kept, joined = survivor.complaint, child.complaint
    was = before.get("risk", kept.risk_level)
    if was < kept.risk_level == joined.risk_level and kept.risk_signals == joined.risk_signals:
        _move(survivor, was, before.get("risk_signals", "").split(), cause="unmerge")
    if joined.risk_level >= DANGER and joined.is_live:
        child.follow_up(FollowUp.Kind.RISK, role=FollowUp.Role.LEAD, due_at=look_by(child.at, is_safety=False))


def _move(act: Act, level: int, signals: Iterable[str], *, cause: str) -> None:
    signals = tuple(signals)
    act.note("risk.set", codes=risk_codes(act.complaint.risk_level, level, signals, cause=cause), author_kind=SYSTEM)
    act.set(risk_level=level, risk_signals=as_text(signals))


def risk_codes(before: int, level: int, signals: Iterable[str], *, cause: str, message_id: int | None = None) -> dict[str, Any]:
    """What the chain keeps of a rise: numbers and codes, no words."""
    return {"from": before, "to": level, "signals": list(signals), "cause": cause, "message": message_id}


def as_text(signals: Iterable[str]) -> str:
    """As ``Complaint.risk_signals`` keeps them."""
    return " ".join(signals)[:LONGEST_SIGNALS].strip()


def call_leads(complaint: Complaint) -> None:
    """Point the leads of the team at a complaint, after the commit; what they must see is kept in rows."""
    for user_id in Membership.objects.filter(team=complaint.team_id, is_lead=True).values_list("user_id", flat=True):
        publish("user", user_id)


def look_by(at: datetime, *, is_safety: bool) -> datetime:
    """By when a lead looks at a complaint whose level rose to the highest."""
    return at if is_safety else at + LEAD_LOOKS_WITHIN


def _is_looked_at(complaint: Complaint) -> bool:
    return FollowUp.objects.filter(complaint=complaint, kind=FollowUp.Kind.RISK, done_at__isnull=True).exists()


def _follow(act: Act, level: int, *, is_safety: bool) -> None:
    """What a rise sets in motion. Nothing is closed, answered or decided."""
    complaint = act.complaint
    if level >= ANGRY:
        put_priority(act, max(complaint.priority, Complaint.Priority.HIGH))
    raise_demand(complaint)
    if level >= DANGER and (is_safety or not _is_looked_at(complaint)):
        act.follow_up(FollowUp.Kind.RISK, role=FollowUp.Role.LEAD, due_at=look_by(act.at, is_safety=is_safety))
    if is_safety:
        cancel_notices(complaint, *COURTESIES)
    if level >= FURIOUS:
        call_leads(complaint)


def _against_level(complaint: Complaint, level: int, reason: str) -> list[Reason]:
    found = []
    if not CALM <= level <= DANGER:
        found.append(Reason("level", _("Choose a level from 0 to 4.")))
    if level == complaint.risk_level:
        found.append(Reason("same_level", _("It has this level already.")))
    if not reason.strip():
        found.append(Reason("no_reason", _("Say why, in a few words.")))
    elif len(reason) > LONGEST_REASON:
        found.append(Reason("too_long", _("At most %(number)s characters fit into one message.") % {"number": LONGEST_REASON}))
    return found
