"""Calls to a customer: booked in a window, moved, cancelled, tried and done. Each has a clock of its own."""

from collections.abc import Collection
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
from complaints.clauses import CURE_LEAD, against_state, against_touching
from complaints.lifecycle import ENDED, Status
from complaints.models import ClockRun, Complaint, Event, FollowUp, Message
from complaints.services.act import Act, lock_act, require_staff
from complaints.services.calls import AFTER, cancel_call, cancel_calls, close_call, codes_of, end_clock, note_due
from complaints.services.conversations import tell_desk
from complaints.services.ending import put_reopening
from complaints.services.progress import put_answer
from complaints.services.writing import add_contact, write_message
from foundation.crypto import blind_index
from foundation.exceptions import Forbidden, Reason
from foundation.verbs import lock, require
from ui.normalise import normalise_phone

Callback, Outcome = FollowUp.Callback, FollowUp.Outcome
REACHED = frozenset({Outcome.REACHED_OK, Outcome.REACHED_NOT_OK})
NO_ANSWER = "no_answer"
# What an attempt can come to; after no answer we try again.
ATTEMPTS = (NO_ANSWER, Outcome.REACHED_OK, Outcome.REACHED_NOT_OK, Outcome.UNREACHABLE, Outcome.REFUSED)
FEWEST_TRIES, FEWEST_DAYS = 3, 2
REPLY = "complaints.reply_complaint"


@transaction.atomic
def book_callback(
    complaint: Complaint, window: Window, *, phone: str = "", by: User | None = None, request_id: str | None = None
) -> FollowUp:
    """Promise a call within a window: the customer books it (``by`` None), or somebody here does, who then makes it.

    Who waits in the queue meanwhile waits no longer; a call that was booked already is moved.
    One that we would have made after the result by ourselves is not made beside it. ``phone`` is kept where the complaint has none.
    ``RefusedError`` without any number, and on what is over.
    """
    act = lock_act(complaint, "callback", by=by, as_customer=by is None, request_id=request_id)
    call = promised_call(act.complaint)
    if act.is_replay:
        return call
    if by is not None:
        require_staff(act, REPLY)
    require(_against_booking(act.complaint, phone))
    if call is not None:
        return _move(act, call, window)
    cancel_calls(act, AFTER, cause="booked")
    _keep_phone(act, phone)
    call = _put_call(act, window)
    act.note("callback.requested", codes=codes_of(call) | _codes(window))
    note_due(act, call)
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
    cancel_call(act, call, cause="customer" if by is None else "agent")
    act.finish(raises_version=False)
    return call


@transaction.atomic
def take_call(call: FollowUp, *, by: User, request_id: str | None = None) -> FollowUp:
    """Make a call oneself that a colleague or nobody was to make."""
    act, call = _take_up(call, "callback_take", by=by, request_id=request_id)
    if act.is_replay or call.owner_id == by.pk:
        return call
    require_staff(act, REPLY)
    require([*_against_solver(act, call), *_against_done(call)])
    act.note("callback.given", codes=codes_of(call) | {"from": call.owner_id, "to": by.pk})
    call.owner, call.role = by, FollowUp.Role.ASSIGNEE
    call.save(update_fields=["owner", "role"])
    act.finish(raises_version=False)
    return call


@transaction.atomic
def log_attempt(call: FollowUp, *, outcome: str, summary: str = "", by: User, request_id: str | None = None) -> FollowUp:
    """Record that the customer was called and what came of it: ``NO_ANSWER``, or the outcome with which the call is done.

    Reaching them answers what they wrote. Nobody is given up on before three tries at different hours of two days. A customer for whom
    nothing is settled has the complaint reopened by the same tap.
    """
    act, call = _take_up(call, "callback_log", by=by, request_id=request_id)
    if act.is_replay:
        return call
    require_staff(act, REPLY)
    require([*_against_solver(act, call), *_against_done(call)])
    require([*_against_outcome(outcome, summary), *_against_giving_up(act, call, outcome)])
    put_attempt(act, call, outcome, summary)
    act.finish(raises_version=act.has_moved)
    return call


