"""The events of an imported case as the entries that a fold is given: what this house would have written down.

A case is filed at its first event, whatever that event was. It is resolved once until it is taken up again; what closes it
without a resolution resolves it. Where the log says which team an event belongs to, another team is a change of team. A log that
has no word for what people write says nothing of how long customers waited for an answer: its cases are filed by the house.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from analytics.ledger.entries import Entry, Group
from analytics.models import ImportedEvent
from complaints.lifecycle import Status

from .mapping import Kind, Mapping
from .statistics import GONE, RESOLVED, WORK

CONTACT = 1
OUTCOMES = {Kind.RESOLVED: "solved", Kind.CLOSED: "solved", Kind.DECLINED: "declined", Kind.NO_RESPONSE: "no_response"}
VERBS = {Kind.RESOLVED: "resolve", Kind.CLOSED: "resolve", Kind.DECLINED: "decline", Kind.NO_RESPONSE: "give_up"}
AUTHORS = {Kind.CUSTOMER_MESSAGE: "customer", Kind.HUMAN_MESSAGE: "human", Kind.BOT_MESSAGE: "bot"}
WAITING = "waiting_"
OURS = "us"
CUSTOMERS = frozenset({Kind.FILED, Kind.CUSTOMER_MESSAGE, Kind.WITHDRAWN})


def group_of(log_id: int, events: Sequence[ImportedEvent], *, mapping: Mapping) -> Group:
    """The group of one case. ``events`` are sorted by time, then by place."""
    root = root_of(events)
    entries = tuple(_Case(root, mapping).tell(events))
    return Group(root=root, entries=entries, source=log_id)


def root_of(events: Sequence[ImportedEvent]) -> int:
    """The number of a case: where it first stands in the file."""
    return min(each.position for each in events)


class _Case:
    """One case as it goes: where it is, how it stands, what it is called."""

    def __init__(self, root: int, mapping: Mapping) -> None:
        self.root, self.mapping = root, mapping
        self.seq, self.cycle, self.ended = 0, 1, ""
        self.status: str = Status.NEW
        self.team = 0
        self.labels: dict[str, Any] = {}

    def tell(self, events: Sequence[ImportedEvent]) -> Iterator[Entry]:
        yield from self._file(events[0])
        for each in events:
            yield from self._go_on(each)

    def _entry(self, event: ImportedEvent, kind: str, **codes: Any) -> Entry:
        self.seq += 1
        is_customers, is_person = event.kind in CUSTOMERS, bool(event.actor) and not event.codes.get("machine")
        author = "customer" if is_customers else "human" if is_person else "system"
        actor = event.actor if author == "human" else None
        return Entry(event.at, self.root, self.seq, kind, actor, author, codes)

    def _file(self, first: ImportedEvent) -> Iterator[Entry]:
        self.team = first.team
        self.labels = {"category": first.codes.get("category", ""), "priority": first.codes.get("priority", 1)}
        named = {"channel": first.codes.get("channel", ""), "team": first.team, **self.labels}
        origin = "customer" if self.mapping.knows_messages else "import"
        filed = self._entry(first, "complaint.filed", contact=CONTACT, origin=origin, **named)
        yield filed._replace(actor=None, author="customer")
        if self.mapping.knows_messages and first.kind != Kind.CUSTOMER_MESSAGE:
            said = self._entry(first, "message.posted", public=True, author_kind="customer", contact=CONTACT)
            yield said._replace(actor=None, author="customer")

    def _go_on(self, event: ImportedEvent) -> Iterator[Entry]:
        yield from self._take_up(event)
        yield from self._relabel(event)
        if event.kind in AUTHORS:
            yield self._say(event)
        elif event.kind in RESOLVED | GONE:
            yield from self._end(event)
        elif event.kind == Kind.ASSIGNED:
            yield self._entry(event, "assigned", agent=_person(event), team=self.team)
        elif event.kind == Kind.WORKED:
            yield from self._stand(event, Status.OPEN, "begin")
        elif event.kind.startswith(WAITING):
            yield from self._wait(event, event.kind.removeprefix(WAITING))

    def _take_up(self, event: ImportedEvent) -> Iterator[Entry]:
        """Open the case again if it has ended and this goes on with it."""
        if not self.ended or not (event.kind == Kind.REOPENED or (self.mapping.reopens_when_worked and event.kind in WORK)):
            return
        self.cycle += 1
        cause = {"cause": "resumed"} if self.ended == "gone" else {}
        self.ended = ""
        yield from self._stand(event, Status.OPEN, "reopen")
        yield self._entry(event, "cycle.reopened", cycle=self.cycle, **cause)

    def _relabel(self, event: ImportedEvent) -> Iterator[Entry]:
        """What the event says of the team, the category and the priority, where it says another than before."""
        if event.team and event.team != self.team:
            yield self._entry(event, "team.changed", **{"from": self.team, "to": event.team})
            self.team = event.team
        for label, before in self.labels.items():
            now = event.codes.get(label, before)
            if now != before:
                self.labels[label] = now
                yield self._entry(event, f"{label}.set", **{"from": before, "to": now})

    def _say(self, event: ImportedEvent) -> Entry:
        author = "bot" if event.codes.get("machine") and event.kind == Kind.HUMAN_MESSAGE else AUTHORS[Kind(event.kind)]
        return self._entry(event, "message.posted", public=True, author_kind=author, contact=CONTACT, message=event.position)

    def _end(self, event: ImportedEvent) -> Iterator[Entry]:
        kind = Kind(event.kind)
        if kind == Kind.WITHDRAWN and not self.ended:
            self.ended = "gone"
            yield from self._stand(event, Status.WITHDRAWN, "withdraw")
        elif not self.ended:
            self.ended = "gone" if kind in GONE else "resolved"
            yield from self._stand(event, Status.RESOLVED, VERBS[kind])
            yield self._entry(event, "cycle.resolved", outcome=OUTCOMES[kind], solver=_person(event), cycle=self.cycle)
        if kind == Kind.CLOSED and self.status == Status.RESOLVED:
            yield from self._stand(event, Status.CLOSED, "confirm")

    def _wait(self, event: ImportedEvent, whom: str) -> Iterator[Entry]:
        status = {OURS: Status.OPEN, "customer": Status.WAITING_CUSTOMER}.get(whom, Status.WAITING_INTERNAL)
        yield from self._stand(event, status, "wait")
        yield self._entry(event, "waiting.set", waiting_on=whom)

    def _stand(self, event: ImportedEvent, status: str, verb: str) -> Iterator[Entry]:
        if status != self.status:
            yield self._entry(event, "status.changed", **{"from": self.status, "to": status, "verb": verb})
            self.status = status


def _person(event: ImportedEvent) -> int:
    """Who did it, 0 for a machine: nobody gets the credit for what a machine does."""
    return 0 if event.codes.get("machine") else event.actor
