"""One verb on one complaint, from the lock to the news. Every service of this app is written with it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from complaints import guards
from complaints.access import is_lead_of
from complaints.assignment.load import CHAT, shift_load, take_room, weight_of
from complaints.clauses import against_reading, against_touching, reasons_against
from complaints.lifecycle import LIVE, Status
from complaints.live import publish
from complaints.live.news import publish_act
from complaints.models import Complaint, Event, FollowUp, Message, Outbox
from complaints.services.calls import end_calls
from complaints.services.conversations import GONE, end_with_complaint
from complaints.services.notices import draft_notice, wake_relay
from complaints.signals import status_changed
from complaints.sla.book import ClockBook
from complaints.sla.deadlines import deadlines_of
from complaints.sla.ladder import climb
from foundation.batch import Batch, take_many
from foundation.events import HEAD_FIELDS, EventSpec, chain_events, put_events
from foundation.exceptions import Forbidden
from foundation.verbs import announce, is_replay, lock, require, require_version

RELATED = ("category", "customer")
OVER = frozenset(Status) - LIVE


class Act:
    """Collects what a verb changes, then writes it in one round trip: the row, its clocks, the events, the notices; and the load.

    ``is_replay`` tells that this request was carried out before: return ``complaint`` as it is.
    """

    def __init__(
        self, complaint: Complaint, *, by: Any, as_customer: bool = False, is_replay: bool = False, at: datetime | None = None
    ) -> None:
        self.complaint = complaint
        self.by = by
        self.as_customer = as_customer
        self.is_replay = is_replay
        self.at: datetime = at or timezone.now()
        self._fields: dict[str, None] = {}
        self._specs: list[EventSpec] = []
        self._notices: list[dict[str, Any]] = []
        self._verbs: list[str] = []
        self._counted = {complaint.assignee_id: weight_of(complaint)}
        self._team_before = complaint.team_id
        self._follow_ups: list[FollowUp] = []
        self._drafts: list[Outbox] = []
        self.clocks = ClockBook(complaint, at=self.at, note=self.note, effect=partial(climb, self))

    @property
    def author_kind(self) -> str:
        return "customer" if self.as_customer else "system" if self.by is None else "human"

    @property
    def has_moved(self) -> bool:
        return bool(self._verbs)

    @property
    def is_lead(self) -> bool:
        return self.by is not None and is_lead_of(self.by, self.complaint)

    def check(self, verb: str) -> None:
        """Refuse with every reason unless this person may use the verb now."""
        require(reasons_against(verb, self.complaint, self.by, as_customer=self.as_customer))

    def move(self, verb: str, **codes: Any) -> None:
        """Carry out a transition and note it."""
        before = self.complaint.status
        getattr(self.complaint, verb)()
        self._verbs.append(verb)
        self.change("status", "status_before")
        self.note(
            "status.changed", codes={"from": before, "to": self.complaint.status, "verb": verb, "cycle": self.complaint.cycle, **codes}
        )

    def set(self, **values: Any) -> None:
        """Set fields of the complaint, to be saved at the end."""
        for name, value in values.items():
            setattr(self.complaint, name, value)
        self.change(*values)

    def change(self, *names: str) -> None:
        self._fields.update(dict.fromkeys(names))

    def note(
        self,
        kind: str,
        *,
        codes: dict[str, Any] | None = None,
        payload: dict[str, Any] | None = None,
        at: datetime | None = None,
        author_kind: str = "",
    ) -> None:
        """Add an event: ``codes`` are ids, codes and integers that stay for ever, ``payload`` is text that may be erased.

        ``author_kind`` is for what the house concludes from an act of somebody else.
        """
        author_kind = author_kind or self.author_kind
        self._specs.append(EventSpec(kind, codes or {}, payload, by=self.by, author_kind=author_kind, at=at or self.at))

    def tell(self, node: str, *, message: Message | None = None, at: datetime | None = None, values: dict[str, Any] | None = None) -> None:
        """Add a notice to the customer."""
        self._notices.append({"node": node, "message": message, "at": at, "values": values})

    def put_priority(self, priority: int) -> None:
        """Set the priority."""
        if self.complaint.priority != priority:
            self.note("priority.set", codes={"from": self.complaint.priority, "to": priority})
            self.set(priority=priority)

    def follow_up(self, kind: str, *, role: str, due_at: datetime, **fields: Any) -> FollowUp:
        """Add something that somebody must do about the complaint by a moment."""
        self.note("follow_up.added", codes={"kind": kind, "role": role, "due_at": due_at.isoformat()})
        return self.add_follow_up(FollowUp(kind=kind, role=role, due_at=due_at, **fields))

    def add_follow_up(self, row: FollowUp) -> FollowUp:
        """Add one that is noted by an event of its own."""
        row.complaint, row.created_at = self.complaint, self.at
        self._follow_ups.append(row)
        return row

    def owe_answer(self) -> None:
        """The customer had the last word; the clock runs from the first message that waits."""
        self.set(needs_reply=True, unanswered_since=self.complaint.unanswered_since or self.at)

    def answered(self) -> None:
        """We had the last word."""
        self.set(needs_reply=False, unanswered_since=None)
        if self.complaint.first_reply_at is None:
            self.set(first_reply_at=self.at)

    def take_room(self, to: Any, *, extra: int = 0, is_beyond: bool = False, terms: Mapping[str, Any] | None = None) -> int | None:
        """Count the complaint as work of ``to`` now, not at the end: whether there is room decides who gets it.

        ``extra`` units come on top: a chat about it. Returns the load before; None when there is no room or the ``terms`` do not hold
        (see ``load.take_room``). Loads are moved in the order of their ids.
        """
        holder, weight, used = self.complaint.assignee_id, weight_of(self.complaint), None
        new = extra + (weight if holder != to.pk else 0)
        for user_id in sorted({holder, to.pk} - {None}):
            if user_id == to.pk:
                used = take_room(to.pk, new, at=self.at, is_beyond=is_beyond or not new, terms=terms)
            else:
                shift_load(holder, -self._counted.pop(holder, 0))
        if holder != to.pk:
            self._counted[to.pk] = weight
        return used

    def finish(self, *, raises_version: bool = True) -> Complaint:
        """Write everything and send the news after the commit; returns the complaint."""
        finish_acts([self], raises_version=raises_version)
        return self.complaint

    def settle(self, *, raises_version: bool) -> list[Event]:
        """Work out what is to be written, and return its events, which have no keys yet."""
        self._end_conversation()
        end_calls(self, self._verbs)
        self.clocks.settle(self._fields.keys())
        if self.clocks.is_open:
            self.set(**deadlines_of(self.complaint, self.clocks))
        if raises_version:
            self.set(version=self.complaint.version + 1)
        return chain_events(self.complaint, self._specs)

    def put(self, batch: Batch) -> None:
        """Add the complaint, its clocks, what is to be done and what the customer is told."""
        batch.update(self.complaint, *self._fields, *HEAD_FIELDS)
        self.clocks.put(batch)
        batch.insert(*self._follow_ups)
        drafts = [draft_notice(self.complaint, event_seq=self.complaint.head_seq, **notice) for notice in self._notices]
        self._drafts = [draft for draft in drafts if draft is not None]
        batch.insert(*self._drafts)

    def spread(self) -> None:
        """What follows from what was written: loads are moved, and whoever listens hears of it after the commit."""
        self._end_follow_ups()
        wake_relay(*self._drafts)
        self._shift_load()
        for verb in self._verbs:
            announce(status_changed, complaint=self.complaint, verb=verb, by=self.by)
        for owner_id in {row.owner_id for row in self._follow_ups} - {None}:
            publish("user", owner_id)
        publish_act(self.complaint, self._specs, self._fields, team_before=self._team_before)

    def _end_conversation(self) -> None:
        if self._verbs and self.complaint.status in GONE:
            holder = end_with_complaint(self)
            if holder is not None:
                self._counted[holder] = self._counted.get(holder, 0) + CHAT

    def _end_follow_ups(self) -> None:
        """What only made sense while the complaint was open is over with it."""
        if self._verbs and self.complaint.status in OVER:
            waiting = FollowUp.objects.filter(complaint=self.complaint, done_at__isnull=True, kind__in=FollowUp.OF_OPEN)
            waiting.update(done_at=self.at, done_by=self.by, outcome=FollowUp.Outcome.CANCELLED)

    def _shift_load(self) -> None:
        """Agents' loads come last in the order of locks, several of them by id."""
        changes = {user_id: -units for user_id, units in self._counted.items()}
        taker = self.complaint.assignee_id
        changes[taker] = changes.get(taker, 0) + weight_of(self.complaint)
        for user_id in sorted(user_id for user_id in changes if user_id is not None):
            shift_load(user_id, changes[user_id])


