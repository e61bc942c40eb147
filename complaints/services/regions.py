"""Force majeure in a region: one person decides, and the solutions of its complaints stand still, in batches, each with an event.

The decision is a row. Whoever comes by carries it out: the request that made it, a worker, the sweep. So nothing is lost with a
process, what is filed or matched with its order later follows too, and nothing follows twice.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from complaints import access
from complaints.lifecycle import LIVE
from complaints.models import ClockRun, Complaint, RegionPause, RegionPauseRun
from complaints.services.act import RELATED, Act, finish_acts
from complaints.services.pauses import LONGEST
from complaints.sla.book import runs_of
from foundation.exceptions import Forbidden, Reason
from foundation.hints import hint
from foundation.sweeps import each_apart
from foundation.verbs import is_replay, lock, require, reserve

logger = logging.getLogger(__name__)
ROUND, ROUNDS_AT_ONCE = 50, 4
LONGEST_REASON, MOST_PROVINCES = 200, 40
Kind, State, Pause = ClockRun.Kind, ClockRun.State, ClockRun.Pause
# Looked at again under the lock of each complaint.
STRUCK = """
    SELECT p.id FROM complaints_complaint p JOIN orders_order o ON o.id = p.order_id
        JOIN complaints_clockrun r ON r.complaint_id = p.id
    WHERE p.status = ANY(%(live)s) AND p.erased_at IS NULL AND (p.team_id = ANY(%(teams)s) OR p.merchant_id = ANY(%(shops)s))
        AND o.province = ANY(%(provinces)s) AND r.kind = 'resolution' AND r.state = 'running'
        AND NOT EXISTS (SELECT FROM complaints_regionpauserun j WHERE j.pause_id = %(pause)s AND j.run_id = r.id)
    ORDER BY p.id LIMIT %(limit)s
"""
# A run that stands still since the moment at which it joined stands still by this pause and by no later one.
STILL = """
    SELECT r.complaint_id FROM complaints_regionpauserun j JOIN complaints_clockrun r ON r.id = j.run_id
    WHERE j.pause_id = %(pause)s AND r.state = 'paused' AND r.pause_reason = 'disaster' AND r.counted_at = j.joined_at
    ORDER BY r.complaint_id LIMIT %(limit)s
