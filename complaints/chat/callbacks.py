"""Calls that a customer asked for: booked in a window, moved, cancelled, tried and done. Each has a clock of its own."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from complaints import timing
from complaints.chat.access import live_chat
from complaints.chat.hours import Window
from complaints.chat.sessions import State, conclude
from complaints.clauses import against_state, against_touching
from complaints.lifecycle import ENDED, Status
from complaints.models import ClockRun, Complaint, FollowUp, Message
from complaints.services.act import Act, lock_act, require_staff
from complaints.services.conversations import tell_desk
from complaints.services.ending import put_reopening
from complaints.services.progress import put_answer
from complaints.services.writing import add_contact, write_message
from foundation.crypto import blind_index
from foundation.exceptions import Reason
from foundation.verbs import lock, require
from ui.normalise import normalise_phone

Outcome = FollowUp.Outcome
REACHED = frozenset({Outcome.REACHED_OK, Outcome.REACHED_NOT_OK})
# What an attempt can come to: "" means that nobody answered and we try again.
ATTEMPTS = ("", Outcome.REACHED_OK, Outcome.REACHED_NOT_OK, Outcome.UNREACHABLE, Outcome.REFUSED)
FEWEST_TRIES, FEWEST_DAYS = 3, 2
REPLY = "complaints.reply_complaint"


@transaction.atomic
def book_callback(
    complaint: Complaint, window: Window, *, phone: str = "", by: User | None = None, request_id: str | None = None
) -> FollowUp:
    """Promise a call within a window. Who waits in the queue meanwhile waits no longer; a call that was booked already is moved.

    ``phone`` is kept where the complaint has none. ``RefusedError`` without any number, and on what is over.
    """
    act = lock_act(complaint, "callback", by=by, as_customer=by is None, request_id=request_id)
    call = open_callback(act.complaint)
    if act.is_replay:
        return call
    require(_against_booking(act.complaint, phone))
    if call is not None:
        return _move(act, call, window)
    _keep_phone(act, phone)
    run = act.clocks.start(ClockRun.Kind.CALLBACK, due_at=window.ends_at)
    act.clocks.write()
    fields = {"run": run, "owner_id": act.complaint.assignee_id, "starts_at": window.starts_at, "due_at": window.ends_at}
    call = FollowUp.objects.create(complaint=act.complaint, kind=FollowUp.Kind.CALLBACK, created_at=act.at, **fields)
    act.note("callback.requested", codes={"follow_up": call.pk, "kind": "requested", **_codes(window)})
    act.tell("callback", values={"call_from": window.starts_at.isoformat(), "call_until": window.ends_at.isoformat()})
    session = live_chat(act.complaint)
    if session is not None:
        conclude(act, lock(session), State.CALLBACK, "chat.converted", cause="callback", follow_up=call.pk)
    else:
        act.finish(raises_version=False)
    tell_desk(act.complaint.assignee_id)
    return call


@transaction.atomic
def move_callback(call: FollowUp, window: Window, *, by: User | None = None, request_id: str | None = None) -> FollowUp:
    """Promise the call for another window; the customer is told when somebody here moves it."""
    act, call = _take_up(call, "callback_move", by=by, request_id=request_id)
    if act.is_replay:
        return call
    require(_against_done(call))
    return _move(act, call, window)


@transaction.atomic
def cancel_callback(call: FollowUp, *, reason: str = "", by: User | None = None, request_id: str | None = None) -> FollowUp:
    """No call is wanted any more; whoever says so for the customer writes down why."""
    act, call = _take_up(call, "callback_cancel", by=by, request_id=request_id)
    if act.is_replay or call.done_at:
        return call
    if by is not None:
        require_staff(act, REPLY)
        require(_against_words(reason, _("Write down in a few words why nobody need call any more.")))
        write_message(act, reason, kind=Message.Kind.NOTE)
    act.note("callback.cancelled", codes={"follow_up": call.pk, "cause": "customer" if by is None else "agent"})
    return _close(act, call, Outcome.CANCELLED)


@transaction.atomic
def log_attempt(call: FollowUp, *, outcome: str, summary: str = "", by: User, request_id: str | None = None) -> FollowUp:
    """Record that the customer was called and what came of it; "" as outcome means that nobody answered.

    Reaching them answers what they wrote. Nobody is given up on before three tries at different hours of two days. A customer for whom
    nothing is settled has the complaint reopened by the same tap.
    """
    act, call = _take_up(call, "callback_log", by=by, request_id=request_id)
    if act.is_replay:
        return call
    require_staff(act, REPLY)
    require([*_against_done(call), *_against_outcome(outcome, summary), *_against_giving_up(act, call, outcome)])
    call.attempts += 1
    _note_call(act, call, outcome, summary)
    if not outcome:
        call.save(update_fields=["attempts"])
        act.finish(raises_version=False)
        return call
    if outcome in REACHED:
        _answer_by_voice(act, outcome, summary)
    return _close(act, call, outcome)


def open_callback(complaint: Complaint) -> FollowUp | None:
    """The call that is promised and was not made yet."""
    calls = complaint.follow_ups.filter(kind=FollowUp.Kind.CALLBACK, done_at__isnull=True, starts_at__isnull=False)
    return calls.select_related("run").order_by("-id").first()


def _take_up(call: FollowUp, verb: str, *, by: User | None, request_id: str | None) -> tuple[Act, FollowUp]:
    act = lock_act(call.complaint, verb, by=by, as_customer=by is None, request_id=request_id)
    return act, lock(call, "run")


def _move(act: Act, call: FollowUp, window: Window) -> FollowUp:
    """The old promise ends and the new one begins; a promise that was missed already stays so."""
    _end_run(act, call, ClockRun.State.CANCELLED)
    call.run = act.clocks.start(ClockRun.Kind.CALLBACK, due_at=window.ends_at)
    act.clocks.write()
    call.starts_at, call.due_at = window.starts_at, window.ends_at
    call.save(update_fields=["run", "starts_at", "due_at"])
    act.note("callback.moved", codes={"follow_up": call.pk, **_codes(window)})
    act.tell("callback", values={"call_from": window.starts_at.isoformat(), "call_until": window.ends_at.isoformat()})
    act.finish(raises_version=False)
    return call


def _close(act: Act, call: FollowUp, outcome: str) -> FollowUp:
    _end_run(act, call, ClockRun.State.CANCELLED if outcome == Outcome.CANCELLED else ClockRun.State.MET)
    call.done_at, call.done_by, call.outcome = act.at, act.by, outcome
    call.save(update_fields=["attempts", "done_at", "done_by", "outcome"])
    act.finish(raises_version=act.has_moved)
    return call


def _end_run(act: Act, call: FollowUp, state: str) -> None:
    run = next((run for run in act.clocks.open_runs if run.pk == call.run_id), None)
    if run is not None:
        act.clocks.end(run, state)


def _note_call(act: Act, call: FollowUp, outcome: str, summary: str) -> None:
    contact = add_contact(act, channel=Complaint.Channel.PHONE, origin=Complaint.Origin.AGENT)
    act.note("call.logged", codes={"contact": contact.pk, "reached": outcome in REACHED or outcome == Outcome.REFUSED})
    act.note("callback.attempted", codes={"follow_up": call.pk, "attempt": call.attempts, "outcome": outcome or "no_answer"})
    if summary.strip():
        write_message(act, summary, kind=Message.Kind.NOTE, contact=contact)


def _answer_by_voice(act: Act, outcome: str, summary: str) -> None:
    complaint = act.complaint
    if complaint.status == Status.NEW and complaint.assignee_id is not None:
        act.move("begin")
    if complaint.status == Status.WAITING_CUSTOMER:
        put_answer(act)
    is_reopened = outcome == Outcome.REACHED_NOT_OK and complaint.status in (Status.RESOLVED, Status.CLOSED)
    if is_reopened and act.at - complaint.resolved_at <= timing.REOPEN_WINDOW:
        put_reopening(act, cause="callback", reason=summary)
    act.answered()


def _keep_phone(act: Act, phone: str) -> None:
    if phone and not act.complaint.contact_phone:
        act.set(contact_phone=phone, contact_phone_index=blind_index(normalise_phone(phone), purpose="phone"))


def _codes(window: Window) -> dict[str, Any]:
    return {"starts_at": window.starts_at.isoformat(), "ends_at": window.ends_at.isoformat()}


def _against_booking(complaint: Complaint, phone: str) -> list[Reason]:
    found = list(against_touching(complaint))
    if complaint.status in ENDED - {Status.CLOSED}:
        found.append(against_state(complaint))
    if not (phone or complaint.contact_phone):
        found.append(Reason("no_phone", _("We have no phone number to call."), _("Leave one.")))
    return found


def _against_done(call: FollowUp) -> list[Reason]:
    return [Reason("done", _("This call is done or cancelled."))] if call.done_at else []


def _against_outcome(outcome: str, summary: str) -> list[Reason]:
    if outcome not in ATTEMPTS:
        return [Reason("outcome", _("Say what came of the call."))]
    return _against_words(summary, _("Write down in a few words what was said.")) if outcome in REACHED else []


def _against_words(words: str, wanted: str) -> list[Reason]:
    return [] if words.strip() else [Reason("empty", wanted)]


def _against_giving_up(act: Act, call: FollowUp, outcome: str) -> list[Reason]:
    if outcome != Outcome.UNREACHABLE or has_tried_enough([*tries_of(call), act.at]):
        return []
    return [Reason("too_few_tries", _("Try at least three times, at different hours of two days."), _("Log this try as “no answer”."))]


def tries_of(call: FollowUp) -> list[datetime]:
    """When the customer was called for this."""
    tries = call.complaint.events.filter(kind="callback.attempted", codes__follow_up=call.pk)
    return list(tries.order_by("seq").values_list("at", flat=True))


def has_tried_enough(moments: list[datetime]) -> bool:
    """Whether these are three tries at three different hours, on two days at least."""
    local = [timezone.localtime(moment) for moment in moments]
    hours, days = {(moment.date(), moment.hour) for moment in local}, {moment.date() for moment in local}
    return len(hours) >= FEWEST_TRIES and len(days) >= FEWEST_DAYS
