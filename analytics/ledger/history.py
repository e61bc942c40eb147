"""One merge group told in order: who wrote when, who had it, how it stood. Every family of facts is folded from this."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from typing import Any

from .entries import Entry, Goods, Group, Settings, seconds

CUSTOMERS_OWN = frozenset({"customer", "integration"})
RESOLVED = frozenset({"solved", "declined"})
ENDED = frozenset({"resolved", "closed", "withdrawn"})
ORDER_SAID = frozenset({"complaint.filed", "order.bound", "order.unbound"})
WAITING = ("us", "customer", "warehouse", "finance", "carrier", "supplier", "regulator")


@dataclass(frozen=True)
class Said:
    """One public message, or a call that reached the customer. ``who`` is customer, human, auto, bot or system."""

    at: datetime
    who: str
    contact: int | None
    actor: int | None
    message: int | None = None
    is_thanks: bool = False
    is_call: bool = False


@dataclass(frozen=True)
class Labels:
    """What a complaint was at a moment."""

    team: int = 0
    agent: int = 0
    tier: str = ""
    priority: int = 1


@dataclass
class CycleSpan:
    """One cycle of the surviving complaint: from opening to its (latest) end."""

    number: int
    opened: datetime
    ended: datetime | None = None
    outcome: str = ""
    solver: int = 0
    reopened: datetime | None = None


@dataclass(frozen=True)
class History:
    """A group with what is read off its entries. Own entries are those of the surviving complaint."""

    group: Group
    settings: Settings
    own: tuple[Entry, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "own", tuple(each for each in self.group.entries if each.subject == self.group.root))

    def of(self, *kinds: str, own: bool = False) -> Iterator[Entry]:
        return (each for each in (self.own if own else self.group.entries) if each.kind in kinds)

    @cached_property
    def filed(self) -> list[Entry]:
        """Every filing of the group, the earliest first."""
        return list(self.of("complaint.filed"))

    @cached_property
    def root_filing(self) -> Entry:
        return next(self.of("complaint.filed", own=True))

    @cached_property
    def asked(self) -> Entry | None:
        """The first filing by which a customer came."""
        return next((each for each in self.filed if each.codes.get("origin", "customer") in CUSTOMERS_OWN), None)

    @property
    def began(self) -> datetime:
        """The earliest contact: the customer's, else when the house opened it."""
        return (self.asked or self.filed[0]).at

    @cached_property
    def channel(self) -> str:
        return (self.asked or self.filed[0]).codes.get("channel", "")

    @cached_property
    def contact_channels(self) -> dict[int, str]:
        """How the customer came, by contact."""
        return {each.codes["contact"]: each.codes.get("channel", "") for each in self.of("complaint.filed", "contact.added")}

    @cached_property
    def said(self) -> list[Said]:
        """Public words in order, without those that were taken back; a call that reached the customer counts as a person's words."""
        taken_back = {each.codes["message"] for each in self.of("message.retracted")}
        thanks = self._thanks()
        return [said for said in map(_said, self.group.entries) if said and said.message not in taken_back and said not in thanks]

    def _thanks(self) -> set[Said]:
        """Messages that are mere thanks, as they were taken or as a person has classified them since."""
        classified = {each.codes["message"]: each.codes["thanks"] for each in self.of("message.classified") if "thanks" in each.codes}
        all_said = filter(None, map(_said, self.group.entries))
        return {each for each in all_said if each.who == "customer" and classified.get(each.message, each.is_thanks)}

    @cached_property
    def human(self) -> list[Said]:
        """What people of the house said, since the customer came."""
        return [each for each in self.said if each.who == "human" and each.at >= self.began]

    @cached_property
    def hours(self) -> Any:
        """The opening hours that were pinned when the first clock started; None where there are none."""
        pinned = (each.codes.get("calendar") for each in self.of("clock.started"))
        return self.group.hours.get(next((number for number in pinned if number), 0))

    def business(self, start: datetime, end: datetime) -> int | None:
        return None if self.hours is None else self.hours.between(start, end)

    @cached_property
    def excluded(self) -> str:
        """Why the complaint is left out of every count; empty if it counts."""
        code = ""
        for each in self.of("excluded.set", "status.changed", own=True):
            if each.kind == "excluded.set":
                code = each.codes.get("exclusion", "")
            elif each.codes.get("verb") == "restore":
                code = ""
        return code

    @cached_property
    def status(self) -> str:
        return next((each.codes["to"] for each in reversed(self.own) if each.kind == "status.changed"), "new")

    @cached_property
    def cycles(self) -> list[CycleSpan]:
        spans = [CycleSpan(1, self.root_filing.at)]
        for each in self.of("cycle.resolved", "cycle.reopened", "status.changed", own=True):
            _go_on(spans, each)
        return spans

    @cached_property
    def resolutions(self) -> list[CycleSpan]:
        """Cycles that ended solved or not upheld, in order."""
        return [each for each in self.cycles if each.ended and each.outcome in RESOLVED]

    @cached_property
    def labels(self) -> list[tuple[datetime, Labels]]:
        """What the surviving complaint was, from each moment on at which that changed."""
        filed = self.root_filing
        now = Labels(filed.codes.get("team") or 0, 0, filed.codes.get("tier") or "", filed.codes.get("priority", 1))
        found = [(filed.at, now)]
        for each in self.own:
            changed = _relabelled(found[-1][1], each)
            if changed != found[-1][1]:
                found.append((each.at, changed))
        return found

    def labels_at(self, at: datetime) -> Labels:
        return next((labels for since, labels in reversed(self.labels) if since <= at), self.labels[0][1])

    @cached_property
    def category(self) -> str:
        latest = next((each.codes["to"] for each in reversed(self.own) if each.kind == "category.set"), None)
        return latest or self.root_filing.codes.get("category", "")

    @cached_property
    def reason(self) -> str:
        return next((each.codes["reason"] for each in reversed(self.own) if each.kind == "reason.set"), "")

    @cached_property
    def liability(self) -> dict[str, int]:
        return next((each.codes["liability"] for each in reversed(self.own) if each.kind == "liability.set"), {})

    @cached_property
    def order_entry(self) -> Entry:
        """What last said which order the complaint is about: its filing, or a person who has bound or unbound one since."""
        return next((each for each in reversed(self.own) if each.kind in ("order.bound", "order.unbound")), self.root_filing)

    @property
    def order(self) -> int | None:
        """The order that the complaint is about now."""
        return None if self.order_entry.kind == "order.unbound" else self.order_entry.codes.get("order")

    def order_of(self, member: int) -> int:
        """The order that one of the group was about when it was last said; 0 for none."""
        said = [each for each in self.group.entries if each.subject == member and each.kind in ORDER_SAID]
        return 0 if not said or said[-1].kind == "order.unbound" else said[-1].codes.get("order") or 0

    @cached_property
    def goods(self) -> Goods:
        return self.group.goods.get(self.order or 0, Goods())

    @cached_property
    def sku(self) -> str:
        """The article that it is about: the one chosen, else that of an order with one."""
        lines = self.order_entry.codes.get("lines") or [] if self.order_entry is self.root_filing else []
        chosen = sorted({self.group.skus[line] for line in lines if line in self.group.skus})
        named = chosen or sorted(self.goods.skus)
        return named[0] if len(named) == 1 else ""

    @cached_property
    def is_external(self) -> bool:
        return any(True for _ in self.of("external.changed"))

    @cached_property
    def team_moves(self) -> list[Entry]:
        """Changes of the team after somebody of the house had begun."""
        acted = (each.at for each in self.own if each.author == "human" and each.actor and each.kind != "complaint.filed")
        begun = next(acted, None)
        return [each for each in self.of("team.changed", own=True) if begun is not None and each.at >= begun]

    def columns_at(self, at: datetime | None, *, settled: datetime | None = None, **values: Any) -> dict[str, Any]:
        """The columns that every family shares. Who had it, and where, is as of when the matter was ``settled``, if that was before."""
        labels = self.labels_at(min(filter(None, [at, settled]), default=self.began))
        return {
            "source": self.group.source,
            "root_id": self.group.root,
            "day": at and self.settings.day(at),
            "at": at,
            "merchant": self.root_filing.codes.get("merchant") or 0,
            "channel": self.channel,
            "category": self.category,
            "reason": self.reason,
            "team": labels.team,
            "agent": labels.agent,
            "tier": labels.tier,
            "priority": labels.priority,
            "carrier": self.goods.carrier,
            "warehouse": self.goods.warehouse,
            "sku": self.sku,
            "province": self.goods.province,
            "language": self.root_filing.codes.get("language") or "",
            "excluded": self.excluded,
            **values,
        }

    def waiting_parts(self, until: datetime) -> dict[str, int]:
        """Whole seconds from the first contact to a moment by whom the complaint waited for; they add up to the whole."""
        turns = sorted(_turns(self.own), key=lambda turn: turn[0])
        marks = [(self.began, "us"), *((at, who) for at, who in turns if self.began < at < until), (until, "")]
        parts = dict.fromkeys(WAITING, 0)
        for (since, who), (end, _next) in pairwise(marks):
            parts[who] += seconds(self.began, end) - seconds(self.began, since)
        return parts


