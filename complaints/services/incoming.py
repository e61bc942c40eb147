"""The customer's own messages. They never meet a closed door."""

from collections.abc import Callable, Collection
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from complaints import timing
from complaints.cards import card_of, words_of
from complaints.clauses import against_touching
from complaints.emotion.effects import put_reading, read_message
from complaints.lifecycle import Status
from complaints.models import Complaint, Contact, Draft, Message
from complaints.services.act import RELATED, Act, lock_act, require_permission
from complaints.services.ending import put_reopening
from complaints.services.evidence import claim_files, note_files
from complaints.services.filing import Filing, file_complaint
from complaints.services.joining import put_restored
from complaints.services.progress import put_answer, put_awake
from complaints.services.writing import against_body, write_message
from complaints.signals import message_posted
from complaints.thanks import is_thanks_only
from foundation.exceptions import Reason
from foundation.verbs import announce, is_replay, lock, require


@transaction.atomic
def post_customer_message(
    complaint: Complaint,
    *,
    body: str,
    attachments: Collection[int] = (),
    draft: Draft | None = None,
    uploaded_by: User | None = None,
    request_id: str | None = None,
    channel: str = Complaint.Channel.WEB,
    order_line: int | None = None,
) -> Message:
    """Take in what a customer writes, whatever state the complaint is in.

    It answers, wakes, reopens or restores; on a merged complaint the survivor is moved and the message keeps its contact; after
    the 14 days of reopening it becomes a new, linked complaint (then ``message.complaint`` is that one). Mere thanks move nothing.
    Refused on an erased one: it takes nothing in and has no contact for a new one.
    Files come by ``attachments`` or all of a ``draft``; ``uploaded_by`` is the account that brought them on the customer's behalf.
    ``order_line`` is an item of the proven order that goes along as a card.
    """
    home, act = _lock_both(complaint)
    if is_replay(home, "customer_message", request_id, by=None):
        return _last_message(home)
    has_files = bool(attachments) or (draft is not None and draft.attachments.exists())
    card = card_of(home, order_line) if order_line else None
    require([*against_touching(home), *_against_card(order_line, card), *against_body(body, has_files or card)])
    act.clocks.channel = channel
    is_thanks = not (has_files or card) and is_thanks_only(body)
    text = body if body.strip() or card is None else words_of(card)
    brought = {"attachments": attachments, "draft": draft, "uploaded_by": uploaded_by}
    if act.complaint.erased_at:  # what it was joined into is gone, with the contact
        return _file_anew(home, text, request_id, channel, **brought)
    if is_too_late(act) and not is_thanks:
        return _file_anew(act.complaint, text, request_id, channel, **brought)
    reading = read_message(act, body)
    message = _write(home, act, text, channel, **brought, is_thanks=is_thanks, risk_marks=reading.as_rows(), card=card)
    if not is_thanks:
        WELCOMES[act.complaint.status](act)
    put_reading(act, message, reading)
    act.set(last_message_at=act.at)
    act.finish(raises_version=act.has_moved)
    announce(message_posted, complaint=act.complaint, message=message, by=None)
    return message


@transaction.atomic
def add_evidence(
    complaint: Complaint, *, attachments: Collection[int], by: User | None = None, as_customer: bool = False, request_id: str | None = None
) -> Complaint:
    """Add files to a complaint without words. From the customer they count as the answer that was asked for."""
    if as_customer:
        return post_customer_message(complaint, body="", attachments=attachments, request_id=request_id).complaint
    act = lock_act(complaint, "evidence", by=by, request_id=request_id)
    if act.is_replay:
        return act.complaint
    require_permission(act, "complaints.reply_complaint")
    note_files(act, claim_files(act.complaint, ids=attachments, by=by))
    return act.finish(raises_version=False)


