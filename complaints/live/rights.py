"""Who may watch what: the rules of ``complaints.access``, asked for many open streams by one statement."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth import SESSION_KEY as USER_KEY
from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.crypto import constant_time_compare

from accounts.backends import ROLES_AND_TEAMS, bring_rights
from accounts.models import User
from accounts.sessions import SessionStore
from complaints import access, registry
from complaints.live.topics import Viewer
from complaints.models import Complaint
from foundation.prepared import Statement, Value

Watched = dict[str, bool]  # by topic: whether internal pointers are heard as well
PEOPLE = f"""
    SELECT u.id, u.password, u.session_epoch, u.is_active, u.is_staff, u.is_superuser, {ROLES_AND_TEAMS},
        ARRAY(SELECT merchant_id FROM orders_merchantmember WHERE user_id = u.id) AS shops
    FROM accounts_user u WHERE u.id = ANY(%s)"""  # noqa: S608 - no value in it


@dataclass(frozen=True)
class Claim:
    """A viewer with the topics of one stream. ``user_id`` and ``hash`` are what the session said when the stream was opened."""

    viewer: Viewer
    topics: frozenset[str]
    user_id: int = 0
    hash: str = ""


@dataclass
class Facts:
    """What one statement found out about everybody who watches."""

    sessions: set[str]
    people: dict[int, User]
    complaints: dict[str, Complaint]
    opened: dict[int, str]

    def person_of(self, claim: Claim) -> User | None:
        """The member of staff behind a claim, if the session still lives and is still theirs."""
        user = self.people.get(claim.user_id)
        if user is None or claim.viewer.session_key not in self.sessions or not (user.is_active and user.is_staff):
            return None
        valid = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
        return user if any(constant_time_compare(claim.hash, each) for each in valid) else None


def identify(claims: Sequence[Claim]) -> list[Claim]:
    """The same claims with the user that each session names. One query, none without a session."""
    keys = {claim.viewer.session_key for claim in claims} - {""}
    rows = _living_sessions(sorted(keys)).values_list("session_key", "session_data") if keys else ()
    named = {key: SessionStore().decode(text) for key, text in rows}
    return [_named(claim, named.get(claim.viewer.session_key, {})) for claim in claims]


def judge(claims: Sequence[Claim]) -> list[Watched]:
    """For each claim the topics that its viewer may watch now. One statement, however many there are."""
    facts = _find_facts(claims)
    return [_watchable(claim, facts) for claim in claims]


def _named(claim: Claim, session: dict[str, Any]) -> Claim:
    user_id = str(session.get(USER_KEY, ""))
    if not user_id.isdecimal():
        return claim
    return Claim(claim.viewer, claim.topics, int(user_id), session.get(HASH_SESSION_KEY, ""))


def _watchable(claim: Claim, facts: Facts) -> Watched:
    user = facts.person_of(claim)
    opened = {facts.opened.get(link_id) for link_id in claim.viewer.link_ids}
    found: Watched = {}
    for topic in claim.topics:
        kind, _, key = topic.partition("-")
        if user is not None and _may_watch(user, kind, key, facts):
            found[topic] = True
        elif kind == "complaint" and key in opened:
            found[topic] = False
    return found


def _may_watch(user: User, kind: str, key: str, facts: Facts) -> bool:
    """Whatever has no rule here is nobody's."""
    if not user.has_perm("complaints.use_desk"):
        return False
    rule = RULES.get(kind)
    if rule is not None:
        return rule(user, key, facts)
    above = registry.live_topic(kind)
    return above is not None and above.allows(user, key)


def _sees_complaint(user: User, key: str, facts: Facts) -> bool:
    return key in facts.complaints and access.can_see(user, facts.complaints[key])


def _reads_queue(user: User, key: str, _facts: Facts) -> bool:
    """Managers read the lists of all teams, narrowed to their shops; a pointer at a list says nothing of a complaint."""
    is_of_team = key.isdecimal() and int(key) in access.teams_of(user)
    return is_of_team or (key.isdecimal() and user.has_perm("complaints.manage_shop") and bool(access.shops_of(user)))


RULES: dict[str, Callable[[User, str, Facts], bool]] = {
    "complaint": _sees_complaint,
    "presence": _sees_complaint,
    "queue": _reads_queue,
    "user": lambda user, key, _facts: key == str(user.pk),
    "draft": lambda user, key, _facts: key == str(user.pk),
    "chats": lambda user, key, _facts: key == "" and user.has_perm("complaints.claim_complaint"),
}


def _find_facts(claims: Iterable[Claim]) -> Facts:
    wanted = _wanted(claims)
    with connection.cursor() as cursor:
        cursor.execute(*_statement().execution(connection, wanted))
        sessions, people, complaints, links = (part or [] for part in cursor.fetchone())
    return Facts(
        sessions={row["session_key"] for row in sessions},
        people={row["id"]: _person(row) for row in people},
        complaints={row["number"]: Complaint(**row) for row in complaints},
        opened={row["id"]: row["complaint__number"] for row in links},
    )


def _wanted(claims: Iterable[Claim]) -> dict[str, list]:
    wanted: dict[str, set] = defaultdict(set)
    for claim in claims:
        wanted["sessions"].add(claim.viewer.session_key)
        wanted["people"].add(claim.user_id)
        wanted["links"].update(claim.viewer.link_ids)
        wanted["numbers"].update(topic.partition("-")[2] for topic in claim.topics if topic.startswith(("complaint-", "presence-")))
    return {name: sorted(wanted[name]) for name in ("sessions", "people", "links", "numbers")}


def _person(row: dict[str, Any]) -> User:
    rights = [row.pop(name) for name in ("group_names", "all_teams", "led_teams")]
    shops = frozenset(row.pop("shops"))
    user = bring_rights(User(**row), *rights)
    user._complaint_shops = shops
    return user


def _living_sessions(keys: list[str] | Value) -> QuerySet:
    return SessionStore.get_model_class().objects.filter(session_key__any=keys, expire_date__gt=Now())


@cache
def _statement() -> Statement:
    """All four look-ups in one round trip, each as a list of JSON objects."""
    seen = Complaint.objects.filter(number__any=Value("numbers")).values("number", "team_id", "assignee_id", "merchant_id")
    opened = access.live_links(Now()).filter(pk__any=Value("links")).values("id", "complaint__number")
    parts = [
        _living_sessions(Value("sessions")).values("session_key").query.sql_with_params(),
        (PEOPLE, (Value("people"),)),
        seen.query.sql_with_params(),
        opened.query.sql_with_params(),
    ]
    texts = (f"(SELECT json_agg(q{place}) FROM ({text}) AS q{place})" for place, (text, _values) in enumerate(parts))  # noqa: S608
    return Statement("SELECT " + ", ".join(texts), [value for _text, values in parts for value in values])
