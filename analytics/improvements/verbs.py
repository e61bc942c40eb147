"""What people do about an improvement item, from the proposal to the verdict."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from analytics.acting import LoopAct, against_empty, against_person, note_step, take_up
from analytics.lifecycle import OPEN_ITEMS, SpikeState, Verb
from analytics.models import Improvement, ImprovementComplaint, Spike
from analytics.spikes.verbs import explain_spike
from complaints.access import can_see
from complaints.live import publish
from complaints.models import Category, Complaint
from foundation.exceptions import Forbidden, Reason
from foundation.verbs import lock, require, reserve

from .access import LINK, PROPOSE, VIEW, improvements_for, open_items_for


@transaction.atomic
def propose_improvement(
    *, by: User, complaint: Complaint | None = None, spike: Spike | None = None, request_id: str | None = None, **fields: Any
) -> Improvement:
    """Propose to change something at the source; ``complaint`` or ``spike`` is what it begins with. ``fields`` are those of the form.

    A spike that nobody has explained yet is explained by the item. Raises ``NotAllowedError`` for whoever may not propose.
    """
    require([] if by.has_perm(PROPOSE) else [Forbidden("not_allowed", _("Your role does not include this."))])
    reserved = reserve(Improvement, "propose", request_id, by=by)
    if reserved.is_replay:
        return Improvement.objects.get(pk=reserved.id)
    code = fields.get("reason") or fields.get("category")
    team_id = Category.objects.filter(code=code).values_list("team_id", flat=True).first()
    item = Improvement.objects.create(id=reserved.id, proposed_by=by, proposed_at=timezone.now(), team_id=team_id, **fields)
    note_step(item, "propose", by=by, at=item.proposed_at, codes={"spike": spike and spike.pk})
    if complaint is not None:
        _add_lead(item, complaint, by)
    if spike is not None:
        _take_spike(item, spike, by)
    return item


@transaction.atomic
def link_complaint(item: Improvement, complaint: Complaint, *, by: User) -> Improvement:
    """Let a complaint speak for an open item. Linking it again changes nothing."""
    item = lock(item)
    is_known = open_items_for(by).filter(pk=item.pk).exists() and can_see(by, complaint)
    require([] if by.has_perm(LINK) and is_known else [Forbidden("not_allowed", _("Your role does not include this."))])
    require([] if item.state in OPEN_ITEMS else [Reason("ended", _("This item has ended. Propose another one."))])
    _add_lead(item, complaint, by)
    return item


@transaction.atomic
def accept_improvement(
    item: Improvement, *, owner: User | None, due_on: date | None, by: User, expected_version: int | None, request_id: str | None = None
) -> Improvement:
    """Take an item on: with somebody who owns it and a day by which it is done. The owner's pages hear of it."""
    act = _take_up(item, "accept", by, expected_version, request_id)
    if act.is_replay:
        return act.row
    require([*_against_owner(owner), *_against_day(due_on)])
    act.move("accept")
    act.set(owner=owner, due_on=due_on, accepted_at=act.at)
    publish("user", owner.pk)
    return act.finish("accept", codes={"owner": owner.pk, "due_on": due_on.isoformat()})


@transaction.atomic
def begin_improvement(
    item: Improvement, *, cause: str, by: User, expected_version: int | None, request_id: str | None = None
) -> Improvement:
    """Begin the work, with the cause as it was found."""
    act = _take_up(item, "begin", by, expected_version, request_id)
    if act.is_replay:
        return act.row
    require(against_empty(cause))
    act.move("begin")
    act.set(cause=cause.strip())
    return act.finish("begin", note=act.row.cause)


@transaction.atomic
def finish_improvement(
    item: Improvement, *, action: str, by: User, expected_version: int | None, request_id: str | None = None
) -> Improvement:
    """Say that it is done, and what was changed. What it brings is counted from the next day on."""
    act = _take_up(item, "finish", by, expected_version, request_id)
    if act.is_replay:
        return act.row
    require(against_empty(action))
    act.move("finish")
    act.set(action=action.strip(), done_at=act.at, measured=None)
    return act.finish("finish", note=act.row.action)


@transaction.atomic
def conclude_improvement(
    item: Improvement, *, note: str, by: User, expected_version: int | None, request_id: str | None = None
) -> Improvement:
    """Close a measured item with the verdict that its interval gives. Another person than the owner does that."""
    act = _take_up(item, "conclude", by, expected_version, request_id)
    if act.is_replay:
        return act.row
    require([*_against_own(act.row, by), *_against_unmeasured(act.row)])
    verdict = act.row.measured["verdict"]
    act.move("conclude", verdict=verdict)
    act.set(closed_at=act.at, closed_by=by)
    return act.finish("conclude", note=note.strip(), codes={"verdict": verdict})


@transaction.atomic
def drop_improvement(
    item: Improvement, *, reason: str, by: User, expected_version: int | None, request_id: str | None = None
) -> Improvement:
    """Give an item up, with the reason. Another person than the owner does that."""
    act = _take_up(item, "drop", by, expected_version, request_id)
    if act.is_replay:
        return act.row
    require([*_against_own(act.row, by), *against_empty(reason)])
    act.move("drop")
    act.set(closed_at=act.at, closed_by=by)
    return act.finish("drop", note=reason.strip())


def against(verb: Verb, item: Improvement, by: User | None) -> list[Reason]:
    """Why somebody may not do this to an item, state apart."""
    is_visible = by is None or improvements_for(by).filter(pk=item.pk).exists()
    return against_person(verb, by, is_visible=is_visible, is_owner=by is not None and item.owner_id == by.pk)


def _take_up(item: Improvement, verb: str, by: User | None, expected_version: int | None, request_id: str | None) -> LoopAct:
    return take_up(item, verb, by=by, expected_version=expected_version, request_id=request_id, rights=against)


def _add_lead(item: Improvement, complaint: Complaint, by: User) -> None:
    _row, is_new = ImprovementComplaint.objects.get_or_create(improvement=item, complaint=complaint, defaults={"by": by})
    if is_new:
        note_step(item, "link", by=by, at=timezone.now(), codes={"complaint": complaint.pk})


def _take_spike(item: Improvement, spike: Spike, by: User) -> None:
    """Let the item explain a spike that is still a question."""
    if spike.state in (SpikeState.OPEN, SpikeState.ACKNOWLEDGED):
        explain_spike(spike, cause=Spike.Cause.IMPROVEMENT, explanation=item.title, improvement=item, by=by, expected_version=None)


def _against_owner(owner: User | None) -> list[Reason]:
    if owner is None:
        return [Reason("no_owner", _("Choose who owns it."))]
    if not (owner.is_active and owner.has_perm(VIEW)):
        return [Reason("owner_cannot", _("This person cannot see improvement items."))]
    return []


def _against_day(due_on: date | None) -> list[Reason]:
    if due_on is None:
        return [Reason("no_day", _("Say by which day it is to be done."))]
    return [] if due_on >= timezone.localdate() else [Reason("past_day", _("This day has passed."))]


def _against_own(item: Improvement, by: User) -> list[Reason]:
    if item.owner_id is None or item.owner_id != by.pk:
        return []
    return [Forbidden("own_item", _("You own this item. Another person closes it."))]


def _against_unmeasured(item: Improvement) -> list[Reason]:
    if item.measured is None:
        return [Reason("not_measured", _("The effect has not been measured yet."))]
    return [] if item.measured["verdict"] else [Reason("too_few", _("There are too few orders for a verdict."))]
