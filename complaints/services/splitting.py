"""Two matters in one complaint: the chosen messages go on as a complaint of their own, and each side says where the other is."""

import secrets
from collections.abc import Collection, Iterable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from complaints import access
from complaints.models import Attachment, Category, Complaint, Link, Message
from complaints.services.act import RELATED, Act, take_up
from complaints.services.evidence import file_codes
from complaints.services.filing import Filing, file_complaint, submission_digest
from foundation.exceptions import Reason
from foundation.verbs import lock, require

KEPT = (
    "wish", "customer", "order", "order_text", "order_snapshot", "line_ids", "amount_fen", "currency", "contact_name", "contact_phone",
    "contact_email", "contact_hours", "is_proven", "language", "channel",
)  # fmt: skip


@transaction.atomic
def split_complaint(
    complaint: Complaint,
    *,
    messages: Collection[int],
    category: Category,
    subject: str = "",
    by: User,
    expected_version: int | None,
    request_id: str | None = None,
) -> Complaint:
    """File the chosen messages of a complaint's thread as a new complaint of the same customer and return the new one.

    Messages and files are copied, so nothing leaves the old thread; both chains name the other complaint and every copy its origin.
    The customer gets a receipt with the new number.
    """
    act = take_up(complaint, "split", by=by, expected_version=expected_version, request_id=request_id)
    key = f"split:{complaint.pk}:{request_id}" if request_id else None
    if act.is_replay:
        return Complaint.objects.get(submission_digest=submission_digest(key, by))
    chosen = list(choosable_messages(act.complaint).filter(pk__in=messages).prefetch_related("attachments"))
    require(_against_choice(chosen, messages))
    first = next(each for each in chosen if each.author_kind == Message.Author.CUSTOMER)
    part = file_complaint(_filing(act.complaint, first, category, subject), by=by, request_id=key)
    copies = _fill(part, first, chosen, act)
    Link.objects.create(source=part, target=act.complaint, kind=Link.Kind.SPLIT)
    act.note("complaint.split", codes={"role": "source", "other": part.pk, "number": part.number, "messages": copies})
    act.finish()
    return part


def choosable_messages(complaint: Complaint) -> QuerySet[Message]:
    """What can go on by itself: everything in the thread that was really said."""
    thread = access.thread_of(complaint, is_staff=True).filter(retracted_at__isnull=True)
    return thread.exclude(leaves_at__gt=timezone.now())


def _against_choice(chosen: list[Message], asked: Collection[int]) -> list[Reason]:
    if len(chosen) != len(set(asked)):
        return [Reason("message_gone", _("A chosen message is no longer there."), _("Choose again."))]
    if not any(each.author_kind == Message.Author.CUSTOMER for each in chosen):
        return [Reason("no_customer", _("Choose at least one message of the customer."))]
    return []


def _filing(complaint: Complaint, first: Message, category: Category, subject: str) -> Filing:
    """The new complaint with everything that is known of the customer and the order."""
    return Filing(
        merchant=complaint.merchant,
        category=category,
        form=category.forms.order_by("-version").first(),
        subject=subject.strip(),
        description=first.body or subject.strip() or complaint.subject,
        origin=Complaint.Origin.AGENT,
        **{name: getattr(complaint, name) for name in KEPT},
    )


def _fill(part: Complaint, first: Message, chosen: list[Message], source: Act) -> list[list[int]]:
    """Bring the copies into the new complaint; returns each origin with its copy. Times stay those of the originals."""
    act = Act(lock(part, *RELATED), by=source.by)
    filed = part.messages.get()
    Message.objects.filter(pk=filed.pk).update(created_at=first.created_at)
    copies = {each.pk: filed if each.pk == first.pk else _copy(each, act, filed.contact_id) for each in chosen}
    files = [_copy_file(file, part, copies[each.pk]) for each in chosen for file in each.attachments.all()]
    if files:
        act.note("evidence.added", codes=file_codes(Attachment.objects.bulk_create(files)))
    pairs = [[origin, copy.pk] for origin, copy in copies.items()]
    codes = {"role": "part", "other": source.complaint.pk, "number": source.complaint.number, "messages": pairs}
    act.note("complaint.split", codes=codes)
    act.finish(raises_version=False)
    return pairs


def _copy(origin: Message, act: Act, contact_id: int | None) -> Message:
    """A message with its author and time. Its event is of a kind of its own: nobody answered the customer a second time."""
    copy = Message.objects.create(
        complaint=act.complaint,
        contact_id=contact_id if origin.author_kind == Message.Author.CUSTOMER else None,
        **{name: getattr(origin, name) for name in COPIED},
    )
    codes = {"message": copy.pk, "from": origin.pk, "complaint": origin.complaint_id, "author_kind": origin.author_kind}
    act.note("message.copied", codes=codes, payload={"body": origin.body})
    return copy


COPIED = ("kind", "author_kind", "author", "body", "card", "language", "is_thanks", "canned_codes", "created_at")


def _copy_file(origin: Attachment, part: Complaint, message: Message) -> Attachment:
    """A row of its own with a name of its own, for the same file on disk."""
    values: dict[str, Any] = {name: getattr(origin, name) for name in FILE_FIELDS}
    return Attachment(key=secrets.token_hex(16), complaint=part, message=message, **values)


FILE_FIELDS: Iterable[str] = (
    "uploaded_by", "kind", "name", "media_type", "size", "sha256", "path", "preview_path", "thumb_path", "width", "height", "taken_at",
    "is_internal",
)  # fmt: skip
