"""Who may see what. Every lookup that depends on the asker is here, and an unseen row is a row that does not exist (404).

Agents and leads see the complaints of their teams and those assigned to them, managers those of their shops. Administrators and
superusers see none. A customer sees one complaint per living secret link.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject, Now
from django.http import Http404
from django.utils import timezone

from accounts.models import Membership, User
from complaints.lifecycle import LIVE, Status
from complaints.models import (
    Attachment,
    Clock,
    ClockRun,
    Complaint,
    Event,
    FollowUp,
    Message,
    PrivacyRequest,
    RegionPause,
    RegionPauseRun,
    SecretLink,
)
from complaints.numbers import parse_number
from foundation.crypto import blind_index
from foundation.files import FILE_ID
from foundation.prepared import Prepared, Value
from orders.models import Merchant, MerchantMember, Shipment
from ui.normalise import normalise_phone


@dataclass(frozen=True)
class Reach:
    """How far somebody sees: values for a query, or places for them in a prepared one. ``shops`` are those that they manage."""

    user: int | Value
    teams: list[int] | Value
    shops: list[int] | Value | None = None

    @classmethod
    def places(cls, names: Iterable[str]) -> "Reach":
        return cls(**{name: Value(name) for name in names})

    @property
    def values(self) -> dict[str, Any]:
        reach = {"user": self.user, "teams": self.teams}
        return reach if self.shops is None else reach | {"shops": self.shops}


def reach_of(user: User) -> Reach | None:
    """None for whoever sees no complaint at all."""
    if not (user.is_active and user.has_perm("complaints.use_desk")):
        return None
    shops = list(shops_of(user)) if user.has_perm("complaints.manage_shop") else None
    return Reach(user.pk, list(teams_of(user)), shops)


def visible_to(user: User) -> QuerySet[Complaint]:
    """The complaints that a member of staff may see."""
    return visible_within(reach_of(user))


def visible_within(reach: Reach | None) -> QuerySet[Complaint]:
    if reach is None:
        return Complaint.objects.none()
    own = Q(team__any=reach.teams) | Q(assignee=reach.user)
    return Complaint.objects.filter(own if reach.shops is None else own | Q(merchant__any=reach.shops))


def of_teams(reach: Reach | None) -> QuerySet[Complaint]:
    """The part of what is visible that a team's queues are read from, put so that an index alone can count it."""
    if reach is None or reach.shops is not None:
        return visible_within(reach)
    return Complaint.objects.filter(team__any=reach.teams)


def assigned_to(reach: Reach | None) -> QuerySet[Complaint]:
    """The part of what is visible that is one's own work."""
    return Complaint.objects.none() if reach is None else Complaint.objects.filter(assignee=reach.user)


def watched_by(reach: Reach | None) -> QuerySet[Complaint]:
    """The part of what is visible that one follows."""
    return Complaint.objects.none() if reach is None else visible_within(reach).filter(is_watched_by(reach.user))


def visible_ids(user: User, numbers: Iterable[str]) -> list[tuple[str, int]]:
    """Numbers and ids of those complaints that a member of staff may see; one query."""
    return list(visible_to(user).filter(number__in=list(numbers)).values_list("number", "pk"))


def is_watched_by(user: int | Value) -> Q:
    """Whether somebody follows a complaint. The first condition is that of the index, which holds only what is followed."""
    return ~Q(watcher_ids=[]) & Q(watcher_ids__contains=[user])


def of_merchant(merchant: Merchant) -> QuerySet[Complaint]:
    """The complaints that a machine with a token of this shop may see."""
    return Complaint.objects.filter(merchant=merchant)


def complaint_for(user: User, number: str, *related: str) -> Complaint:
    """One visible complaint by its number, or 404."""
    reach = reach_of(user)
    found = _visible(frozenset(reach.values), related).first(**reach.values, number=parse_number(number)) if reach else None
    if found is None:
        raise Http404
    return found


@cache
def _visible(reach: frozenset[str], related: tuple[str, ...]) -> Prepared:
    """``visible_to`` for one number, compiled once for each set of joined tables."""
    rows = visible_within(Reach.places(reach)).filter(number=Value("number"))[:1]
    # select_related() without names would join every table around the complaint.
    return Prepared(lambda: rows.select_related(*related) if related else rows)


def complaint_for_links(link_ids: Iterable[int], number: str, *related: str) -> Complaint:
    """The complaint that one of a customer's living links opens, or 404. One query."""
    links = live_links().filter(pk__in=list(link_ids))
    return find_or_404(Complaint.objects.filter(pk__in=links.values("complaint_id")), number, *related)


def live_links(at: Any = None) -> QuerySet[SecretLink]:
    return SecretLink.objects.filter(_is_living(at or timezone.now()))


