"""Moving a complaint along while it is worked on."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from complaints import timing
from complaints.lifecycle import Status
from complaints.models import Complaint, Message
from complaints.services.act import Act, take_up
from complaints.services.cycle import end_waiting
from complaints.services.follow_ups import follow_missed_answer
from complaints.services.writing import write_message
from foundation.exceptions import Reason
from foundation.verbs import require


@transaction.atomic
def begin_complaint(
    complaint: Complaint, *, by: User | None, expected_version: int | None = None, request_id: str | None = None
) -> Complaint:
    """Begin the work before there is something to say; the customer learns who has it."""
    act = take_up(complaint, "begin", by=by, expected_version=expected_version, request_id=request_id)
    if act.is_replay:
        return act.complaint
    act.move("begin")
    act.tell("begun")
    return act.finish()


def put_question(act: Act, message: Message) -> None:
    """Within a reply: wait for the customer for 72 hours, with reminders after 24 and 48."""
    act.check("ask_customer")
    act.move("ask_customer")
    act.set(asked_count=act.complaint.asked_count + 1, timer_at=act.at + timing.ANSWER_WAIT, no_reply=False)
    act.note("waiting.set", codes={"waiting_on": "customer"})
    act.tell("asked", message=message, at=message.leaves_at)
    for node, wait in timing.REMINDERS.items():
        act.tell(node, at=act.at + wait)


@transaction.atomic
def answer_complaint(
    complaint: Complaint, *, summary: str, by: User, expected_version: int | None, request_id: str | None = None
) -> Complaint:
    """Go on after the customer answered outside (by phone, in a shop): ``summary`` says what they said."""
    act = take_up(complaint, "answer", by=by, expected_version=expected_version, request_id=request_id)
    if act.is_replay:
        return act.complaint
    require(_against_empty(summary))
    put_answer(act)
    write_message(act, summary, kind=Message.Kind.NOTE, author_kind=_voice(by))
    return act.finish()


def put_answer(act: Act) -> None:
    """The customer has answered: work goes on and the reminders end."""
    act.move("answer")
    end_waiting(act)
    act.note("waiting.set", codes={"waiting_on": "us"})


@transaction.atomic
def miss_answer(complaint: Complaint) -> Complaint:
    """The 72 hours are over: go on with what there is. Only the timer does this."""
    act = take_up(complaint, "no_answer", by=None)
    act.move("no_answer")
    end_waiting(act)
    act.set(no_reply=True)
    act.note("waiting.set", codes={"waiting_on": "us"})
    act.tell("no_answer")
    follow_missed_answer(act)
    return act.finish()


@transaction.atomic
def hand_over(
    complaint: Complaint,
    *,
    department: str,
    owner: str,
    expected_on: date,
    by: User | None,
    expected_version: int | None,
    request_id: str | None = None,
) -> Complaint:
    """Pass a complaint to another department with a named person and a day; the assignee keeps following it."""
    act = take_up(complaint, "hand_over", by=by, expected_version=expected_version, request_id=request_id)
    if act.is_replay:
        return act.complaint
    require(_against_handing_over(department, owner, expected_on))
    act.move("hand_over")
    put_waiting(act, department, expected_on, owner=owner)
    act.tell("handed_over", values={"department": department, "date": expected_on.isoformat()})
    return act.finish()


def put_waiting(act: Act, department: str, until: date, *, owner: str = "") -> None:
    """Whom a complaint that was handed over waits for, until when, and if it is known, for which person."""
    act.set(waiting_on=department, waiting_until=until)
    codes = {"waiting_on": str(department), "until": until.isoformat()}
    act.note("waiting.set", codes=codes, payload={"owner": owner} if owner else None)


@transaction.atomic
def hand_back(
    complaint: Complaint, *, summary: str, by: User | None, expected_version: int | None, request_id: str | None = None
) -> Complaint:
    """Take a complaint back from a department; ``summary`` is what it found out and becomes a note."""
    act = take_up(complaint, "hand_back", by=by, expected_version=expected_version, request_id=request_id)
    if act.is_replay:
        return act.complaint
    require(_against_empty(summary))
    department = act.complaint.waiting_on
    put_handed_back(act)
    write_message(act, summary, kind=Message.Kind.NOTE, author_kind=_voice(by))
    act.tell("handed_back", values={"department": department})
    return act.finish()


def put_handed_back(act: Act) -> None:
    """Nobody else is waited for any more."""
    act.move("hand_back")
    end_waiting(act)
    act.note("waiting.set", codes={"waiting_on": "us"})


@transaction.atomic
def snooze_complaint(
    complaint: Complaint, *, until: datetime, reason: str, by: User, expected_version: int | None, request_id: str | None = None
) -> Complaint:
    """Put a complaint aside until a moment; promises run on, so it must come before the next one."""
    act = take_up(complaint, "snooze", by=by, expected_version=expected_version, request_id=request_id)
    if act.is_replay:
        return act.complaint
    require([*_against_empty(reason), *_against_moment(act, until)])
    act.move("snooze")
    act.set(timer_at=until)
    act.note("snoozed", codes={"until": until.isoformat()}, payload={"reason": reason})
    return act.finish()


@transaction.atomic
def wake_complaint(
    complaint: Complaint, *, by: User | None = None, expected_version: int | None = None, request_id: str | None = None
) -> Complaint:
    """Bring a snoozed complaint back to where it was."""
    act = take_up(complaint, "wake", by=by, expected_version=expected_version, request_id=request_id)
    if act.is_replay:
        return act.complaint
    put_awake(act)
    return act.finish()


def put_awake(act: Act) -> None:
    act.move("wake")
    act.set(timer_at=None)


def _voice(by: User | None) -> str:
    return Message.Author.AUTO if by is None else Message.Author.HUMAN


def _against_empty(text: str) -> list[Reason]:
    return [] if text.strip() else [Reason("empty", _("Say why, in a few words."))]


def _against_handing_over(department: str, owner: str, expected_on: date) -> list[Reason]:
    found = []
    if department not in Complaint.Department.values:
        found.append(Reason("department", _("Choose the department.")))
    if not owner.strip():
        found.append(Reason("owner", _("Name the person who has it there.")))
    if expected_on < timezone.localdate():
        found.append(Reason("past", _("Choose a day from today on.")))
    return found


def _against_moment(act: Act, until: datetime) -> list[Reason]:
    complaint = act.complaint
    found = []
    if until <= act.at:
        found.append(Reason("past", _("Choose a moment to come.")))
    if until > act.at + timing.LONGEST_SNOOZE:
        found.append(Reason("too_far", _("At most 7 days.")))
    owes = complaint.first_reply_at is None or complaint.needs_reply or complaint.status == Status.WAITING_INTERNAL
    if owes and until > complaint.due_at:
        found.append(
            Reason("after_promise", _("The customer was promised an answer before that."), _("Answer first, or choose an earlier time."))
        )
    return found
