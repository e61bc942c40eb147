"""Words of a complaint without the people in it, for articles and their phrasings."""

import re
from collections import Counter

from django.db.models import QuerySet
from django.utils.translation import override

from complaints.models import Complaint, Message
from knowledge.redaction import Known, Redacted, redact

LONGEST_QUESTION = 80
SENTENCE = re.compile(r"[^。！？!?\n]+[。！？!?]?")
GREETING = re.compile(r"^(?:你好|您好|hi|hello|dear[^,，]*|亲)[,，!！。\s]*", re.IGNORECASE)


def known_of(complaint: Complaint) -> Known:
    """Everything that is known of the people behind a complaint, decrypted for the comparison and kept nowhere. Two queries at most.

    Names of colleagues who wrote to them are among it: an article speaks for the house.
    """
    order, customer = complaint.order, complaint.customer
    waybills = list(order.shipments.values_list("waybill", flat=True)) if order else []
    colleagues = complaint.messages.filter(author__isnull=False).order_by().values_list("author__name", flat=True).distinct()
    return Known(
        names=_filled(complaint.contact_name, order and order.receiver_name, customer and customer.name, *colleagues),
        addresses=_filled(order and order.receiver_address),
        codes=_filled(complaint.number, complaint.order_text, order and order.number, *waybills),
        phones=_filled(complaint.contact_phone, order and order.receiver_phone, customer and customer.phone),
        emails=_filled(complaint.contact_email, customer and customer.email),
    )


def without_people(complaint: Complaint, *texts: str, mark=None) -> tuple[list[str], Counter]:
    """The texts without personal data, and how often which kind was taken out. The signs in its place are in the complaint's language."""
    known, found, taken = known_of(complaint), [], Counter()
    with override(complaint.language):
        for text in texts:
            redacted: Redacted = redact(text, known, **({"mark": mark} if mark else {}))
            found.append(redacted.text)
            taken += redacted.taken
    return found, taken


def question_of(complaint: Complaint) -> str:
    """What the customer asked, in one line of the own words without personal data; "" when nothing is left."""
    first = said_by_customer(complaint).order_by("id").values_list("body", flat=True).first()
    asked = complaint.subject if complaint.origin == Complaint.Origin.CUSTOMER else ""
    sentence = SENTENCE.search(GREETING.sub("", asked or first or complaint.subject))
    (words,), _taken = without_people(complaint, sentence.group() if sentence else "", mark=lambda kind: " ")
    return " ".join(words.split())[:LONGEST_QUESTION].strip(" ,，、:：")


def said_by_customer(complaint: Complaint) -> QuerySet[Message]:
    return complaint.messages.filter(kind=Message.Kind.PUBLIC, author_kind=Message.Author.CUSTOMER, retracted_at__isnull=True)


def answers_of_cycle(complaint: Complaint) -> list[str]:
    """What people of the house told the customer since the complaint was filed, or reopened, last; oldest first."""
    said = complaint.messages.filter(kind=Message.Kind.PUBLIC, author_kind=Message.Author.HUMAN, retracted_at__isnull=True)
    reopened = complaint.events.filter(kind="cycle.reopened", codes__correction=False).order_by("-seq").values_list("at", flat=True).first()
    since = said.filter(created_at__gte=reopened) if reopened else said
    return list(since.order_by("id").values_list("body", flat=True))


def _filled(*values: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))