def _is_living(at: Any) -> Q:
    return Q(revoked_at__isnull=True, expires_at__gt=at)


def find_or_404(complaints: QuerySet[Complaint], number: str, *related: str) -> Complaint:
    parsed = parse_number(number)
    # select_related() without names would join every table around the complaint.
    rows = complaints.select_related(*related) if related else complaints
    found = list(rows.filter(number=parsed)[:1]) if parsed else []
    if not found:
        raise Http404
    return found[0]


def thread_of(complaint: Complaint | Value, *, is_staff: bool) -> QuerySet[Message]:
    """Messages of a complaint and of those joined into it, oldest first. A customer sees neither notes nor what has not left yet."""
    messages = Message.objects.filter(complaint__in=group_of(complaint)).order_by("created_at", "id")
    if is_staff:
        return messages
    has_left = Q(leaves_at__isnull=True) | Q(leaves_at__lte=timezone.now())
    return messages.filter(has_left, kind=Message.Kind.PUBLIC, retracted_at__isnull=True)


def files_of(complaint: Complaint | Value, *, is_staff: bool) -> QuerySet[Attachment]:
    """Files of a complaint and of those joined into it. A customer sees no internal ones."""
    files = Attachment.objects.filter(complaint__in=group_of(complaint)).order_by("id")
    return files if is_staff else files.filter(is_internal=False)


def events_of(complaint: Complaint | Value) -> QuerySet[Event]:
    """The recorded events of a complaint, oldest first."""
    return Event.objects.filter(complaint=complaint).order_by("seq")


def clock_events_of(complaint: Complaint) -> QuerySet[Event]:
    """The events of a complaint's clocks, oldest first; those of a clock that came from a joined complaint begin in that one."""
    return Event.objects.filter(complaint__in=group_of(complaint), kind__startswith="clock.").order_by("id")


def follow_ups_for(user: User) -> QuerySet[FollowUp]:
    """What waits for somebody: as assignee, as a lead of the team, as a manager of the shop. Calls are listed apart."""
    reach = reach_of(user)
    if reach is None:
        return FollowUp.objects.none()
    led = [team_id for team_id, is_lead in teams_of(user).items() if is_lead]
    mine = Q(role=FollowUp.Role.ASSIGNEE, complaint__assignee=user) | Q(owner=user)
    mine |= Q(role=FollowUp.Role.LEAD, complaint__team__in=led)
    if reach.shops is not None:
        mine |= Q(role__in=[FollowUp.Role.LEAD, FollowUp.Role.MANAGER], complaint__merchant__in=reach.shops)
    waiting = FollowUp.objects.filter(mine, done_at__isnull=True, kind__in=FollowUp.LOOKS, complaint__in=visible_within(reach))
    return waiting.select_related("complaint").order_by("due_at", "id")


def to_follow_up(reach: Reach | None) -> QuerySet[Complaint]:
    """Visible complaints in which a call or something else is now this person's own to do, ended ones among them."""
    if reach is None:
        return Complaint.objects.none()
    begun = Q(starts_at__isnull=True) | Q(starts_at__lte=Now() + CALL_AHEAD)
    waiting = FollowUp.objects.filter(begun, done_at__isnull=True)
    # One after the other: together no index would serve both.
    own = waiting.filter(owner=reach.user).values("complaint_id")
    assigned = Complaint.objects.filter(assignee=reach.user, status__in=sorted(LIVE)).values("pk")
    given = waiting.filter(role=FollowUp.Role.ASSIGNEE, complaint__in=assigned).values("complaint_id")
    return visible_within(reach).filter(pk__in=own.union(given))


CALL_AHEAD = timedelta(minutes=15)


def public_words(complaint: Complaint) -> QuerySet[Message]:
    """What was said on this complaint itself and has left the house, oldest first, for the customer's copy."""
    said = Message.objects.filter(complaint=complaint, kind=Message.Kind.PUBLIC, retracted_at__isnull=True)
    return said.exclude(leaves_at__gt=timezone.now()).select_related("author").order_by("created_at", "id")


def public_files(complaints: Iterable[Complaint]) -> QuerySet[Attachment]:
    """Files of these complaints that their customer may have."""
    return Attachment.objects.filter(complaint__in=list(complaints), is_internal=False).order_by("id")


def group_of(complaint: Complaint | Value) -> QuerySet[Complaint]:
    """A complaint and those joined into it, found by two indexes; an OR across a join would read the whole table instead."""
    pk = complaint if isinstance(complaint, Value) else complaint.pk
    return Complaint.objects.filter(Q(pk=pk) | Q(merged_into=pk)).values("pk")