def finish_acts(acts: Sequence[Act], *, raises_version: bool | None = None) -> None:
    """Write several acts on different complaints together. ``raises_version`` None: of those whose state has moved."""
    events = [act.settle(raises_version=act.has_moved if raises_version is None else raises_version) for act in acts]
    keys = iter(take_many(Event, sum(map(len, events))))
    batch = Batch()
    for act, noted in zip(acts, events, strict=True):
        act.put(batch)
        put_events(batch, noted, keys)
    batch.run()
    for act in acts:
        act.spread()


def take_up(
    complaint: Complaint,
    verb: str,
    *,
    by: Any,
    as_customer: bool = False,
    expected_version: int | None = None,
    request_id: str | None = None,
) -> Act:
    """Lock a complaint for a verb and run the checks that every verb has: replay, version, rights, state and guards."""
    act = lock_act(complaint, verb, by=by, as_customer=as_customer, request_id=request_id)
    if not act.is_replay:
        require_version(act.complaint, expected_version)
        act.check(verb)
    return act


def lock_act(complaint: Complaint, verb: str, *, by: Any, as_customer: bool = False, request_id: str | None = None) -> Act:
    """Lock a complaint and record the request; the caller checks the rest."""
    guards.lock_above(verb, complaint)
    fresh = lock(complaint, *RELATED)
    return Act(fresh, by=by, as_customer=as_customer, is_replay=is_replay(fresh, verb, request_id, by=by))


def require_permission(act: Act, permission: str) -> None:
    """Refuse staff that may not see the row or lack the permission; the system passes."""
    if act.by is not None:
        require([*against_reading(act.by, act.complaint, permission), *against_touching(act.complaint)])


def require_staff(act: Act, permission: str) -> None:
    """As ``require_permission``, and never the system: a person stands behind every word."""
    require([Forbidden("not_for_system", _("Only a person can do this."))] if act.by is None else [])
    require_permission(act, permission)
