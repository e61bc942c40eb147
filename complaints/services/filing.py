"""Filing a complaint: the one door for the form, the desk, the API, rules and imports."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from complaints import timing
from complaints.assignment.demand import draft_demand, wake_assignment
from complaints.emotion.effects import MOST_HINTS, draft_look, hint_specs, read_filed
from complaints.emotion.reading import ANGRY, FURIOUS, Reading
from complaints.live.news import publish_filing
from complaints.models import (
    Attachment,
    Category,
    ClockRun,
    Complaint,
    Contact,
    Draft,
    Event,
    Form,
    Link,
    Message,
    SecretLink,
)
from complaints.numbers import make_number
from complaints.privacy_notice import draft_consent
from complaints.services.evidence import claim_files, file_codes
from complaints.services.notices import draft_notice, wake_relay
from complaints.services.risk import as_text, call_leads
from complaints.signals import complaint_filed
from complaints.sla.book import started_codes
from complaints.sla.opening import MOST_RUNS, open_clocks, rungs_of
from foundation.batch import Batch, take_ids
from foundation.crypto import blind_index, digest_token
from foundation.events import EventSpec, chain_events, put_events
from foundation.exceptions import Forbidden, Reason
from foundation.failpoints import failpoint
from foundation.verbs import announce, require
from orders.models import Customer, Merchant, Order
from ui.localize import localized
from ui.normalise import normalise_phone

LONGEST_SUBJECT = 80
TRIES = 3
# What reaches us some time after the customer sent it.
SENT_ELSEWHERE = frozenset({Complaint.Channel.MAIL, Complaint.Channel.WECHAT})
MOST_EVENTS = 3 + MOST_RUNS + MOST_HINTS  # filed, first message, files; clocks; what the words hint at
# What one filing takes its keys from.
TABLES = (Complaint, Contact, Message, SecretLink, *MOST_RUNS * [ClockRun], *MOST_EVENTS * [Event])


@dataclass(frozen=True, kw_only=True)
class Filing:
    """Everything that makes a complaint. ``token`` (of the submitted page) makes filing twice one complaint.

    ``draft`` is the one whose files the complaint takes, ``ends`` the one that has become this complaint and forgets what it
    held, ``link`` the customer's first secret link, not yet saved.
    """

    merchant: Merchant
    category: Category
    form: Form
    subject: str = ""
    description: str = ""
    wish: str = Complaint.Wish.FEEDBACK
    answers: dict[str, Any] = field(default_factory=dict)
    happened_on: date | None = None
    line_ids: Collection[int] = ()
    customer: Customer | None = None
    order: Order | None = None
    order_text: str = ""
    order_snapshot: dict[str, Any] = field(default_factory=dict)
    matched_by: str = ""
    amount_fen: int = 0
    currency: str = "CNY"
    contact_name: str = ""
    contact_phone: str = ""
    contact_email: str = ""
    contact_hours: str = ""
    is_proven: bool = False
    language: str = "zh-hans"
    channel: str = Complaint.Channel.WEB
    origin: str = Complaint.Origin.CUSTOMER
    priority: int | None = None
    draft: Draft | None = None
    ends: Draft | None = None
    link: SecretLink | None = None
    attachments: Collection[int] = ()
    uploaded_by: Any = None
    duplicate_of: Complaint | None = None
    follows: Complaint | None = None
    token: str = ""
    filed_at: datetime | None = None


def file_complaint(filing: Filing, *, by: Any = None, request_id: str | None = None) -> Complaint:
    """File a complaint: row, first message, files, events, demand for an agent and acknowledgement in one transaction.

    A token or request id that was used before returns the complaint that it made. ``NotAllowedError`` when ``by`` may not file
    for customers, ``RefusedError`` when the category is closed or there is neither text nor file.
    """
    digest = submission_digest(request_id or filing.token, by)
    for _try in range(TRIES):
        try:
            with transaction.atomic():
                return _file(filing, by, digest)
        except IntegrityError:
            # Either the same form was sent twice, or two complaints drew the same number.
            existing = digest and Complaint.objects.filter(submission_digest=digest).first()
            if existing:
                return existing
    raise RuntimeError("no free complaint number was found")


def _begun_at(filing: Filing) -> datetime:
    """From when the customer waits: for a mail or a WeChat message from when it was sent."""
    now = timezone.now()
    if filing.filed_at is None:
        return now
    return timing.believed(filing.filed_at, now=now) if filing.channel in SENT_ELSEWHERE else filing.filed_at


def _file(filing: Filing, by: Any, digest: str | None) -> Complaint:
    transaction.on_commit(_reach_failpoint)
    at = _begun_at(filing)
    complaint_id, contact_id, message_id, link_id, *ids = take_ids(*TABLES)
    reading = read_filed(filing.description, filing.answers)
    complaint = _build(filing, by, at, digest, complaint_id, reading)
    runs = open_clocks(complaint, ids[:MOST_RUNS])
    message = Message(
        pk=message_id,
        complaint=complaint,
        contact_id=contact_id,
        author_kind=Message.Author.CUSTOMER,
        body=filing.description,
        language=filing.language,
        risk_marks=reading.as_rows(),
        created_at=at,
    )
    # Foreign keys are checked at the commit, so files may point at a row that comes a moment later.
    files = claim_files(complaint, message=message, ids=filing.attachments, draft=filing.draft, by=filing.uploaded_by or by)
    require(_reasons_against(filing, by, files))
    specs = _specs(filing, complaint, message, files, by) + hint_specs(complaint, message, reading) + _clock_specs(runs, at)
    events = chain_events(complaint, specs)
    batch = Batch()
    batch.insert(complaint, Contact(pk=contact_id, complaint=complaint, channel=filing.channel, origin=filing.origin, at=at), message)
    put_events(batch, events, ids[MOST_RUNS:])
    batch.insert(*runs, *(rung for run in runs for rung in rungs_of(run)))
    batch.insert(*_links(complaint, filing), draft_demand(complaint, at=at), draft_consent(complaint, by=by, at=at))
    batch.insert(*draft_look(complaint, reading))
    _hand_over(batch, complaint, filing, link_id)
    notice = draft_notice(complaint, "acknowledged", event_seq=1, at=at)
    batch.insert(*filter(None, [notice]))
    batch.run()
    wake_assignment()
    wake_relay(notice)
    announce(complaint_filed, complaint=complaint, by=by)
    publish_filing(complaint)
    if reading.level >= FURIOUS:
        call_leads(complaint)
    return complaint


def _hand_over(batch: Batch, complaint: Complaint, filing: Filing, link_id: int) -> None:
    """Let the customer's browser hold the complaint instead of the draft."""
    if filing.link is not None:
        filing.link.pk, filing.link.complaint = link_id, complaint
        batch.insert(filing.link)
    if filing.ends is not None:
        # What the draft knew of the person goes; what stays says which complaint it became.
        filing.ends.answers = {"filed": complaint.number}
        batch.update(filing.ends, "answers")


