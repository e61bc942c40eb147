"""The people of a lead's board: whether they are there, what they hold, and when they work."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.contrib.auth.models import Group
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, F, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject, Now
from django.utils.translation import gettext as _

from accounts.models import AgentSkill, Membership, Presence, Shift, Skill, User
from accounts.roles import PERMISSIONS
from complaints.assignment.load import CAPACITY, IN_WORK
from complaints.models import ChatSession
from ui.localize import localized

FREE, BUSY, AWAY, OFFLINE = "free", "busy", "away", "offline"
STATES = (FREE, BUSY, AWAY, OFFLINE)
HELD_CHATS = [ChatSession.State.OFFERED, ChatSession.State.ACTIVE]
ANSWERING = [role for role, names in PERMISSIONS.items() if "complaints.reply_complaint" in names]
SILENCE = timedelta(seconds=Presence.HEARTBEAT_SECONDS)


@dataclass(frozen=True)
class Person:
    """One agent now. ``state``: free (takes work), busy (there, but full), away (or silent), offline."""

    id: int
    name: str
    state: str
    used: int
    capacity: int
    chats: int = 0
    skills: list[tuple[str, int]] = field(default_factory=list)
    is_on_leave: bool = False
    shift_ends_at: datetime | None = None
    called_at: datetime | None = None

    @property
    def percent(self) -> int:
        return min(self.used * 100 // self.capacity, 999) if self.capacity else 100

    @property
    def is_there(self) -> bool:
        return self.state in (FREE, BUSY)

    @property
    def is_full(self) -> bool:
        return self.used + IN_WORK > self.capacity

    @property
    def state_words(self) -> str:
        return {FREE: _("free"), BUSY: _("full"), AWAY: _("away"), OFFLINE: _("offline")}[self.state]


def read_people(team_ids: Collection[int]) -> list[Person]:
    """Who may answer in these teams: whoever is free first, then by load. One query."""
    people = [_person(row) for row in _rows(team_ids)]
    return sorted(people, key=lambda person: (STATES.index(person.state), person.percent, person.id))


def _rows(team_ids: Collection[int]) -> QuerySet:
    members = Membership.objects.filter(team__in=list(team_ids), user=OuterRef("pk"))
    roles = Group.objects.filter(user=OuterRef("pk"), name__in=ANSWERING)
    running = Shift.objects.filter(user=OuterRef("pk"), starts_at__lte=Now(), ends_at__gt=Now())
    working = running.filter(is_leave=False)
    chats = ChatSession.objects.filter(agent=OuterRef("pk"), state__in=HELD_CHATS).order_by().values("agent")
    skills = AgentSkill.objects.filter(user=OuterRef("pk")).order_by("skill__code")
    names = {name: f"skill__{name}" for name in ("code", "name_zh", "name_en")}
    return User.objects.filter(Exists(members), Exists(roles), is_active=True).values(
        "pk",
        "name",
        "username",
        presence_state=F("presence__state"),
        is_heard=Exists(Presence.objects.filter(user=OuterRef("pk"), heartbeat_at__gt=Now() - SILENCE)),
        room=Coalesce(Subquery(working.order_by("-ends_at").values("capacity")[:1]), "presence__capacity", CAPACITY),
        used=Coalesce("load__used", 0),
        chat_count=Coalesce(Subquery(chats.annotate(number=Count("pk")).values("number")), 0),
        skill_rows=ArraySubquery(skills.values(row=JSONObject(level="level", **names))),
        is_on_leave=Exists(running.filter(is_leave=True)),
        shift_ends_at=Subquery(working.order_by().values("user").annotate(last=Max("ends_at")).values("last")),
        called_at=F("presence__called_at"),
    )


def _person(row: dict) -> Person:
    return Person(
        id=row["pk"],
        name=row["name"] or row["username"],
        state=_state_of(row),
        used=row["used"],
        capacity=row["room"],
        chats=row["chat_count"],
        skills=[(_skill_name(each), each["level"]) for each in row["skill_rows"]],
        is_on_leave=row["is_on_leave"],
        shift_ends_at=row["shift_ends_at"],
        called_at=row["called_at"],
    )


def _skill_name(row: dict) -> str:
    return localized(Skill(code=row["code"], name_zh=row["name_zh"], name_en=row["name_en"]), "name")


def _state_of(row: dict) -> str:
    if row["presence_state"] == Presence.State.READY and row["is_heard"]:
        return FREE if row["used"] + IN_WORK <= row["room"] else BUSY
    return AWAY if row["presence_state"] in (Presence.State.READY, Presence.State.AWAY) else OFFLINE


def find_person(people: Iterable[Person], user_id: int | None) -> Person | None:
    return next((person for person in people if person.id == user_id), None)
