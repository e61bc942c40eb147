"""What is written on a complaint: replies, notes, calls, and the customer's own messages."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from complaints import timing
from complaints.exceptions import NewMessagesError
from complaints.lifecycle import Status
from complaints.models import Complaint, Contact, Decision, Message
from complaints.services.act import Act, lock_act, require_permission
from complaints.services.evidence import claim_files, note_files
from complaints.services.labels import apply_action
from complaints.services.routing import give
from complaints.signals import message_posted
from foundation.exceptions import Reason
from foundation.verbs import announce, require, require_version

LONGEST_BODY = 8000


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
    canned_codes: Sequence[str] = (),
    attachments: Collection[int] = (),
    seen_message_id: int | None = None,
    confirm: bool = False,
) -> Message:
    """Answer the customer. The message leaves 10 s later and can be taken back until then.

    The first human message begins the work, and answering an unassigned complaint takes it. ``then`` is "", "ask_customer" or
    "resolve" (with ``then_inputs`` as for ``resolve_complaint``); ``actions`` are a macro's acts; both happen in the same
    transaction. ``seen_message_id`` is the newest message that the writer has read: ``NewMessagesError`` if there is a newer one
    of somebody else, unless ``confirm``.
    """
    act = lock_act(complaint, "reply", by=by, request_id=request_id)
    if act.is_replay:
        return act.complaint.messages.filter(author=by, kind=Message.Kind.PUBLIC).order_by("-id").first()
    require_version(act.complaint, expected_version)
    require_permission(act, "complaints.reply_complaint")
    require([*_against_body(body, attachments), *_against_answering(act.complaint)])
    if not confirm:
        refuse_unseen(act.complaint, seen_message_id, by)
    message = _write(
        act, body, kind=Message.Kind.PUBLIC, attachments=attachments, canned_codes=list(canned_codes), leaves_at=act.at + timing.UNDO_SEND
    )
    _take_and_begin(act)
    act.answered()
    _apply_actions(act, actions)
    _follow_up(act, message, then, then_inputs or {})
    act.finish()
    announce(message_posted, complaint=act.complaint, message=message, by=by)
    return message


@transaction.atomic
def post_note(complaint: Complaint, *, body: str, by: User, request_id: str | None = None, attachments: Collection[int] = ()) -> Message:
    """Write an internal note; it never leaves the house and changes no state."""
    act = lock_act(complaint, "note", by=by, request_id=request_id)
    if act.is_replay:
        return act.complaint.messages.filter(author=by, kind=Message.Kind.NOTE).order_by("-id").first()
    require_permission(act, "complaints.note_complaint")
    require(_against_body(body, attachments))
    message = _write(act, body, kind=Message.Kind.NOTE, attachments=attachments)
    act.finish(raises_version=False)
    announce(message_posted, complaint=act.complaint, message=message, by=by)
    return message


def refuse_unseen(complaint: Complaint, seen_message_id: int | None, by: Any) -> None:
    """Refuse while there is a message of somebody else that the writer has not read; notes of colleagues count too."""
    if seen_message_id is None:
        return
    newer = complaint.messages.filter(pk__gt=seen_message_id, retracted_at__isnull=True).exclude(author=by, author__isnull=False)
    unseen = list(newer.order_by("id")[:20])
    if unseen:
        raise NewMessagesError(unseen)


def _write(
    act: Act,
    body: str,
    *,
    kind: str,
    author_kind: str = Message.Author.HUMAN,
    contact: Contact | None = None,
    attachments=(),
    draft=None,
    **fields: Any,
) -> Message:
    """Insert a message with its files and note both."""
    message = Message.objects.create(
        complaint=act.complaint,
        contact=contact,
        kind=kind,
        author_kind=author_kind,
        author=act.by,
        body=body.strip(),
        language=act.complaint.language,
        created_at=act.at,
        **fields,
    )
    is_public = kind == Message.Kind.PUBLIC
    codes = {
        "message": message.pk,
        "contact": contact and contact.pk,
        "author_kind": author_kind,
        "public": is_public,
        "thanks": message.is_thanks,
    }
    if message.canned_codes:
        codes["canned"] = message.canned_codes
    act.note("message.posted", codes=codes, payload={"body": message.body})
    note_files(act, claim_files(act.complaint, message=message, ids=attachments, draft=draft, by=act.by, is_internal=not is_public))
    if is_public:
        act.set(last_message_at=act.at)
    return message


def _take_and_begin(act: Act) -> None:
    if act.complaint.assignee_id is None:
        give(act, act.by, cause=Decision.Cause.CLAIM)
    if act.complaint.status == Status.NEW:
        act.move("begin")


def _apply_actions(act: Act, actions: Sequence[dict[str, Any]]) -> None:
    for action in actions:
        apply_action(act, action)


def _follow_up(act: Act, message: Message, then: str, inputs: dict[str, Any]) -> None:
    FOLLOW_UPS[then](act, message, **inputs)


def _just_send(act: Act, message: Message) -> None:
    act.tell("reply", message=message, at=message.leaves_at)


FOLLOW_UPS: dict[str, Callable[..., None]] = {"": _just_send}


def _against_body(body: str, attachments: Collection[int]) -> list[Reason]:
    if not body.strip() and not attachments:
        return [Reason("empty", _("Write something, or add a file."))]
    if len(body) > LONGEST_BODY:
        return [Reason("too_long", _("At most %(number)s characters fit into one message.") % {"number": LONGEST_BODY})]
    return []


def _against_answering(complaint: Complaint) -> list[Reason]:
    if complaint.status in (Status.MERGED, Status.SPAM):
        return [Reason("state", _("Not possible while the complaint is “%(status)s”.") % {"status": complaint.get_status_display()})]
    return []
