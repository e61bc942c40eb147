"""Rounds of a conversation: how long a customer waited for a person each time. The source of the rules is docs/kpis.md (K4, K5, rr3).

A round is a run of the customer's public messages with no public message of a person between them; what is automatic neither answers
nor ends one. ``three_minute_rounds`` is a pure function: the same messages give the same rounds, whoever asks.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import groupby
from math import sqrt
from operator import attrgetter

from django.db.models import QuerySet
from django.utils.timezone import localtime

from complaints.models import ChatSession, Event, Message

LIMIT = timedelta(seconds=180)
DAY_BEGINS, DAY_ENDS = 8, 23
FAST, LATE, LEFT, OPEN = "fast", "late", "left", "open"
DECIDED = frozenset({FAST, LATE})
FEWEST = 30
Z = 1.959964
MOST_MESSAGES = 60_000
# A conversation that began the day before may reach into the first day.
OVERLAP = timedelta(days=1)


@dataclass(frozen=True)
class Conversation:
    """What the rounds of one chat have in common. ``was_left``: the customer went away before it was over."""

    session: int
    complaint: int
    number: str
    team: int
    customer: str
    agent: int | None = None
    ended_at: datetime | None = None
    was_left: bool = False


@dataclass(frozen=True)
class Said:
    """One public message of the customer or of a person (``author``)."""

    conversation: Conversation
    at: datetime
    is_customer: bool
    author: int | None = None
    is_thanks: bool = False


@dataclass(frozen=True)
class Round:
    """From the customer's first words to the first words of a person, if there were any."""

    conversation: Conversation
    started_at: datetime
    replied_at: datetime | None = None
    replier: int | None = None

    @property
    def key(self) -> tuple[int, datetime]:
        return self.conversation.session, self.started_at

    @property
    def agent(self) -> int | None:
        """Whose it is: who answered, else who had the conversation."""
        return self.replier or self.conversation.agent

    @property
    def is_waiting(self) -> bool:
        return self.replied_at is None and self.conversation.ended_at is None

    @property
    def due_at(self) -> datetime:
        return self.started_at + LIMIT

    @property
    def is_by_day(self) -> bool:
        return DAY_BEGINS <= localtime(self.started_at).hour < DAY_ENDS

    def waited(self, as_of: datetime) -> timedelta:
        """Until the answer, else until the end, else until now."""
        return (self.replied_at or self.conversation.ended_at or as_of) - self.started_at

    def verdict(self, as_of: datetime, limit: timedelta = LIMIT) -> str:
        """Fast, late, left (the customer went before it was decided) or still open."""
        waited = self.waited(as_of)
        if self.replied_at is not None:
            return FAST if waited <= limit else LATE
        if self.conversation.ended_at is not None and waited < limit:
            return LEFT if self.conversation.was_left else LATE
        return OPEN if waited <= limit and self.conversation.ended_at is None else LATE


def three_minute_rounds(messages: Iterable[Said]) -> list[Round]:
    """The rounds of conversations whose messages come one after the other, each in its order. Mere thanks are no round."""
    return [each for _key, said in groupby(messages, key=attrgetter("conversation.session")) for each in _rounds_of(list(said))]


def _rounds_of(said: list[Said]) -> list[Round]:
    rounds, waiting = [], []
    for message in said:
        if message.is_customer:
            waiting.append(message)
        elif waiting:
            rounds.append((waiting, message))
            waiting = []
    if waiting:
        rounds.append((waiting, None))
    return [_round(asked, reply) for asked, reply in rounds if not all(each.is_thanks for each in asked)]


def _round(asked: list[Said], reply: Said | None) -> Round:
    return Round(asked[0].conversation, asked[0].at, reply and reply.at, reply and reply.author)


