"""Following a complaint without working on it: it stands in the follower's own view until they stop."""

from django.db import transaction

from accounts.models import User
from complaints.models import Complaint
from complaints.services.act import Act, lock_act, require_staff

WATCH = "complaints.use_desk"


@transaction.atomic
def watch_complaint(complaint: Complaint, *, by: User, expected_version: int | None = None, request_id: str | None = None) -> Complaint:
    """Follow a complaint that one may see, in whatever state it is. Overwrites nothing, so ``expected_version`` is not looked at."""
    act = _take(complaint, "watch", by, request_id)
    if act.is_replay or by.pk in act.complaint.watcher_ids:
        return act.complaint
    put_watchers(act, [*act.complaint.watcher_ids, by.pk])
    return act.finish(raises_version=False)


@transaction.atomic
def unwatch_complaint(complaint: Complaint, *, by: User, expected_version: int | None = None, request_id: str | None = None) -> Complaint:
    """Stop following a complaint."""
    act = _take(complaint, "unwatch", by, request_id)
    if act.is_replay or by.pk not in act.complaint.watcher_ids:
        return act.complaint
    put_watchers(act, [each for each in act.complaint.watcher_ids if each != by.pk])
    return act.finish(raises_version=False)


def put_watchers(act: Act, watchers: list[int]) -> None:
    """Set who follows a complaint within an act."""
    held, wanted = set(act.complaint.watcher_ids), set(watchers)
    if held == wanted:
        return
    act.set(watcher_ids=sorted(wanted))
    act.note("watchers.set", codes={"added": sorted(wanted - held), "removed": sorted(held - wanted)})


def _take(complaint: Complaint, verb: str, by: User, request_id: str | None) -> Act:
    act = lock_act(complaint, verb, by=by, request_id=request_id)
    if not act.is_replay:
        require_staff(act, WATCH)
    return act
