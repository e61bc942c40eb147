"""What one line of the queue shows, worked out before the template runs: a page has thirty of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.timezone import now

from complaints.desk import directory
from complaints.desk.clocks import draw_clock
from complaints.models import Complaint
from ui.localize import localized
from ui.masking import mask_name, mask_text
from ui.money import format_money
from ui.templatetags.ui import status as draw_status

CHANNEL_ICONS = {"web": "globe", "mail": "mail", "phone": "phone", "chat": "chat", "wechat": "chat", "api": "external"}


@dataclass
class Row:
    """A complaint in a queue."""

    id: int
    number: str
    version: int
    url: str
    name: str
    is_vip: bool
    status: SafeString
    clock: SafeString
    subject: str
    excerpt: str
    category: str
    amount: str
    channel: str
    channel_icon: str
    priority: str
    assignee: str
    is_unassigned: bool
    is_unread: bool
    is_unmatched: bool
    is_escalated: bool
    has_draft: bool
    tags: list[str] = field(default_factory=list)
    others: list[tuple[str, str]] = field(default_factory=list)


def draw_rows(complaints: Iterable[Complaint], *, user, presence: dict[int, dict[int, str]]) -> list[Row]:
    """Turn a page of complaints into rows; two queries at most, for the tags and for colleagues not yet known."""
    complaints, at = list(complaints), now()
    tags = _tags([complaint.pk for complaint in complaints])
    base = reverse("admin:desk-complaint", args=["0"]).removesuffix("0/")
    return [_draw(complaint, at, base, user, tags.get(complaint.pk, []), presence.get(complaint.pk, {})) for complaint in complaints]


def _draw(complaint: Complaint, at: datetime, base: str, user, tags: list[str], others: dict[int, str]) -> Row:
    category = directory.categories.get(complaint.category_id)
    return Row(
        id=complaint.pk,
        number=complaint.number,
        version=complaint.version,
        url=f"{base}{complaint.number}/",
        name=mask_name(complaint.contact_name) or complaint.number,
        is_vip=bool(complaint.customer and complaint.customer.tier == "vip"),
        status=draw_status(complaint.stage, complaint.get_status_display()),
        clock=draw_clock(complaint, at),
        subject=mask_text(complaint.subject),
        excerpt=_excerpt(complaint) if complaint.needs_reply else "",
        category=localized(category, "name") if category else "",
        amount=format_money(complaint.amount_fen, complaint.currency) if complaint.amount_fen else "",
        channel=complaint.get_channel_display(),
        channel_icon=CHANNEL_ICONS[complaint.channel],
        priority=complaint.get_priority_display() if complaint.priority >= Complaint.Priority.HIGH else "",
        assignee=_name(complaint.assignee_id) if complaint.assignee_id and complaint.assignee_id != user.pk else "",
        is_unassigned=complaint.assignee_id is None and complaint.is_live,
        is_unread=complaint.needs_reply and complaint.is_live,
        is_unmatched=not complaint.is_matched,
        is_escalated=complaint.escalated_at is not None,
        has_draft=complaint.has_draft,
        tags=tags,
        others=[(_name(user_id), mode) for user_id, mode in others.items()],
    )


def _tags(ids: list[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    links = Complaint.tags.through.objects.filter(complaint__in=ids).order_by("tag__name").values_list("complaint_id", "tag__name")
    for complaint_id, name in links if ids else ():
        found.setdefault(complaint_id, []).append(name)
    return found


def _name(user_id: int) -> str:
    colleague = directory.colleagues.get(user_id)
    return str(colleague) if colleague else ""


def _excerpt(complaint: Complaint) -> str:
    """The last words in one line, without the subject when it was made from them."""
    words = " ".join((complaint.excerpt or "").split())
    return mask_text(words.removeprefix(complaint.subject).lstrip("。，.,!！?？ "))