@dataclass(frozen=True)
class Rate:
    """A share made of two sets, the counted ones within all of them."""

    counted: frozenset
    of: frozenset

    def __post_init__(self) -> None:
        if not self.counted <= self.of:
            raise ValueError("what is counted must be part of the whole")

    @property
    def k(self) -> int:
        return len(self.counted)

    @property
    def n(self) -> int:
        return len(self.of)

    @property
    def is_small(self) -> bool:
        """Below thirty there is no percentage, only how many of how many."""
        return self.n < FEWEST

    @property
    def percent(self) -> float:
        return 100 * self.k / self.n if self.n else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval in percent."""
        return wilson(self.k, self.n)


def wilson(k: int, n: int) -> tuple[float, float]:
    if not n:
        return 0.0, 100.0
    middle, spread = k / n + Z * Z / (2 * n), Z * sqrt(k * (n - k) / n**3 + Z * Z / (4 * n * n))
    return 100 * (middle - spread) / (1 + Z * Z / n), 100 * (middle + spread) / (1 + Z * Z / n)


@dataclass(frozen=True)
class Sorted:
    """The rounds of a period by verdict; only those that began between 08:00 and 23:00 count."""

    rounds: list[Round]
    as_of: datetime
    by_verdict: dict[str, list[Round]] = field(default_factory=dict)

    @classmethod
    def of(cls, rounds: Iterable[Round], as_of: datetime) -> "Sorted":
        counted = [each for each in rounds if each.is_by_day]
        groups: dict[str, list[Round]] = {FAST: [], LATE: [], LEFT: [], OPEN: []}
        for each in counted:
            groups[each.verdict(as_of)].append(each)
        return cls(counted, as_of, groups)

    @property
    def decided(self) -> list[Round]:
        return [*self.by_verdict[FAST], *self.by_verdict[LATE]]

    @property
    def rate(self) -> Rate:
        """``rr3``: rounds that a person answered within three minutes, of those that are decided."""
        return Rate(_keys(self.by_verdict[FAST]), _keys(self.decided))

    @property
    def people(self) -> Rate:
        """``rr3_people``: customers none of whose rounds waited three minutes, of the customers with a decided round."""
        everybody = frozenset(each.conversation.customer for each in self.decided)
        kept_waiting = {each.conversation.customer for each in self.decided if each.waited(self.as_of) >= LIMIT}
        return Rate(everybody - kept_waiting, everybody)


def _keys(rounds: Iterable[Round]) -> frozenset:
    return frozenset(each.key for each in rounds)


LEAVING = {ChatSession.State.ABANDONED, ChatSession.State.LEFT_MESSAGE, ChatSession.State.CALLBACK}
# Why a conversation was ended that says the same: the customer closed it, or was not heard of any more.
CUSTOMERS_CAUSES = {"customer", "silent"}


def read_rounds(complaints: QuerySet, *, since: datetime) -> list[Round]:
    """The rounds of chats about these complaints that began since then; one query, over the newest 60,000 messages."""
    rows = chat_messages(complaints, since=since).select_related("contact__chat__complaint").only(*READ).order_by("-id")
    in_order = sorted(rows[:MOST_MESSAGES], key=lambda row: (row.contact.chat.pk, _left_at(row), row.pk))
    rounds = [each for each in three_minute_rounds(map(_said, in_order)) if each.started_at >= since]
    return _with_leavers(rounds)


def chat_messages(complaints: QuerySet, *, since: datetime) -> QuerySet[Message]:
    """What customers and people said in chats that began since then, or the day before."""
    return Message.objects.filter(
        kind=Message.Kind.PUBLIC,
        retracted_at__isnull=True,
        author_kind__in=[Message.Author.CUSTOMER, Message.Author.HUMAN],
        contact__chat__queued_at__gte=since - OVERLAP,
        contact__chat__complaint__in=complaints,
    )


def _with_leavers(rounds: list[Round]) -> list[Round]:
    """An end before three minutes is the customer's or ours; who ended the conversation stands in its event. One query if any is."""
    cut_short = {each.conversation.session: each.conversation for each in rounds if _is_cut_short(each)}
    if not cut_short:
        return rounds
    events = Event.objects.filter(complaint__in=[each.complaint for each in cut_short.values()], kind="chat.ended")
    causes = {codes["session"]: codes["cause"] for codes in events.values_list("codes", flat=True)}
    left = {session: replace(each, was_left=True) for session, each in cut_short.items() if causes.get(session) in CUSTOMERS_CAUSES}
    return [replace(each, conversation=left.get(each.conversation.session, each.conversation)) for each in rounds]


def _is_cut_short(each: Round) -> bool:
    ended_at = each.conversation.ended_at
    return each.replied_at is None and ended_at is not None and not each.conversation.was_left and ended_at - each.started_at < LIMIT


READ = (
    "author_kind", "author_id", "is_thanks", "created_at", "leaves_at", "contact__chat__state", "contact__chat__agent_id",
    "contact__chat__ended_at", "contact__chat__complaint__number", "contact__chat__complaint__team_id",
    "contact__chat__complaint__customer_id", "contact__chat__contact_id", "contact__id",
)  # fmt: skip


def _left_at(message: Message) -> datetime:
    """When a message was there for the other side; a reply that can be taken back leaves a little later."""
    return message.leaves_at or message.created_at


def _said(message: Message) -> Said:
    chat = message.contact.chat
    complaint = chat.complaint
    conversation = Conversation(
        session=chat.pk,
        complaint=complaint.pk,
        number=complaint.number,
        team=complaint.team_id,
        customer=f"c{complaint.customer_id}" if complaint.customer_id else f"n{complaint.pk}",
        agent=chat.agent_id,
        ended_at=chat.ended_at,
        was_left=chat.state in LEAVING,
    )
    is_customer = message.author_kind == Message.Author.CUSTOMER
    return Said(conversation, _left_at(message), is_customer, message.author_id, message.is_thanks)