"""


@transaction.atomic
def pause_region(*, provinces: Sequence[str], reason: str, until: datetime, by: User, request_id: str | None = None) -> RegionPause:
    """Decide that solutions for these provinces stand still until a moment, seven days off at most: a lead's of the teams led, a
    manager's of the shops.

    ``carry_out`` does it. The same request again gives the pause that it made. Raises ``NotAllowedError`` or ``RefusedError``.
    """
    reserved = reserve(RegionPause, "pause_region", request_id, by=by)
    if reserved.is_replay:
        return RegionPause.objects.get(pk=reserved.id)
    at = timezone.now()
    require(against_region(by, provinces=provinces, reason=reason, until=until, at=at))
    teams, shops = access.reach_of_lead(by)
    fields = {"provinces": sorted(set(provinces)), "reason": reason.strip(), "team_ids": teams, "shop_ids": shops}
    pause = RegionPause.objects.create(pk=reserved.id, starts_at=at, until=until, created_by=by, **fields)
    transaction.on_commit(_wake)
    return pause


@transaction.atomic
def end_region(pause: RegionPause, *, by: User, request_id: str | None = None) -> RegionPause:
    """End a pause of a region before its time: whatever stands still by it goes on. For whoever leads all of it, and who made it."""
    row = lock(pause)
    if is_replay(row, "end_region", request_id, by=by):
        return row
    require(_against_ending(row, by))
    row.ended_at, row.ended_by = timezone.now(), by
    row.save(update_fields=["ended_at", "ended_by"])
    transaction.on_commit(_wake)
    return row


def carry_out(pause: RegionPause, *, rounds: int = ROUNDS_AT_ONCE) -> int:
    """Carry a pause or its end out for so many rounds of complaints; returns how many were paused or go on. The sweep does the rest."""
    done = 0
    for _round in range(rounds):
        moved = _spread(pause, ROUND)
        done += moved
        if moved < ROUND:
            break
    return done


def spread_region_pauses(*, limit: int = ROUND) -> int:
    """Carry out what was decided for regions, up to ``limit`` complaints for each; returns how many were paused or go on.

    One query while nothing is in force. What has reached its end goes on by the rung of its own clock.
    """
    live = RegionPause.objects.filter(until__gt=Now()).select_related("created_by", "ended_by").order_by("-until", "pk")
    return sum(_spread(pause, limit) for pause in live)


def against_region(by: User, *, provinces: Sequence[str], reason: str, until: datetime, at: datetime) -> list[Reason]:
    """Everything that speaks against pausing a region; the codes are the fields."""
    found: list[Reason] = []
    if not any(access.reach_of_lead(by)):
        found.append(Forbidden("not_lead", _("Only leads and managers can pause for force majeure.")))
    if not 0 < len(set(provinces)) <= MOST_PROVINCES:
        found.append(Reason("provinces", _("Choose at least one province.")))
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        found.append(Reason("reason", _("Say in at most 200 characters what has happened.")))
    if not at < until <= at + LONGEST[Pause.DISASTER]:
        found.append(Reason("until", _("At least a moment and at most %(days)d days from now.") % {"days": LONGEST[Pause.DISASTER].days}))
    return found


def _against_ending(pause: RegionPause, by: User) -> list[Reason]:
    if pause.created_by_id != by.pk and not access.region_pauses_for(by).filter(pk=pause.pk, may_end=True).exists():
        return [Forbidden("not_lead", _("Only who leads all of these complaints, or who paused them, can end it."))]
    if pause.ended_at or pause.until <= timezone.now():
        return [Reason("over", _("This pause is over already."))]
    return []


def _wake() -> None:
    hint("complaints.regions")


def _spread(pause: RegionPause, limit: int) -> int:
    about = {"pause": pause.pk, "limit": limit}
    if pause.ended_at:
        return _in_batch(_ids(STILL, about), partial(_go_on, pause))
    about |= {"live": [str(status) for status in LIVE], "teams": pause.team_ids, "shops": pause.shop_ids, "provinces": pause.provinces}
    return _in_batch(_ids(STRUCK, about), partial(_stand_still, pause))


def _ids(statement: str, about: dict) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, about)
        return [pk for (pk,) in cursor.fetchall()]


def _in_batch(ids: list[int], work: Callable[[list[int]], int]) -> int:
    """Work on complaints together; when that fails one by one, so that a broken one keeps no other from it."""
    if not ids:
        return 0

    @transaction.atomic
    def alone(pk: int) -> int:
        return work([pk])

    try:
        with transaction.atomic():
            return work(ids)
    except Exception:  # whatever it is: one complaint keeps no other from it
        logger.exception("a batch of complaints of a region failed and is tried one by one")
        return each_apart(ids, alone, put_off=lambda pk: None)


def _stand_still(pause: RegionPause, ids: list[int]) -> int:
    acts, joined = _acts_on(ids, by=pause.created_by), []
    for act in acts:
        for run in act.clocks.open_runs:
            if run.kind == Kind.RESOLUTION and run.state == State.RUNNING and act.at < pause.until:
                act.clocks.pause(run, Pause.DISASTER, until=pause.until, region=pause.pk)
                joined.append(RegionPauseRun(pause=pause, run=run, joined_at=run.counted_at))
    finish_acts(acts)
    RegionPauseRun.objects.bulk_create(joined)
    return len(joined)


def _go_on(pause: RegionPause, ids: list[int]) -> int:
    acts, resumed = _acts_on(ids, by=pause.ended_by), 0
    since = dict(RegionPauseRun.objects.filter(pause=pause, run__complaint__in=ids).values_list("run_id", "joined_at"))
    for act in acts:
        for run in act.clocks.open_runs:
            if run.pause_reason == Pause.DISASTER and since.get(run.pk) == run.counted_at:
                act.clocks.resume(run, region=pause.pk)
                resumed += 1
    finish_acts(acts)
    return resumed


def _acts_on(ids: list[int], *, by: User) -> list[Act]:
    """Acts on those of these complaints that nobody else is working on, locked, with their clocks, at the database's time."""
    rows = Complaint.objects.filter(pk__in=ids, status__in=LIVE).select_related(*RELATED).annotate(looked_at=Now()).order_by("pk")
    complaints = list(rows.select_for_update(no_key=True, skip_locked=True, of=("self",)))
    runs = {complaint.pk: [] for complaint in complaints}
    for run in runs_of(*runs):
        runs[run.complaint_id].append(run)
    acts = [Act(complaint, by=by, at=complaint.looked_at) for complaint in complaints]
    for act in acts:
        act.clocks.bring(runs[act.complaint.pk])
    return acts
