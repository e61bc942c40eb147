"""Putting a message into the thread, within the act of whichever verb it belongs to."""

import re
from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext_lazy as _

from complaints.models import Contact, Message
from complaints.services.act import Act
from complaints.services.evidence import claim_files, note_files
from foundation.exceptions import Reason

LONGEST_BODY = 8000
# What the database cannot hold.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def write_message(
    act: Act,
    body: str,
    *,
    kind: str = Message.Kind.PUBLIC,
    author_kind: str = Message.Author.HUMAN,
    contact: Contact | None = None,
    attachments: Collection[int] = (),
    draft: Any = None,
    uploaded_by: Any = None,
    **fields: Any,
) -> Message:
    """Insert a message with its files, which ``uploaded_by`` or the writer brought, within an act and note both."""
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
    act.note(
        "message.posted", codes=posted_codes(message), payload={"body": message.body} | ({"card": message.card} if message.card else {})
    )
    is_note = kind == Message.Kind.NOTE
    uploader = uploaded_by or act.by
    note_files(act, claim_files(act.complaint, message=message, ids=attachments, draft=draft, by=uploader, is_internal=is_note))
    if not is_note:
        act.set(last_message_at=act.at)
    return message


def add_contact(act: Act, *, channel: str, origin: str) -> Contact:
    """Note another way in which the customer came or was reached."""
    contact = Contact.objects.create(complaint=act.complaint, channel=channel, origin=origin, at=act.at)
    act.note("contact.added", codes={"contact": contact.pk, "channel": channel, "origin": origin})
    return contact


def posted_codes(message: Message) -> dict[str, Any]:
    """What the chain keeps of a message for ever."""
    codes = {
        "message": message.pk,
        "contact": message.contact_id,
        "author_kind": message.author_kind,
        "public": message.kind == Message.Kind.PUBLIC,
        "thanks": message.is_thanks,
    }
    return codes | ({"canned": message.canned_codes} if message.canned_codes else {})


def against_body(body: str, attachments: Any) -> list[Reason]:
    """Reasons that lie in the text itself."""
    if not body.strip() and not attachments:
        return [Reason("empty", _("Write something, or add a file."))]
    if UNSTORABLE.search(body):
        return [Reason("unstorable", _("The text holds signs that cannot be kept."), _("Take them out and send it again."))]
    if len(body) > LONGEST_BODY:
        return [Reason("too_long", _("At most %(number)s characters fit into one message.") % {"number": LONGEST_BODY})]
    return []
