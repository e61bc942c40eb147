"""A copy of everything that is kept of a person (PIPL 45, GDPR 15 and 20): one JSON file and their files, in a ZIP."""

import json
from collections.abc import Iterable
from tempfile import TemporaryFile
from typing import IO, Any
from zipfile import ZIP_STORED, ZipFile

from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from accounts.models import AccessLog
from complaints.access import public_files, public_words
from complaints.models import Attachment, Complaint, Message, Survey
from complaints.privacy.person import Person
from foundation.files import file_path
from orders.models import Customer, Order
from ui.masking import mask_name

OWN_FIELDS = (
    "number", "subject", "description", "wish", "answers", "happened_on", "order_text", "order_snapshot", "amount_fen", "currency",
    "status", "channel", "language", "outcome", "resolution", "contact_name", "contact_phone", "contact_email", "contact_hours",
    "is_proven", "filed_at", "promise_at", "first_reply_at", "resolved_at", "closed_at",
)  # fmt: skip
CUSTOMER_FIELDS = ("external_id", "name", "phone", "email", "language", "tier", "city", "since")
ORDER_FIELDS = (
    "number", "status", "currency", "total_fen", "freight_fen", "discount_fen", "placed_at", "paid_at", "shipped_at", "delivered_at",
    "receiver_name", "receiver_phone", "receiver_address", "province", "city", "buyer_note",
)  # fmt: skip
SURVEY_FIELDS = (
    "cycle", "scale", "invited_at", "delivered_at", "expired_at", "suppressed_by", "score", "solved_once", "reasons", "comment",
    "answered_at",
)  # fmt: skip
REQUEST_FIELDS = ("kind", "status", "words", "answer", "asked_at", "decided_at", "done_at")
AUTHORS = {Message.Author.CUSTOMER: "you", Message.Author.HUMAN: "staff", Message.Author.AUTO: "automatic"}


def write_copy(person: Person) -> IO[bytes]:
    """The ZIP as a file without a name, which is gone when it is closed: no copy stays behind. Reads files, so no transaction."""
    complaints = list(person.complaints())
    files = list(public_files(complaints))
    target = TemporaryFile()  # noqa: SIM115 - the answer closes it
    with ZipFile(target, "w", ZIP_STORED) as archive:
        words = json.dumps(describe_person(person, complaints, files), cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
        archive.writestr("copy.json", words)
        for file in files:
            _add(archive, file)
    target.seek(0)
    return target


def describe_person(person: Person, complaints: list[Complaint], files: list[Attachment]) -> dict[str, Any]:
    """Everything in words. Notes, liability and what concerns others stay out; of staff only a shortened name is told."""
    return {
        "made_at": timezone.now(),
        "complaints": [_complaint(each, files) for each in complaints],
        "customers": [_values(each, CUSTOMER_FIELDS) | {"consents": _consents(each)} for each in person.customers()],
        "orders": [_order(each) for each in person.orders().prefetch_related("lines", "payments", "shipments")],
    }


def name_in_copy(file: Attachment) -> str:
    return f"files/{file.pk}-{file.name}"


def _add(archive: ZipFile, file: Attachment) -> None:
    path = file_path(file.path)
    # A row whose file is missing is a fault that check_invariants reports; the rest of the copy is still owed.
    if path.is_file():
        archive.write(path, name_in_copy(file))


def _complaint(complaint: Complaint, files: list[Attachment]) -> dict[str, Any]:
    own = [file for file in files if file.complaint_id == complaint.pk]
    return _values(complaint, OWN_FIELDS) | {
        "messages": [_message(each) for each in public_words(complaint)],
        "files": [{"name": name_in_copy(file), "added_at": file.created_at, "sha256": file.sha256} for file in own],
        "history": list(complaint.events.order_by("seq").values("seq", "kind", "at")),
        "surveys": [_survey(each) for each in complaint.surveys.order_by("cycle")],
        "notices_given": list(complaint.consents.order_by("pk").values("version", "language", "text_digest", "channel", "way", "at")),
        "mails": list(complaint.outbox.order_by("pk").values("node", "state", "created_at", "sent_at")),
        "requests": [_values(each, REQUEST_FIELDS) for each in complaint.privacy_requests.order_by("pk")],
        "seen_in_full": accesses_to(complaint),
    }


def accesses_to(complaint: Complaint) -> list[dict[str, Any]]:
    """When which field or file of a complaint was looked at in full, oldest first; by whom is not told."""
    log = AccessLog.objects.filter(subject_type=Complaint._meta.label_lower, subject_id=complaint.pk)
    return list(log.order_by("pk").values("at", "act", "field"))


def _message(message: Message) -> dict[str, Any]:
    name = mask_name(message.author.name) if message.author else ""
    return {"from": AUTHORS[message.author_kind], "name": name, "at": message.created_at, "text": message.body}


def _survey(survey: Survey) -> dict[str, Any]:
    return _values(survey, SURVEY_FIELDS)


def _consents(customer: Customer) -> list[dict[str, Any]]:
    return list(customer.consents.order_by("pk").values("purpose", "is_given", "text_digest", "channel", "at"))


def _order(order: Order) -> dict[str, Any]:
    return _values(order, ORDER_FIELDS) | {
        "lines": [_values(each, ("title", "variant", "quantity", "paid_fen")) for each in order.lines.all()],
        "payments": [_values(each, ("method", "status", "amount_fen", "paid_at")) for each in order.payments.all()],
        "shipments": [_values(each, ("waybill", "status", "shipped_at", "delivered_at")) for each in order.shipments.all()],
    }


def _values(row: Any, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}
