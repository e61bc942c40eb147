"""What our side writes on a complaint: replies, notes, calls; and taking a reply back."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from complaints import access, timing
from complaints.clauses import CURE_LEAD, against_state, against_touching
from complaints.exceptions import NewMessagesError
from complaints.lifecycle import Status
from complaints.models import ChatSession, ClockRun, Complaint, Decision, FollowUp, Message, Outbox
from complaints.services.act import Act, lock_act, require_staff
from complaints.services.canned import note_uses
from complaints.services.cycle import unanswered_since
from complaints.services.ending import put_correction, put_resolution
from complaints.services.labels import apply_action
from complaints.services.notices import cancel_notices
from complaints.services.progress import put_answer, put_question
from complaints.services.routing import pick
from complaints.services.writing import add_contact, against_body, write_message
from complaints.signals import message_posted
from foundation.exceptions import Forbidden, Reason
from foundation.verbs import announce, require, require_version


@transaction.atomic
def post_reply(
    complaint: Complaint,
    *,
    body: str,
    by: User,
    expected_version: int | None,
    request_id: str | None = None,
    then: str = "",
    then_inputs: dict[str, Any] | None = None,
    actions: Sequence[dict[str, Any]] = (),
    canned: Mapping[str, int | None] | None = None,
    attachments: Collection[int] = (),
    seen_message_id: int | None = None,
    confirm: bool = False,
    in_chat: bool = False,
) -> Message:
    """Answer the customer. The message leaves 10 s later and can be taken back until then.

    The first human message begins the work, and answering an unassigned complaint takes it. ``then`` is "", "ask_customer" or
    "resolve" (``then_inputs``: reason_code, liability, and resolution where it differs from the body); ``actions`` are a macro's
    acts; ``canned`` are codes and versions of the canned replies that it was made of; all of it is one transaction.
    ``seen_message_id`` is the newest message that the writer has read: ``NewMessagesError`` if somebody else wrote a newer one,
    unless ``confirm``. ``in_chat``: into the live conversation that the writer has with the
    customer; it goes at once, whatever came meanwhile, and by mail only if the customer's page is not heard of. A letter without one.
    """
    act = lock_act(complaint, "reply", by=by, request_id=request_id)
    if act.is_replay:
        return act.complaint.messages.filter(author=by, kind=Message.Kind.PUBLIC).order_by("-id").first()
    chat = _conversation(act) if in_chat else None
    require_version(act.complaint, None if chat else expected_version)
    require_staff(act, "complaints.reply_complaint")
    require([*against_body(body, attachments), *_against_answering(act.complaint)])
    if not (confirm or chat):
        refuse_unseen(act.complaint, seen_message_id, by)
    leaves_at = None if chat else act.at + timing.UNDO_SEND
    message = write_message(act, body, attachments=attachments, canned_codes=list(canned or ()), leaves_at=leaves_at)
    note_uses(act, message, canned or {})
    _take_and_begin(act)
    act.answered()
    for action in actions:
        apply_action(act, action)
    if then or chat is None or _is_away(chat, act):
        FOLLOW_UPS[then](act, message, **(then_inputs or {}))
    act.finish()
    announce(message_posted, complaint=act.complaint, message=message, by=by)
    return message


def ask_customer(complaint: Complaint, *, body: str, by: User, expected_version: int | None, **reply: Any) -> Message:
    """Ask the customer for what is missing (``body`` names it) and wait for 72 hours; takes what ``post_reply`` takes."""
    return post_reply(complaint, body=body, by=by, expected_version=expected_version, then="ask_customer", **reply)


@transaction.atomic
def post_note(complaint: Complaint, *, body: str, by: User, request_id: str | None = None, attachments: Collection[int] = ()) -> Message:
    """Write an internal note; it never leaves the house and changes no state."""
    act = lock_act(complaint, "note", by=by, request_id=request_id)
    if act.is_replay:
        return act.complaint.messages.filter(author=by, kind=Message.Kind.NOTE).order_by("-id").first()
    require_staff(act, "complaints.note_complaint")
    require(against_body(body, attachments))
    message = write_message(act, body, kind=Message.Kind.NOTE, attachments=attachments)
    act.finish(raises_version=False)
    announce(message_posted, complaint=act.complaint, message=message, by=by)
    return message


@transaction.atomic
def log_call(
    complaint: Complaint, *, summary: str, is_reached: bool, by: User, expected_version: int | None, request_id: str | None = None
) -> Message:
    """Record a telephone call as a contact with a note. Reaching the customer answers them, as a message would."""
    act = lock_act(complaint, "log_call", by=by, request_id=request_id)
    if act.is_replay:
        return act.complaint.messages.filter(author=by, kind=Message.Kind.NOTE).order_by("-id").first()
    require_version(act.complaint, expected_version)
    require_staff(act, "complaints.reply_complaint")
    require([*against_body(summary, ()), *_against_answering(act.complaint)])
    contact = add_contact(act, channel=Complaint.Channel.PHONE, origin=Complaint.Origin.AGENT)
    message = write_message(act, summary, kind=Message.Kind.NOTE, contact=contact)
    act.note("call.logged", codes={"contact": contact.pk, "reached": is_reached})
    if is_reached:
        _take_and_begin(act)
        act.answered()
        if act.complaint.status == Status.WAITING_CUSTOMER:
            put_answer(act)
    act.finish()
    return message


@transaction.atomic
def retract_message(message: Message, *, by: User, request_id: str | None = None) -> Message:
    """Take a reply back before it leaves, together with the waiting or the result that was sent with it.

    ``RefusedError`` once it has left: a message that the customer has cannot be unsent.
    """
    act = lock_act(message.complaint, f"retract {message.pk}", by=by, request_id=request_id)
    message = Message.objects.select_related("author").get(pk=message.pk)
    if act.is_replay or message.retracted_at:
        return message
    require(_against_retracting(act, message))
    message.retracted_at = act.at
    message.save(update_fields=["retracted_at"])
    act.note("message.retracted", codes={"message": message.pk})
    cancel_notices(act.complaint, message=message)
    _undo_follow_up(act, message)
    _owe_again(act, message)
    act.finish()
    return message


def refuse_unseen(complaint: Complaint, seen_message_id: int | None, by: Any) -> None:
    """Refuse while there is a message of somebody else that the writer has not read; notes of colleagues count too."""
    if seen_message_id is None:
        return
    newer = complaint.messages.filter(pk__gt=seen_message_id, retracted_at__isnull=True).exclude(author=by, author__isnull=False)
    unseen = list(newer.order_by("id")[:20])
    if unseen:
        raise NewMessagesError(unseen)


def _take_and_begin(act: Act) -> None:
    if act.complaint.assignee_id is None:
        # A lead who answers may do so with full hands.
        pick(act, act.by, cause=Decision.Cause.CLAIM, reason=str(_("Answered it")) if act.is_lead else "")
    if act.complaint.status == Status.NEW:
        act.move("begin")


def _conversation(act: Act) -> ChatSession | None:
    """The live conversation that the writer has with the customer of this complaint."""
    return act.complaint.chats.filter(agent=act.by, state=ChatSession.State.ACTIVE).first()


def _is_away(chat: ChatSession, act: Act) -> bool:
    return act.at - chat.customer_seen_at > timing.CHAT_AWAY


def _just_send(act: Act, message: Message) -> None:
    act.tell("reply", message=message, at=message.leaves_at)


FOLLOW_UPS: dict[str, Callable[..., None]] = {"": _just_send, "ask_customer": put_question, "resolve": put_resolution}


def _undo_follow_up(act: Act, message: Message) -> None:
    """Undo what was done in the same act as the reply; the begin of the work stays."""
    complaint = act.complaint
    _take_reminder_back(act, message)
    same_act = complaint.events.filter(kind="status.changed", at=message.created_at)
    last_verb = same_act.order_by("-seq").values_list("codes__verb", flat=True).first()
    if complaint.status == Status.WAITING_CUSTOMER and last_verb == "ask_customer":
        put_answer(act)
        act.set(asked_count=complaint.asked_count - 1)
    elif complaint.status == Status.RESOLVED and last_verb == "resolve":
        put_correction(act, cause="retracted")


def _take_reminder_back(act: Act, message: Message) -> None:
    """What a reply promised is not promised any more."""
    promised = act.complaint.follow_ups.filter(kind=FollowUp.Kind.PROMISE, created_at=message.created_at, done_at__isnull=True)
    promised.update(done_at=act.at, done_by=act.by, outcome=FollowUp.Outcome.CANCELLED)


def _owe_again(act: Act, message: Message) -> None:
    """What the reply had answered is owed again; its clock goes on as if it had not stopped."""
    ended = [run.started_at for run in act.clocks.runs if run.kind in ClockRun.ANSWERS and run.ended_at == message.created_at]
    since = min(ended, default=None) or unanswered_since(act.complaint)
    act.set(needs_reply=since is not None, unanswered_since=since)
    if act.complaint.first_reply_at == message.created_at:
        act.set(first_reply_at=None)


def _against_answering(complaint: Complaint) -> list[Reason]:
    if complaint.status in (Status.MERGED, Status.SPAM):
        return [against_state(complaint)]
    return []


def _against_retracting(act: Act, message: Message) -> list[Reason]:
    if message.author_id != act.by.pk and not access.is_lead_of(act.by, act.complaint):
        return [Forbidden("not_author", _("Only who wrote it can take it back."), CURE_LEAD)]
    if message.leaves_at is None or message.leaves_at <= act.at:
        return [Reason("has_left", _("The message has already left."), _("Write another one to correct it."))]
    if act.complaint.outbox.filter(message=message).exclude(state__in=[Outbox.State.QUEUED, Outbox.State.CANCELLED]).exists():
        return [Reason("has_left", _("The message has already left."), _("Write another one to correct it."))]
    return list(against_touching(act.complaint))