def _reasons_against(filing: Filing, by: Any, files: list[Attachment]) -> list[Reason]:
    found: list[Reason] = []
    if by is not None and not by.has_perm("complaints.file_on_behalf"):
        found.append(Forbidden("no_permission", _("Your role does not include filing for customers.")))
    if not filing.category.is_active:
        found.append(Reason("category_closed", _("This kind of complaint is no longer offered."), _("Choose another one.")))
    is_about_order = filing.order is not None or bool(filing.order_text.strip())
    if not (filing.description.strip() or filing.answers or files or is_about_order):
        found.append(Reason("empty", _("Tell us what happened, or add a photo.")))
    return found


def _build(filing: Filing, by: Any, at: datetime, digest: str | None, complaint_id: int, reading: Reading) -> Complaint:
    phone = normalise_phone(filing.contact_phone)
    return Complaint(
        pk=complaint_id,
        number=make_number(at),
        team_id=filing.category.team_id,
        priority=_priority(filing, reading),
        risk_level=reading.level,
        risk_signals=as_text(reading.signals),
        subject=filing.subject[:120] or _subject(filing),
        contact_phone_index=blind_index(phone, purpose="phone"),
        contact_email_index=blind_index(filing.contact_email.strip().lower(), purpose="email"),
        filed_at=at,
        filed_by=by,
        unanswered_since=at,
        last_message_at=at,
        submission_digest=digest,
        line_ids=list(filing.line_ids),
        **{name: getattr(filing, name) for name in COPIED},
    )