def _said(entry: Entry) -> Said | None:
    codes = entry.codes
    if entry.kind == "call.logged" and codes.get("reached"):
        return Said(entry.at, "human", codes.get("contact"), entry.actor, is_call=True)
    if entry.kind != "message.posted" or not codes.get("public", True):
        return None
    return Said(entry.at, codes["author_kind"], codes.get("contact"), entry.actor, codes.get("message"), bool(codes.get("thanks")))


def _go_on(spans: list[CycleSpan], entry: Entry) -> None:
    """Let an event end, correct or follow the last cycle."""
    last, codes = spans[-1], entry.codes
    if entry.kind == "cycle.resolved":
        last.ended, last.outcome, last.solver = entry.at, codes["outcome"], codes.get("solver") or 0
    elif entry.kind == "cycle.reopened" and codes.get("correction"):
        last.ended, last.outcome, last.solver = None, "", 0
    elif entry.kind == "cycle.reopened":
        last.reopened = None if codes.get("cause") == "resumed" else entry.at
        spans.append(CycleSpan(codes.get("cycle", last.number + 1), entry.at))
    elif codes.get("verb") == "withdraw" and last.outcome not in RESOLVED:
        last.ended, last.outcome, last.solver = entry.at, "withdrawn", 0


def _relabelled(now: Labels, entry: Entry) -> Labels:
    codes = entry.codes
    if entry.kind == "assigned":
        return Labels(codes.get("team") or now.team, codes.get("agent") or 0, now.tier, now.priority)
    if entry.kind in ("unassigned", "taken_back"):
        return Labels(now.team, 0, now.tier, now.priority)
    if entry.kind == "team.changed":
        return Labels(codes["to"], now.agent, now.tier, now.priority)
    if entry.kind == "priority.set":
        return Labels(now.team, now.agent, now.tier, codes["to"])
    return now


def _turns(entries: Iterable[Entry]) -> Iterator[tuple[datetime, str]]:
    """From when on a complaint waited for whom. While a mediation holds its clock it waits for the regulator."""
    whom, held = "us", set()
    for each in entries:
        codes = each.codes
        if each.kind == "waiting.set":
            whom = codes["waiting_on"] if codes["waiting_on"] in WAITING else "us"
        elif each.kind == "status.changed" and codes["to"] in ENDED | {"open"}:
            whom = "customer" if codes["to"] in ENDED else "us"
        elif each.kind == "clock.paused" and codes.get("reason") == "regulator":
            held.add(codes["run"])
        elif each.kind in ("clock.resumed", "clock.met", "clock.cancelled"):
            held.discard(codes["run"])
        else:
            continue
        yield each.at, "regulator" if held and whom != "customer" else whom
