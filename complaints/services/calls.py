"""What becomes of calls as a complaint moves: one is owed a day after its result, and those that have lost their sense are ended.

Booking, moving and logging calls by hand are verbs of their own (``complaints.chat.callbacks``). Knows no other verb, so that every act
can end calls, whichever verb it carries out.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Count

from accounts import roles
from complaints import timing
from complaints.assignment.agents import read_agents
from complaints.assignment.candidates import Need, bars_against
from complaints.chat.hours import stretch_after
from complaints.models import ClockRun, Complaint, FollowUp
from foundation.batch import take_ids

Callback, Kind, Outcome, Role = FollowUp.Callback, FollowUp.Kind, FollowUp.Outcome, FollowUp.Role
EVERY = frozenset(Callback)
AFTER = frozenset({Callback.AFTER_RESOLUTION})
# Which open calls end with which verb: who withdrew waits for none, and nobody is asked how a result did that is none any more.
ENDED_BY: dict[str, Collection[str]] = {"withdraw": EVERY, "mark_spam": EVERY, "reopen": AFTER}
# What keeps somebody from being called by an agent who is there at another hour.
BARS_OF_CALLING = frozenset({"inactive", "team", "role", "named", "leave"})


def book_after_resolution(act: Any) -> None:
    """Have somebody else than the solver ask the customer, a day after the result, whether all is well. The customer is told nothing.

    The call may be made in the first opened stretch from 24 hours after the result on, and is due at its end.
    """
    complaint = act.complaint
    cause = _against_asking(complaint)
    if cause:
        about = {"follow_up": None, "kind": str(Callback.AFTER_RESOLUTION), "cycle": complaint.cycle, "cause": cause}
        act.note("callback.cancelled", codes=about)
        return
    window, owner_id = stretch_after(act.at + timing.CALL_AFTER), _choose_caller(act)
    call = FollowUp(
        pk=take_ids(FollowUp)[0],
        kind=Kind.CALLBACK,
        callback_kind=Callback.AFTER_RESOLUTION,
        role=Role.LEAD if owner_id is None else Role.ASSIGNEE,
        owner_id=owner_id,
        run=act.clocks.start(ClockRun.Kind.CALLBACK, due_at=window.ends_at, is_promised=False),
        starts_at=window.starts_at,
        due_at=window.ends_at,
    )
    act.add_follow_up(call)
    note_due(act, call)


def end_calls(act: Any, verbs: Collection[str]) -> None:
    """End the open calls that lose their sense with these verbs, within the act that carries them out."""
    for verb in verbs:
        kinds = AFTER if verb == "confirm" and act.as_customer else ENDED_BY.get(verb, ())
        if kinds:
            cancel_calls(act, kinds, cause=verb)


def cancel_calls(act: Any, kinds: Collection[str], *, cause: str) -> None:
    """End open calls of these kinds: nobody makes them any more."""
    for call in _open_calls(act.complaint).filter(callback_kind__in=kinds):
        cancel_call(act, call, cause=cause)


def cancel_call(act: Any, call: FollowUp, *, cause: str) -> None:
    act.note("callback.cancelled", codes=codes_of(call) | {"cause": cause})
    close_call(act, call, Outcome.CANCELLED)


def close_call(act: Any, call: FollowUp, outcome: str) -> None:
    """Write down how a call ended, and end its clock."""
    end_clock(act, call, ClockRun.State.CANCELLED if outcome == Outcome.CANCELLED else ClockRun.State.MET)
    call.done_at, call.done_by, call.outcome = act.at, act.by, outcome
    call.save(update_fields=["attempts", "done_at", "done_by", "outcome"])


def end_clock(act: Any, call: FollowUp, state: str) -> None:
    run = next((run for run in act.clocks.open_runs if run.pk == call.run_id), None)
    if run is not None:
        act.clocks.end(run, state)


def take_over_calls(survivor: Any, child: Any) -> None:
    """Calls go with what is joined; of two of one kind the sooner stands. Of the joined result nobody is asked any more."""
    cancel_calls(child, AFTER, cause="merge")
    own = {call.callback_kind: call for call in _open_calls(survivor.complaint)}
    for call in _open_calls(child.complaint):
        twin = own.get(call.callback_kind)
        if twin is not None:
            act, later = (child, call) if call.due_at >= twin.due_at else (survivor, twin)
            cancel_call(act, later, cause="merge")
    _open_calls(child.complaint).update(complaint=survivor.complaint)


def open_call_ids(complaint: Complaint) -> list[int]:
    """The calls that go along when a complaint is joined into another one."""
    return list(_open_calls(complaint).exclude(callback_kind__in=AFTER).values_list("pk", flat=True))


def give_calls_back(survivor: Any, child: Any, call_ids: Collection[int]) -> None:
    """Calls that came with a joined complaint go with it again, if they are still owed."""
    calls = list(_open_calls(survivor.complaint).filter(pk__in=call_ids))
    run_ids = {call.run_id for call in calls}
    child.clocks.adopt([run for run in survivor.clocks.open_runs if run.pk in run_ids], of=survivor.clocks)
    for call in calls:
        survivor.note("callback.cancelled", codes=codes_of(call) | {"cause": "unmerge"})
        note_due(child, call)
    FollowUp.objects.filter(pk__in=[call.pk for call in calls]).update(complaint=child.complaint)


def give_call_back(child: Any, *, merged_at: datetime) -> None:
    """Owe the call about a result again that ended only because its complaint was joined into another one."""
    ended = {"callback_kind": Callback.AFTER_RESOLUTION, "done_at": merged_at, "outcome": Outcome.CANCELLED}
    for call in FollowUp.objects.filter(complaint=child.complaint, **ended).select_related("run"):
        child.clocks.take_back(next(run for run in child.clocks.runs if run.pk == call.run_id))
        call.done_at, call.done_by, call.outcome = None, None, ""
        call.save(update_fields=["done_at", "done_by", "outcome"])
        note_due(child, call)


def note_due(act: Any, call: FollowUp) -> None:
    """Note by when a call is owed, at its booking and whenever it is moved: the figures count a call in the period in which it is due."""
    act.note("callback.due", codes=codes_of(call) | {"starts_at": _iso(call.starts_at), "owner": call.owner_id})


def codes_of(call: FollowUp) -> dict[str, Any]:
    """What every event of a call keeps for ever."""
    return {"follow_up": call.pk, "kind": str(call.callback_kind), "cycle": call.run.cycle, "due_at": _iso(call.due_at)}


def _open_calls(complaint: Complaint):
    return FollowUp.objects.filter(complaint=complaint, kind=Kind.CALLBACK, done_at__isnull=True).select_related("run").order_by("pk")


def _against_asking(complaint: Complaint) -> str:
    """Why the customer is not asked after a result; "" when they are."""
    if complaint.origin == Complaint.Origin.IMPORT:
        return "imported"
    return "" if complaint.contact_phone or complaint.contact_email else "no_contact"


def _choose_caller(act: Any) -> int | None:
    """The agent of the team with the fewest open calls, then the smallest id; neither the solver nor whose complaint it is."""
    complaint = act.complaint
    need, parties = Need.of(complaint), {act.by and act.by.pk, complaint.assignee_id}
    agents = [agent for agent in read_agents(team_ids=[complaint.team_id]) if roles.AGENT in agent.roles and agent.id not in parties]
    able = [agent.id for agent in agents if not bars_against(agent, need, among=BARS_OF_CALLING)]
    waiting = FollowUp.objects.filter(kind=Kind.CALLBACK, done_at__isnull=True, owner__in=able)
    counts = dict(waiting.order_by().values_list("owner").annotate(Count("pk")))
    return min(able, key=lambda user_id: (counts.get(user_id, 0), user_id), default=None)


def _iso(moment: datetime) -> str:
    return moment.isoformat()