COPIED = (
    "merchant", "category", "form", "description", "wish", "answers", "happened_on", "customer", "order", "order_text",
    "order_snapshot", "amount_fen", "currency", "contact_name", "contact_phone", "contact_email", "contact_hours", "is_proven",
    "language", "channel", "origin",
)  # fmt: skip


def _priority(filing: Filing, reading: Reading) -> int:
    """The category's, at least high for a VIP and for who is angry."""
    priority = filing.category.priority if filing.priority is None else filing.priority
    is_vip = filing.customer is not None and filing.customer.tier == Customer.Tier.VIP
    return max(priority, Complaint.Priority.HIGH) if is_vip or reading.level >= ANGRY else priority


def _subject(filing: Filing) -> str:
    first_line = next((line.strip() for line in filing.description.splitlines() if line.strip()), "")
    if len(first_line) > LONGEST_SUBJECT:
        first_line = first_line[: LONGEST_SUBJECT - 1] + "…"
    return first_line or localized(filing.category, "name", filing.language)


def _specs(filing: Filing, complaint: Complaint, message: Message, files: list[Attachment], by: Any) -> list[EventSpec]:
    author_kind = "human" if by is not None else "customer" if filing.origin == Complaint.Origin.CUSTOMER else "system"
    posted = {"message": message.pk, "contact": message.contact_id, "author_kind": "customer", "public": True, "thanks": False}
    facts: list[tuple[str, dict, dict | None]] = [
        ("complaint.filed", _filed_codes(filing, complaint, message), _filed_payload(filing, complaint)),
        ("message.posted", posted, {"body": message.body}),
    ]
    if files:
        facts.append(("evidence.added", file_codes(files), None))
    return [EventSpec(kind, codes, payload, by=by, author_kind=author_kind, at=complaint.filed_at) for kind, codes, payload in facts]


def _clock_specs(runs: list[ClockRun], at: datetime) -> list[EventSpec]:
    return [EventSpec("clock.started", started_codes(run), author_kind="system", at=at) for run in runs]


def _filed_payload(filing: Filing, complaint: Complaint) -> dict[str, Any]:
    return {"subject": complaint.subject, "answers": filing.answers, "order_text": filing.order_text}


def _filed_codes(filing: Filing, complaint: Complaint, message: Message) -> dict[str, Any]:
    return {
        "contact": message.contact_id,
        "channel": filing.channel,
        "origin": filing.origin,
        "merchant": complaint.merchant_id,
        "order": complaint.order_id,
        "matched_by": filing.matched_by,
        "lines": complaint.line_ids,
        "category": filing.category.code,
        "form": filing.form.version,
        "team": complaint.team_id,
        "priority": complaint.priority,
        "tier": filing.customer.tier if filing.customer else "",
        "language": filing.language,
        "amount_fen": filing.amount_fen,
        "wish": filing.wish,
    }


def _links(complaint: Complaint, filing: Filing) -> list[Link]:
    links = [(filing.duplicate_of, Link.Kind.DUPLICATE), (filing.follows, Link.Kind.FOLLOWS)]
    return [Link(source=complaint, target=target, kind=kind) for target, kind in links if target is not None]


def submission_digest(token: str, by: Any) -> str | None:
    """Two people who happen to send the same token file two complaints."""
    return digest_token(f"{getattr(by, 'pk', 0)}:{token}") if token else None


def _reach_failpoint() -> None:
    failpoint("complaint.after_commit")