def put_attempt(act: Act, call: FollowUp, outcome: str, summary: str = "") -> None:
    """Record a try within an act."""
    call.attempts += 1
    _note_call(act, call, outcome, summary)
    if outcome == NO_ANSWER:
        call.save(update_fields=["attempts"])
        return
    if outcome in REACHED:
        _answer_by_voice(act, outcome, summary)
    close_call(act, call, outcome)
    act.note("callback.done", codes=codes_of(call) | {"outcome": str(outcome), "attempts": call.attempts, "agent": act.by.pk})


def promised_call(complaint: Complaint) -> FollowUp | None:
    """The call that the customer was promised and that was not made yet."""
    calls = complaint.follow_ups.filter(kind=FollowUp.Kind.CALLBACK, done_at__isnull=True, run__is_promised=True)
    return calls.select_related("run").order_by("-id").first()


def _take_up(call: FollowUp, verb: str, *, by: User | None, request_id: str | None) -> tuple[Act, FollowUp]:
    act = lock_act(call.complaint, verb, by=by, as_customer=by is None, request_id=request_id)
    return act, lock(call, "run")


def _put_call(act: Act, window: Window) -> FollowUp:
    run = act.clocks.start(ClockRun.Kind.CALLBACK, due_at=window.ends_at)
    act.clocks.write()
    kind = Callback.REQUESTED if act.by is None else Callback.SUPERVISOR if act.is_lead else Callback.PROMISED
    owner_id = act.complaint.assignee_id if act.by is None else act.by.pk
    fields = {"run": run, "owner_id": owner_id, "starts_at": window.starts_at, "due_at": window.ends_at, "created_at": act.at}
    return FollowUp.objects.create(complaint=act.complaint, kind=FollowUp.Kind.CALLBACK, callback_kind=kind, **fields)


def _move(act: Act, call: FollowUp, window: Window) -> FollowUp:
    """The old promise ends and the new one begins; a promise that was missed already stays so. From now on the customer knows of it."""
    end_clock(act, call, ClockRun.State.CANCELLED)
    call.run = act.clocks.start(ClockRun.Kind.CALLBACK, due_at=window.ends_at)
    act.clocks.write()
    call.starts_at, call.due_at = window.starts_at, window.ends_at
    call.save(update_fields=["run", "starts_at", "due_at"])
    act.note("callback.moved", codes=codes_of(call) | _codes(window))
    note_due(act, call)
    act.tell("callback", values={"call_from": window.starts_at.isoformat(), "call_until": window.ends_at.isoformat()})
    act.finish(raises_version=False)
    return call


def _note_call(act: Act, call: FollowUp, outcome: str, summary: str) -> None:
    """A customer without a number is written to instead; the letter itself is a reply on the complaint."""
    channel = Complaint.Channel.PHONE if act.complaint.contact_phone else Complaint.Channel.MAIL
    contact = add_contact(act, channel=channel, origin=Complaint.Origin.AGENT)
    if channel == Complaint.Channel.PHONE:
        act.note("call.logged", codes={"contact": contact.pk, "reached": outcome in REACHED or outcome == Outcome.REFUSED})
    tried = {"attempt": call.attempts, "outcome": str(outcome), "agent": act.by.pk}
    act.note("callback.attempted", codes=codes_of(call) | tried)
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


def _against_solver(act: Act, call: FollowUp) -> list[Reason]:
    """Whoever solved it is told less than a colleague would be."""
    if call.callback_kind != Callback.AFTER_RESOLUTION or act.by.pk != act.complaint.resolved_by_id or act.is_lead:
        return []
    return [Forbidden("solver", _("You gave this result; a colleague asks how it did."), CURE_LEAD)]


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
    return [event.at for event in attempts_on([call])]


def attempts_on(calls: Collection[FollowUp]) -> list[Event]:
    """Every try at these calls, oldest first; one query."""
    made = Event.objects.filter(complaint__in={call.complaint_id for call in calls}, kind="callback.attempted")
    return list(made.filter(codes__follow_up__in=[call.pk for call in calls]).order_by("complaint_id", "seq"))


def has_tried_enough(moments: list[datetime]) -> bool:
    """Whether these are three tries at three different hours, on two days at least."""
    local = [timezone.localtime(moment) for moment in moments]
    hours, days = {(moment.date(), moment.hour) for moment in local}, {moment.date() for moment in local}
    return len(hours) >= FEWEST_TRIES and len(days) >= FEWEST_DAYS