def tracked_complaint(link_ids: Collection[int], number: str) -> Complaint:
    """The complaint that one of a customer's living links opens, with no more than its page shows, or 404. One query."""
    wanted = parse_number(number) if link_ids else ""
    found = _tracked.first(links=list(link_ids), now=timezone.now(), number=wanted) if wanted else None
    if found is None:
        raise Http404
    return found


@Prepared
def _tracked() -> QuerySet[Complaint]:
    opened = SecretLink.objects.filter(_is_living(Value("now")), pk__any=Value("links")).values("complaint_id")
    found = Complaint.objects.filter(pk__in=opened, number=Value("number")).annotate(promises=ArraySubquery(promises_to_customer()))
    return found.select_related("assignee").only(*TRACKED)[:1]


def promises_to_customer() -> QuerySet:
    """What is owed to the customer of a complaint, for ``portal.promises``. It travels with the complaint: the page asks once."""
    resume = Clock.objects.filter(run=OuterRef("pk"), threshold=Clock.Rung.RESUME, fired_at__isnull=True).values("due_at")
    owed = ClockRun.objects.filter(complaint=OuterRef("pk"), ended_at__isnull=True, kind__in=sorted(ClockRun.SERVICE), is_promised=True)
    fields = ("kind", "state", "calendar_id", "started_at", "due_at", "promise_at", "pause_reason")
    return owed.order_by("id").values(promise=JSONObject(**{name: name for name in fields}, until=Subquery(resume)))


TRACKED = (
    "number", "category_id", "form_id", "order_id", "order_text", "order_snapshot", "line_ids", "subject", "description", "wish",
    "answers", "currency", "status", "cycle", "outcome", "resolution", "waiting_on", "waiting_until", "language", "contact_email",
    "contact_hours", "filed_at", "promise_at", "new_promise_at", "timer_at", "first_reply_at", "resolved_at", "closed_at", "escalated_at",
    "appealed_at", "merged_into_id", "version", "head_seq", "risk_level", "erased_at", "assignee__name", "assignee__username",
)  # fmt: skip


def opened_complaints(link_ids: Collection[int], *, about: str = "") -> list[Complaint]:
    """The complaints behind a customer's living links (``about`` this order or waybill), newest first; one query, none without a link."""
    if not link_ids:
        return []
    mine = live_links().filter(pk__in=link_ids).values("complaint_id")
    shown = Complaint.objects.filter(pk__in=mine).exclude(status__in=[Status.MERGED, Status.SPAM])
    if about:
        shown = shown.filter(Q(order__number=about) | Exists(Shipment.objects.filter(order=OuterRef("order"), waybill=about)))
    return list(shown.only("number", "subject", "status", "cycle", "promise_at", "filed_at").order_by("-filed_at")[:MOST_OPENED])


MOST_OPENED = 5


def complaint_of_contact(number: str, contact: str) -> Complaint | None:
    """The complaint with this number, if this phone or e-mail address is the one that it was filed with. Always one query."""
    typed = parse_number(number)
    complaint = Complaint.objects.filter(number=typed).first()
    phone = blind_index(normalise_phone(contact), purpose="phone")
    email = blind_index(contact.strip().lower(), purpose="email")
    if complaint is None or not contact.strip():
        return None
    return complaint if phone == complaint.contact_phone_index or email == complaint.contact_email_index else None


def file_for(key: str, *, link_ids: Collection[int], draft_digest: str = "") -> Attachment:
    """A customer's file by its random name: one of their own draft, or a public one of a complaint that they opened; or 404."""
    if not FILE_ID.fullmatch(key):
        raise Http404
    file = Attachment.objects.filter(key=key).select_related("draft", "complaint").only(*FILE_FIELDS).first()
    if file is not None and file.draft is not None and draft_digest and file.draft.digest == draft_digest:
        return file
    if file is not None and file.complaint is not None and link_ids and not file.is_internal:
        homes = {file.complaint_id, file.complaint.merged_into_id} - {None}
        if live_links().filter(pk__in=link_ids, complaint_id__in=homes).exists():
            return file
    raise Http404


FILE_FIELDS = ("key", "path", "name", "media_type", "preview_path", "is_internal", "draft__digest", "complaint__merged_into_id")


def latest_words() -> QuerySet[Message]:
    """The newest public message of the complaint of an outer query, for the line under a subject."""
    return Message.objects.filter(complaint=OuterRef("pk"), kind=Message.Kind.PUBLIC, retracted_at__isnull=True).order_by("-id")


def unsent_replies(user: User) -> QuerySet[Message]:
    """A user's own replies that have not left yet and can be taken back."""
    return Message.objects.filter(author=user, leaves_at__gt=timezone.now(), retracted_at__isnull=True)


