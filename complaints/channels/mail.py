"""Notices as mail: composing, and telling a permanent failure from a passing one."""

import re
import smtplib
from email.utils import formataddr, parseaddr

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email
from django.template.loader import render_to_string
from django.utils.translation import override

from complaints.channels.templates import write_words
from complaints.models import Outbox
from ui.localize import is_english

CONTROL = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
PERMANENT_FROM = 500
LONGEST_SUBJECT = 120
# What a machine wrote says so, and asks for no answer of another machine.
AUTOMATIC = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
# Wrong credentials and refused senders are our own fault and will be mended; the customer's mail waits for that.
OUR_FAULT = (smtplib.SMTPAuthenticationError, smtplib.SMTPSenderRefused, smtplib.SMTPNotSupportedError)


class UndeliverableError(Exception):
    """This mail can never arrive as it is."""


def compose_mail(row: Outbox) -> EmailMultiAlternatives:
    """The mail of an outbox row: plain text and a plain HTML twin without anything remote. The Message-ID is fixed by the row."""
    address = row.complaint.contact_email.strip()
    require_address(address)
    subject, text = write_words(row)
    with override(row.language):
        html = render_html(row, subject, text)
    mail = EmailMultiAlternatives(
        subject=one_line(subject)[:LONGEST_SUBJECT],
        body=text,
        from_email=sent_as(row.complaint.merchant.name),
        to=[address],
        headers=headers_of(row),
    )
    mail.attach_alternative(html, "text/html")
    return mail


def headers_of(row: Outbox) -> dict[str, str]:
    """All mails of one complaint hang on one root; only what a person wrote is not automatic."""
    return headers_on(row.complaint.number, row.key, row.language) | (AUTOMATIC if row.message is None else {})


def headers_on(root: str, key: object, language: str) -> dict[str, str]:
    """A repeated sending keeps its Message-ID; mails that hang on one root are shown as one talk."""
    domain = _own_address().rpartition("@")[2] or "localhost"
    return {"Message-ID": f"<{key}@{domain}>", "References": f"<{root}@{domain}>", "Content-Language": language}


def render_html(row: Outbox, subject: str, text: str) -> str:
    """The HTML twin: a paragraph that is only an address becomes a button, everything else is escaped text."""
    paragraphs = [{"text": part, "is_link": part.startswith(settings.BIHUAN_BASE_URL) and " " not in part} for part in text.split("\n\n")]
    language = "en" if is_english(row.language) else "zh-Hans"
    context = {"subject": subject, "paragraphs": paragraphs, "shop": row.complaint.merchant.name, "language": language}
    return render_to_string("emails/notice.html", context)


def sent_as(name: str) -> str:
    """A name before the configured address."""
    return formataddr((one_line(name), _own_address()))


def _own_address() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


def one_line(text: str) -> str:
    """Text for a header: no line ends, no control or direction marks."""
    return " ".join(CONTROL.sub(" ", text).split())


def require_address(address: str) -> None:
    try:
        validate_email(address)
    except ValidationError as error:
        raise UndeliverableError("bad address") from error


def is_permanent(error: Exception) -> bool:
    """Whether trying again is useless: the address is none, or the other side said so with a code from 500 on."""
    if isinstance(error, UndeliverableError):
        return True
    if isinstance(error, OUR_FAULT):
        return False
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= PERMANENT_FROM for code, _text in error.recipients.values())
    return isinstance(error, smtplib.SMTPResponseException) and error.smtp_code >= PERMANENT_FROM
