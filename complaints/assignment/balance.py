"""Sharing work out again: a lead sees who would get what and what that does to the moments that are due, then does it, or undoes it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import TextChoices
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from complaints import access
from complaints.assignment.agents import Agent, excluded_for, read_agents
from complaints.assignment.candidates import Need, Verdict, bars_against, bars_for, what_blocks
from complaints.assignment.demand import requeue
from complaints.clauses import CURE_LEAD, against_state
from complaints.lifecycle import LIVE
from complaints.models import Complaint, Decision, Event
from complaints.services.act import Act, lock_act, require_permission
from complaints.services.routing import against_taker, pick
from foundation.crypto import digest_token
from foundation.exceptions import Forbidden, Reason, ReasonedError, RefusedError, VersionConflictError
from foundation.models import RequestRecord
from foundation.verbs import require, require_version

MOST = 200
UNDO_WITHIN = timedelta(minutes=10)
VERB = "balance"


class Way(TextChoices):
    """How the work is shared out."""

    EVEN = "even", _("Evenly")
    IDLEST = "idlest", _("To the least busy")
    SKILL = "skill", _("By skill")


@dataclass(frozen=True)
class Move:
    """One complaint, as the lead saw it, and who gets it."""

    number: str
    version: int
    to_id: int


@dataclass(frozen=True)
class PlanRow:
    """What happens to one complaint. ``to`` is None when nobody can take it, ``block`` says why.

    ``ahead_before`` and ``ahead_after`` count what is due before it with its present and its new assignee.
    """

    complaint: Complaint
    holder: Agent | None
    to: Agent | None
    block: str = ""
    ahead_before: int = 0
    ahead_after: int = 0

    @property
    def stays(self) -> bool:
        return self.to is not None and self.holder is not None and self.to.id == self.holder.id


@dataclass(frozen=True)
class Burden:
    """The load of one person before and after."""

    agent: Agent
    before: int
    after: int


@dataclass(frozen=True)
class Plan:
    """Who gets what. ``moves`` is what ``apply_balance`` takes: what stays and what nobody can take is not in it."""

    rows: list[PlanRow] = field(default_factory=list)
    burdens: list[Burden] = field(default_factory=list)

    @property
    def moves(self) -> list[Move]:
        return [Move(row.complaint.number, row.complaint.version, row.to.id) for row in self.rows if row.to and not row.stays]


@dataclass(frozen=True)
class Result:
    """What became of one move: the complaint as it is now, or the reasons why it was not moved."""

    number: str
    complaint: Complaint | None = None
    reasons: Sequence[Reason] = ()

    @property
    def is_done(self) -> bool:
        return self.complaint is not None


class _Table:
    """The people and how full they would be, while the work is laid out."""

    def __init__(self, agents: Iterable[Agent]) -> None:
        self.agents = {agent.id: agent for agent in agents}
        self.used = {agent.id: agent.used for agent in self.agents.values()}
        self.given = dict.fromkeys(self.agents, 0)

    def lay(self, agent_id: int, units: int) -> None:
        self.used[agent_id] += units
        self.given[agent_id] += 1

    def share(self, agent: Agent) -> float:
        return self.used[agent.id] / max(1, agent.capacity)


Order = Callable[[_Table, Agent, Need], Any]
# The smallest comes first; whoever has it already comes before an equal, so that nothing moves for nothing.
ORDERS: dict[str, Order] = {
    Way.EVEN: lambda table, agent, need: (table.given[agent.id], table.share(agent)),
    Way.IDLEST: lambda table, agent, need: (table.share(agent), table.given[agent.id]),
    Way.SKILL: lambda table, agent, need: (need.level_of(agent) - need.skill_level, table.share(agent)),
}


def preview_balance(lead: User, complaints: Iterable[Complaint], *, way: str) -> Plan:
    """Lay out who would get which complaint, the one that is due first at first. Changes nothing; three queries.

    All of it is taken up first, then given to whoever can take it now by the ordinary rules; the present assignee may keep it.
    Complaints that the lead may not assign are left out. Needs ``category`` and ``customer`` of the complaints.
    """
    chosen = sorted(_led_by(lead, complaints), key=lambda each: (each.due_at, each.pk))[:MOST]
    holders = {each.assignee_id for each in chosen} - {None}
    agents = read_agents(team_ids={each.team_id for each in chosen}, user_ids=holders) if chosen else []
    table = _Table(agents)
    needs = {each.pk: Need.of(each) for each in chosen}
    for each in chosen:
        if each.assignee_id is not None:
            table.used[each.assignee_id] -= needs[each.pk].weight
    rows = [_lay(table, each, needs[each.pk], ORDERS[Way(way)]) for each in chosen]
    touched = {person.id for row in rows for person in (row.holder, row.to) if person}
    burdens = [Burden(agent, agent.used, table.used[agent.id]) for agent in agents if agent.id in touched]
    return Plan(_with_queues(rows, touched), burdens)


def _led_by(lead: User, complaints: Iterable[Complaint]) -> list[Complaint]:
    """Those that this person leads; asked once for each team and shop."""
    live = [each for each in complaints if each.is_live] if lead.has_perm("complaints.assign_complaint") else []
    led = {place: access.is_lead_of(lead, each) for place, each in {(each.team_id, each.merchant_id): each for each in live}.items()}
    return [each for each in live if led[each.team_id, each.merchant_id]]


def _lay(table: _Table, complaint: Complaint, need: Need, order: Order) -> PlanRow:
    holder = table.agents.get(complaint.assignee_id)
    members = [agent for agent in table.agents.values() if need.team_id in agent.team_ids]
    among = bars_for(members, need) - {"full"}
    barred = {agent.id: next(iter(bars_against(agent, need, among=among)), "") or _fullness(table, agent, need) for agent in members}
    able = [agent for agent in members if not barred[agent.id]]
    if not able:
        if holder is not None:
            table.used[holder.id] += need.weight
        return PlanRow(complaint, holder, None, what_blocks([Verdict(agent, barred[agent.id]) for agent in members]))
    to = min(able, key=lambda agent: (order(table, agent, need), agent is not holder, agent.id))
    table.lay(to.id, need.weight)
    return PlanRow(complaint, holder, to)


def _fullness(table: _Table, agent: Agent, need: Need) -> str:
    return "full" if table.used[agent.id] + need.weight > agent.capacity else ""


def _with_queues(rows: list[PlanRow], agent_ids: Iterable[int]) -> list[PlanRow]:
    """Add how much is due before each complaint, with its holder now and with its new assignee then."""
    chosen = {row.complaint.pk for row in rows}
    now: dict[int, list[tuple]] = {agent_id: [] for agent_id in agent_ids}
    held = Complaint.objects.filter(assignee__in=list(now), status__in=LIVE).values_list("assignee_id", "due_at", "id")
    for agent_id, *place in held:
        now[agent_id].append(tuple(place))
    then = {agent_id: [place for place in places if place[1] not in chosen] for agent_id, places in now.items()}
    for row in rows:
        if row.to is not None:
            then[row.to.id].append((row.complaint.due_at, row.complaint.pk))
    return [_with_queue(row, now, then) for row in rows]


def _with_queue(row: PlanRow, now: dict[int, list[tuple]], then: dict[int, list[tuple]]) -> PlanRow:
    place = (row.complaint.due_at, row.complaint.pk)
    before = sum(each < place for each in now[row.holder.id]) if row.holder else 0
    after = sum(each < place for each in then[row.to.id]) if row.to else before
    return replace(row, ahead_before=before, ahead_after=after)


def apply_balance(moves: Iterable[Move], *, by: User, request_id: str, reason: str = "") -> list[Result]:
    """Carry moves out, each in a transaction of its own; what changed since the preview is left as it is and says so.

    Nobody gets more than fits: for that a lead assigns one complaint with a reason. The same request again moves nothing twice.
    """
    people = User.objects.in_bulk({move.to_id for move in moves})
    return [_try(move.number, partial(_move, move, people.get(move.to_id), by, request_id, reason)) for move in moves]


def undo_balance(*, by: User, request_id: str) -> list[Result]:
    """Give everything back that this request moved in the last ten minutes, where nobody has done anything to it since."""
    records = RequestRecord.objects.filter(
        subject_type=Complaint._meta.label_lower,
        verb=VERB,
        actor_id=by.pk,
        request_id=digest_token(request_id),
        recorded_at__gte=Now() - UNDO_WITHIN,
    )
    numbers = access.visible_to(by).filter(pk__in=records.values("subject_id")).order_by("pk").values_list("number", flat=True)
    return [_try(number, partial(_undo, number, by, request_id)) for number in numbers]


def _try(number: str, act: Callable[[], Complaint]) -> Result:
    try:
        return Result(number, act())
    except VersionConflictError:
        return Result(number, reasons=[Reason("changed", _("Somebody changed it meanwhile."), _("Look at it again."))])
    except ReasonedError as refusal:
        return Result(number, reasons=refusal.reasons)


@transaction.atomic
def _move(move: Move, to: User | None, by: User, request_id: str, reason: str) -> Complaint:
    act = _lock(move.number, VERB, by, request_id)
    if act.is_replay or (to is not None and act.complaint.assignee_id == to.pk):
        return act.complaint
    require_version(act.complaint, move.version)
    return _give(act, to, reason)


@transaction.atomic
def _undo(number: str, by: User, request_id: str) -> Complaint:
    act = _lock(number, "undo_balance", by, request_id)
    if act.is_replay:
        return act.complaint
    moved = act.complaint.events.filter(kind="assigned").order_by("-seq").first()
    require(_against_undoing(act.complaint, moved))
    if moved.codes["was"] is not None:
        return _give(act, User.objects.filter(pk=moved.codes["was"]).first(), "")
    requeue(act, cause="balance_undone", excluded_ids=excluded_for(act.complaint))
    return act.finish()


def _lock(number: str, verb: str, by: User, request_id: str) -> Act:
    """An act on a visible complaint of a team that this person leads."""
    complaint = access.visible_to(by).filter(number=number).first()
    if complaint is None:
        raise RefusedError([Reason("not_found", _("You have no access to this complaint."))])
    act = lock_act(complaint, verb, by=by, request_id=request_id)
    require_permission(act, "complaints.assign_complaint")
    require([] if act.is_lead else [Forbidden("not_lead", _("Only a lead of the team can do this."), CURE_LEAD)])
    return act


def _give(act: Act, to: User | None, reason: str) -> Complaint:
    require([] if act.complaint.is_live else [against_state(act.complaint)])
    require(against_taker(act, to) if to else [Reason("gone", _("This person is not there any more."))])
    pick(act, to, cause=Decision.Cause.BALANCE, reason=reason, may_exceed=False)
    act.tell("assigned")
    return act.finish()


def _against_undoing(complaint: Complaint, moved: Event | None) -> list[Reason]:
    """What the system noted since (a clock, a reminder) stands in nobody's way."""
    is_ours = moved is not None and moved.codes["cause"] == Decision.Cause.BALANCE and complaint.assignee_id == moved.codes["agent"]
    if is_ours and not complaint.events.filter(seq__gt=moved.seq).exclude(author_kind="system").exists():
        return []
    return [Reason("acted_on", _("Somebody worked on it meanwhile."), _("Assign it by hand."))]