def notes_beside(complaint: Complaint, user: User) -> QuerySet[Message]:
    """Internal notes on the same customer's other complaints that this user sees, newest first."""
    others = visible_to(user).filter(customer=complaint.customer_id).exclude(pk=complaint.pk)
    notes = Message.objects.filter(complaint__in=others, kind=Message.Kind.NOTE)
    return notes.order_by("-id") if complaint.customer_id else notes.none()


def waiting_uploads(user: User, keys: Iterable[str]) -> QuerySet[Attachment]:
    """A user's own files that were not sent with anything yet; nobody else sees them."""
    return Attachment.objects.filter(key__in=list(keys), uploaded_by=user, complaint__isnull=True, draft__isnull=True).order_by("pk")


def privacy_requests_for(user: User) -> QuerySet[PrivacyRequest]:
    """Wishes about personal data, newest first: a manager's own shops; all of them, without words, for whoever carries them out."""
    requests = PrivacyRequest.objects.select_related("complaint", "asked_by", "decided_by").order_by("-pk")
    if user.has_perm("complaints.decide_privacy"):
        return requests.filter(complaint__in=visible_to(user))
    return requests if user.is_active and user.has_perm("complaints.run_privacy") else requests.none()


def can_see(user: User, complaint: Complaint) -> bool:
    """Whether ``visible_to`` holds this row, answered from what is known of the user without asking for the row again."""
    if not (user.is_active and user.has_perm("complaints.use_desk")):
        return False
    if complaint.assignee_id == user.pk or complaint.team_id in teams_of(user):
        return True
    return user.has_perm("complaints.manage_shop") and complaint.merchant_id in shops_of(user)


def is_lead_of(user: User, complaint: Complaint) -> bool:
    """Whether somebody has a lead's rights over a complaint: leads in their own teams, managers in their own shops."""
    if not user.has_perm("complaints.lead_complaint"):
        return False
    return teams_of(user).get(complaint.team_id, False) or (
        user.has_perm("complaints.manage_shop") and complaint.merchant_id in shops_of(user)
    )


def reach_of_lead(user: User) -> tuple[list[int], list[int]]:
    """Ids of the teams that somebody leads and of the shops that they manage: what ``is_lead_of`` says of one complaint, put as places."""
    if not (user.is_active and user.has_perm("complaints.lead_complaint")):
        return [], []
    shops = sorted(shops_of(user)) if user.has_perm("complaints.manage_shop") else []
    return sorted(team_id for team_id, is_lead in teams_of(user).items() if is_lead), shops


def led_by(user: User) -> QuerySet[Complaint]:
    """The complaints over which somebody has a lead's rights."""
    teams, shops = reach_of_lead(user)
    return Complaint.objects.filter(Q(team__in=teams) | Q(merchant__in=shops))


def region_pauses_for(user: User) -> QuerySet[RegionPause]:
    """Pauses of regions that somebody made or that touch complaints they lead; ``may_end``: it touches no other ones.

    ``touched`` counts the clocks that followed it, ``still`` those that stand still by it now.
    """
    joined, led = RegionPauseRun.objects.filter(pause=OuterRef("pk")), led_by(user).values("pk")
    own = joined.filter(run__complaint__in=led)
    stand = Q(joined__run__state=ClockRun.State.PAUSED, joined__run__counted_at=F("joined__joined_at"))
    counted = RegionPause.objects.annotate(touched=Count("joined"), still=Count("joined", filter=stand))
    known = counted.annotate(may_end=~Exists(joined.exclude(run__complaint__in=led)) | Q(created_by=user))
    return known.filter(Q(created_by=user) | Exists(own)) if any(reach_of_lead(user)) else known.none()


def teams_of(user: User) -> dict[int, bool]:
    """Ids of the user's teams and whether the user leads them; they come along with a session's user, else one query."""
    if not hasattr(user, "_complaint_teams"):
        # A request's user is a lazy object, whose own __dict__ is another one.
        came_along = getattr(user, "_wrapped", user).__dict__.keys() >= {"team_ids", "led_team_ids"}
        found = {team_id: team_id in user.led_team_ids for team_id in user.team_ids} if came_along else _ask_teams(user)
        user._complaint_teams = found
    return user._complaint_teams


def _ask_teams(user: User) -> dict[int, bool]:
    return dict(Membership.objects.filter(user=user).values_list("team_id", "is_lead"))


def shops_of(user: User) -> frozenset[int]:
    """Ids of the shops that the user belongs to; read once per request."""
    if not hasattr(user, "_complaint_shops"):
        user._complaint_shops = frozenset(MerchantMember.objects.filter(user=user).values_list("merchant_id", flat=True))
    return user._complaint_shops
