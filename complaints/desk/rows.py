"""What one line of the queue shows, worked out before the template runs: a page has two dozen of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import now
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from complaints.desk import directory
from complaints.desk.clocks import draw_clock
from complaints.desk.hints import draw_risk
from complaints.models import Complaint, FollowUp
from foundation.prepared import Prepared, Value
from ui.icons import icon
from ui.localize import localized
from ui.markup import join_markup
from ui.masking import mask_name, mask_text
from ui.money import format_money
from ui.templatetags.ui import status as draw_status

CHANNEL_ICONS = {
    "web": "globe", "mail": "mail", "phone": "phone", "chat": "chat", "wechat": "chat", "social": "chat", "counter": "user",
    "api": "external",
}  # fmt: skip
FOLLOW_UP_ICONS = {FollowUp.Kind.CALLBACK: "phone"}
PRESENCE_ICONS = {"typing": "pen", "viewing": "eye"}


@dataclass
class Row:
    """A complaint in a queue."""

    id: int
    number: str
    version: int
    url: str
    name: str
    badges: SafeString
    here: SafeString
    clock: SafeString | str
    subject: str
    excerpt: str
    status: SafeString
    facts: SafeString
    tags: SafeString
    assignee: str
    is_unassigned: bool
    is_unread: bool
    has_draft: bool


@dataclass(frozen=True)
class Words:
    """What every row says in the active language; asking gettext for each row would cost more than the rest of it."""

    status: dict[str, str]
    priority: dict[int, str]
    channel: dict[str, str]
    follow_up: dict[str, str]
    escalated: str
    unmatched: str
    draft: str


@cache
def _words(language: str | None) -> Words:
    return Words(
        status={value: str(label) for value, label in Complaint.Status.choices},
        priority={value: str(label) for value, label in Complaint.Priority.choices},
        channel={value: str(label) for value, label in Complaint.Channel.choices},
        follow_up={value: str(label) for value, label in FollowUp.Kind.choices},
        escalated=_("Escalated"),
        unmatched=_("No order yet"),
        draft=_("Draft"),
    )


def draw_rows(complaints: Iterable[Complaint], *, user, presence: dict[int, dict[int, str]]) -> list[Row]:
    """Turn a page of complaints into rows; two queries at most, for the tags and for colleagues not yet known."""
    complaints, drawing = list(complaints), _Drawing(user, now())
    tags = _tags([complaint.pk for complaint in complaints])
    return [drawing.draw(complaint, tags.get(complaint.pk, []), presence.get(complaint.pk, {})) for complaint in complaints]


class _Drawing:
    """One page's rows: what they share is looked up once."""

    def __init__(self, user, at: datetime) -> None:
        self.user_id, self.at, self.words = user.pk, at, _words(get_language())
        self.base = reverse("admin:desk-complaint", args=["0"]).removesuffix("0/")
        self.categories, self.colleagues = directory.categories.all(), directory.colleagues.all()

    def draw(self, complaint: Complaint, tags: list[str], others: dict[int, str]) -> Row:
        is_mine = complaint.assignee_id == self.user_id
        return Row(
            id=complaint.pk,
            number=complaint.number,
            version=complaint.version,
            url=f"{self.base}{complaint.number}/",
            name=mask_name(complaint.contact_name) or complaint.number,
            badges=self._badges(complaint),
            here=draw_presence(others),
            clock=draw_clock(complaint, self.at),
            subject=mask_text(complaint.subject),
            excerpt=_excerpt(complaint) if complaint.needs_reply else "",
            status=_status(complaint.stage, self.words.status[complaint.status]),
            facts=self._facts(complaint),
            tags=join_markup((_badge("tag", "", tag) for tag in tags), " "),
            assignee=self._name(complaint.assignee_id) if complaint.assignee_id and not is_mine else "",
            is_unassigned=complaint.assignee_id is None and complaint.is_live,
            is_unread=complaint.needs_reply and complaint.is_live,
            has_draft=complaint.has_draft,
        )

    def _badges(self, complaint: Complaint) -> SafeString:
        """What stands behind the name: level, what is at risk, priority and escalation."""
        badges = [_badge("tag tag--vip", "", "VIP")] if complaint.customer and complaint.customer.tier == "vip" else []
        badges += filter(None, [draw_risk(complaint)])
        if complaint.priority >= Complaint.Priority.HIGH:
            badges.append(_badge("tag tag--warn", "", self.words.priority[complaint.priority]))
        if complaint.escalated_at:
            badges.append(_badge("tag tag--warn", "", self.words.escalated))
        return join_markup(badges, " ")

    def _facts(self, complaint: Complaint) -> SafeString:
        """What stands behind the status: category, channel, amount, a missing order, what somebody must do, a draft."""
        category = self.categories.get(complaint.category_id)
        facts = [_fact("", localized(category, "name"), "")] if category else []
        facts.append(_fact(icon(CHANNEL_ICONS[complaint.channel], 16), self.words.channel[complaint.channel], "visually-hidden"))
        if complaint.amount_fen:
            facts.append(_fact("", format_money(complaint.amount_fen, complaint.currency), "money"))
        if not complaint.is_matched:
            facts.append(_fact(icon("link", 16), self.words.unmatched, ""))
        if complaint.waits_for:
            facts.append(_fact(icon(FOLLOW_UP_ICONS.get(complaint.waits_for, "flag"), 16), self.words.follow_up[complaint.waits_for], ""))
        if complaint.has_draft:
            facts.append(_fact(icon("pen", 16), self.words.draft, ""))
        return join_markup(facts)

    def _name(self, user_id: int) -> str:
        return str(self.colleagues.get(user_id) or directory.colleagues.get(user_id) or "")


def draw_presence(others: dict[int, str]) -> SafeString:
    """Who has a complaint open, and who writes on it."""
    drawn = ((icon(PRESENCE_ICONS[mode], 16), str(directory.colleagues.get(user_id) or "")) for user_id, mode in others.items())
    return join_markup((_badge("presence", *each) for each in drawn), " ")


@cache
def _status(stage: str, label: str) -> SafeString:
    return draw_status(stage, label)


# Few different ones are drawn again and again.
@lru_cache(maxsize=4096)
def _badge(classes: str, drawn: str, words: str) -> SafeString:
    return format_html('<span class="{}">{}{}</span>', classes, drawn, words)


@lru_cache(maxsize=4096)
def _fact(drawn: str, words: str, classes: str) -> SafeString:
    return format_html('<span>{}<span class="{}">{}</span></span>', drawn, classes, words)


def _tags(ids: list[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for complaint_id, name in _tagged.all(complaints=ids) if ids else ():
        found.setdefault(complaint_id, []).append(name)
    return found


@Prepared
def _tagged() -> QuerySet:
    links = Complaint.tags.through.objects.filter(complaint__any=Value("complaints"))
    return links.order_by("tag__name").values_list("complaint_id", "tag__name")


def _excerpt(complaint: Complaint) -> str:
    """The last words in one line, without the subject when it was made from them."""
    words = " ".join((complaint.excerpt or "").split())
    return mask_text(words.removeprefix(complaint.subject).lstrip("。，.,!！?？ "))