def _lock_both(complaint: Complaint) -> tuple[Complaint, Act]:
    """The complaint that the customer wrote on, and an act on the one that answers it: the survivor, if it was merged.

    Both are locked, the lower number first; a merge or its undoing that came in between is followed.
    """
    target_id = Complaint.objects.filter(pk=complaint.pk).values_list("merged_into_id", flat=True).get()
    while True:
        rows = {pk: lock(Complaint(pk=pk), *RELATED) for pk in sorted({complaint.pk, target_id or complaint.pk})}
        home = rows[complaint.pk]
        if home.merged_into_id == target_id:
            return home, Act(rows.get(target_id, home), by=None, as_customer=True)
        target_id = home.merged_into_id


def _against_card(order_line: int | None, card: dict[str, Any] | None) -> list[Reason]:
    if order_line and card is None:
        return [Reason("no_card", _("This item cannot be sent here."), _("Write its name instead."))]
    return []


def _write(home: Complaint, act: Act, body: str, channel: str, **message) -> Message:
    """Write the message on the complaint that it came by; that one has its own chain."""
    own = act if home.pk == act.complaint.pk else Act(home, by=None, as_customer=True)
    contact = home.contacts.filter(channel=channel).order_by("-id").first() or Contact.objects.create(
        complaint=home, channel=channel, origin=Complaint.Origin.CUSTOMER, at=act.at
    )
    written = write_message(own, body, author_kind=Message.Author.CUSTOMER, contact=contact, **message)
    if own is not act:
        own.finish(raises_version=False)
        act.note("message.joined", codes={"message": written.pk, "complaint": home.pk})
    return written


def is_too_late(act: Act) -> bool:
    """Whether the complaint is past reopening, so that what comes now begins a new one."""
    complaint = act.complaint
    return complaint.status in (Status.RESOLVED, Status.CLOSED) and act.at - complaint.resolved_at > timing.REOPEN_WINDOW


def _file_anew(old: Complaint, body: str, request_id: str | None, channel: str, **files) -> Message:
    """A new complaint with what is known from the old one, linked to it."""
    filing = Filing(
        merchant=old.merchant,
        category=old.category,
        form=old.form,
        description=body,
        follows=old,
        channel=channel,
        token=f"follow:{old.pk}:{request_id}" if request_id else "",
        **{name: getattr(old, name) for name in KEPT},
        **files,
    )
    return file_complaint(filing).messages.order_by("id").first()


KEPT = (
    "wish", "customer", "order", "order_text", "order_snapshot", "line_ids", "amount_fen", "currency", "contact_name", "contact_phone",
    "contact_email", "contact_hours", "is_proven", "language",
)  # fmt: skip


def _last_message(home: Complaint) -> Message:
    """The message that the first sending of this request made, here or in the new complaint that it became."""
    own = home.messages.filter(author_kind=Message.Author.CUSTOMER).order_by("-id").first()
    follower = home.linked_from.filter(kind="follows").order_by("-id").select_related("source").first()
    newest = follower and follower.source.messages.order_by("id").first()
    return newest if newest and newest.pk > own.pk else own


def _take(act: Act) -> None:
    act.owe_answer()


def _answer(act: Act) -> None:
    put_answer(act)
    act.owe_answer()


def _wake(act: Act) -> None:
    put_awake(act)
    act.owe_answer()


def _reopen(act: Act) -> None:
    put_reopening(act, cause="customer")


def _restore(act: Act) -> None:
    put_restored(act)
    act.owe_answer()


def _keep(act: Act) -> None:
    """A withdrawn complaint keeps the words; resuming it is the customer's own decision, which the page offers."""


WELCOMES: dict[str, Callable[[Act], None]] = {
    Status.NEW: _take,
    Status.OPEN: _take,
    Status.WAITING_INTERNAL: _take,
    Status.WAITING_CUSTOMER: _answer,
    Status.SNOOZED: _wake,
    Status.RESOLVED: _reopen,
    Status.CLOSED: _reopen,
    Status.SPAM: _restore,
    Status.WITHDRAWN: _keep,
}
