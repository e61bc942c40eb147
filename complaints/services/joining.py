"""Several complaints that are one matter; and complaints that are none."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from complaints import access, guards
from complaints.assignment.demand import cancel_demand, raise_demand
from complaints.clauses import CURE_LEAD
from complaints.models import Complaint, Link, Message, Tag
from complaints.services import groups
from complaints.services.act import RELATED, Act, lock_act, require_permission, take_up
from complaints.services.calls import give_call_back, give_calls_back, open_call_ids, take_over_calls
from complaints.services.cycle import keep_or_requeue, unanswered_since
from complaints.services.invitations import merge_survey
from complaints.services.labels import put_priority, put_tags
from complaints.services.notices import cancel_notices
from complaints.services.risk import give_back_risk, take_over_risk
from complaints.services.watching import put_watchers
from foundation.exceptions import Forbidden, Reason, VersionConflictError
from foundation.verbs import is_replay, lock, require, require_version


@transaction.atomic
def merge_complaints(
    complaint: Complaint, *, into: Complaint, by: User, expected_version: int | None, request_id: str | None = None, reason: str = ""
) -> Complaint:
    """Join a complaint into another one of the same customer; of the same order only a lead does, with a reason.

    Messages, files and contacts stay on the joined one and are shown in the survivor's thread; what was joined into it before moves
    along. Returns the joined complaint.
    """
    group = groups.held_by(complaint)
    child, survivor, members = _lock_group("merge", complaint, into, group, by)
    if is_replay(child.complaint, "merge", request_id, by=by):
        return child.complaint
    require_version(child.complaint, expected_version)
    child.check("merge")
    require(_against_joining(child, survivor, reason))
    _require_same_group(child, group, groups.held_by(complaint))
    heads = {"child": _head(child), "survivor": _head(survivor)}
    _put_into(child, survivor, heads["survivor"], reason)
    _take_over(survivor, child, heads["child"], members=group)
    _move_along(members, child, survivor)
    survivor.finish()
    return child.finish()


@transaction.atomic
def unmerge_complaint(complaint: Complaint, *, by: User, expected_version: int | None, request_id: str | None = None) -> Complaint:
    """Separate a joined complaint again: it goes on where it stood, with whatever came by its own contacts meanwhile.

    What had been joined into it before goes with it. What came inside another one leaves only with that one.
    """
    into = Complaint.objects.get(pk=complaint.pk).merged_into
    group = groups.came_with(complaint, into) if into else []
    child, survivor, members = _lock_group("unmerge", complaint, into or complaint, group, by)
    if is_replay(child.complaint, "unmerge", request_id, by=by):
        return child.complaint
    require_version(child.complaint, expected_version)
    child.check("unmerge")
    _require_same_group(child, group, groups.came_with(complaint, survivor.complaint))
    heads = {"child": _head(child), "survivor": _head(survivor)}
    merged_at = child.complaint.merged_at
    left = [pk for pk in groups.held_by(survivor.complaint) if pk not in (child.complaint.pk, *group)]
    _take_out(child, survivor, heads["survivor"], members=group)
    _give_back(survivor, child, heads["child"], merged_at, members=left)
    _move_along(members, survivor, child)
    survivor.finish()
    return child.finish()


@transaction.atomic
def link_complaints(complaint: Complaint, *, to: Complaint, kind: str, by: User | None, request_id: str | None = None) -> Link:
    """Note that two complaints belong together without joining them."""
    act = lock_act(complaint, "link", by=by, request_id=request_id)
    require_permission(act, "complaints.merge_complaint")
    if by is not None and not access.can_see(by, to):
        require([_unseen()])
    link, is_new = Link.objects.get_or_create(source=act.complaint, target=to, kind=kind)
    if is_new:
        act.note("linked", codes={"to": to.pk, "kind": kind})
        act.finish(raises_version=False)
    return link


@transaction.atomic
def mark_spam(complaint: Complaint, *, by: User, reason: str, expected_version: int | None, request_id: str | None = None) -> Complaint:
    """Say that this is no complaint. The sender is told nothing by mail; the page says why and how to reach a person."""
    act = take_up(complaint, "mark_spam", by=by, expected_version=expected_version, request_id=request_id)
    if act.is_replay:
        return act.complaint
    require([] if reason.strip() else [Reason("no_reason", _("Say why, in a few words."))])
    act.move("mark_spam")
    cancel_demand(act.complaint)
    cancel_notices(act.complaint)
    act.set(resolution=reason.strip(), closed_at=act.at)
    act.note("excluded.set", codes={"exclusion": "spam"}, payload={"reason": reason.strip()})
    return act.finish()


@transaction.atomic
def restore_complaint(complaint: Complaint, *, by: User, expected_version: int | None, request_id: str | None = None) -> Complaint:
    """Take a complaint out of spam; what was promised at its arrival holds."""
    act = take_up(complaint, "restore", by=by, expected_version=expected_version, request_id=request_id)
    if act.is_replay:
        return act.complaint
    put_restored(act)
    return act.finish()


def put_restored(act: Act) -> None:
    """Take a complaint out of spam within an act."""
    act.move("restore")
    act.set(resolution="", closed_at=None)
    keep_or_requeue(act)
    act.tell("restored")


@transaction.atomic
def escalate_complaint(
    complaint: Complaint,
    *,
    by: User | None = None,
    as_customer: bool = False,
    reason: str = "",
    expected_version: int | None = None,
    request_id: str | None = None,
) -> Complaint:
    """Call a supervisor: the priority rises by one step (at least to high) and the waiting complaint moves forward in the queue."""
    act = take_up(complaint, "escalate", by=by, as_customer=as_customer, expected_version=expected_version, request_id=request_id)
    if act.is_replay:
        return act.complaint
    raised = min(Complaint.Priority.URGENT, max(Complaint.Priority.HIGH, act.complaint.priority + 1))
    put_priority(act, raised)
    act.set(escalated_at=act.at)
    raise_demand(act.complaint)
    codes = {"cause": act.author_kind, "cycle": act.complaint.cycle}
    act.note("escalated", codes=codes, payload={"reason": reason} if reason else None)
    act.tell("escalated")
    return act.finish()


def _lock_group(verb: str, complaint: Complaint, other: Complaint, group: list[int], by: User) -> tuple[Act, Act, list[Act]]:
    """Acts on two complaints and on those that move with the first, locked by ascending number."""
    for each in (complaint, other):
        guards.lock_above(verb, each)
    rows = {pk: lock(Complaint(pk=pk), *RELATED) for pk in sorted({complaint.pk, other.pk, *group})}
    return Act(rows[complaint.pk], by=by), Act(rows[other.pk], by=by), [Act(rows[pk], by=by) for pk in group]


def _require_same_group(child: Act, before: list[int], now: list[int]) -> None:
    """Somebody joined or separated one of them while we waited for the locks."""
    if before != now:
        raise VersionConflictError(child.complaint)


def _move_along(members: list[Act], home: Act, goal: Act) -> None:
    """What is joined into one complaint is joined into the other from now on; nothing else of it changes."""
    for member in members:
        member.set(merged_into=goal.complaint)
        member.note("complaint.regrouped", codes={"from": home.complaint.pk, "to": goal.complaint.pk})
        member.finish()


def _head(act: Act) -> dict[str, Any]:
    return {"head_seq": act.complaint.head_seq, "head": bytes(act.complaint.head_hash).hex()}


def _put_into(child: Act, survivor: Act, head: dict[str, Any], reason: str) -> None:
    complaint = child.complaint
    was = {"status_before": complaint.status_before, "timer_at": _iso(complaint.timer_at), "unanswered": _iso(complaint.unanswered_since)}
    child.move("merge")
    child.set(merged_into=survivor.complaint, merged_at=child.at, timer_at=None)
    cancel_demand(complaint)
    cancel_notices(complaint)
    merge_survey(child)
    codes = {"role": "child", "other": survivor.complaint.pk, **was, **head}
    child.note("complaint.merged", codes=codes, payload={"reason": reason} if reason else None)
    child.tell("merged", values={"into": survivor.complaint.number})


def _take_over(survivor: Act, child: Act, head: dict[str, Any], *, members: list[int]) -> None:
    """Tags and watchers add up, the higher priority and the longer wait count."""
    kept, joined = survivor.complaint, child.complaint
    tags, watchers = set(joined.tags.all()) - set(kept.tags.all()), sorted(set(joined.watcher_ids) - set(kept.watcher_ids))
    was = {
        "priority": kept.priority,
        "risk": kept.risk_level,
        "risk_signals": kept.risk_signals,
        "tags": sorted(tag.pk for tag in tags),
        "unanswered": _iso(kept.unanswered_since),
        "calls": open_call_ids(joined),
    }
    codes = {"role": "survivor", "other": joined.pk, "members": members, "watchers": watchers, **was, **head}
    survivor.note("complaint.merged", codes=codes)
    put_tags(survivor, added=tags)
    put_watchers(survivor, [*kept.watcher_ids, *watchers])
    put_priority(survivor, max(kept.priority, joined.priority))
    take_over_risk(survivor, child)
    take_over_calls(survivor, child)
    survivor.clocks.take_over(child.clocks)
    if joined.unanswered_since:
        earliest = min(filter(None, [kept.unanswered_since, joined.unanswered_since]))
        survivor.set(needs_reply=True, unanswered_since=earliest)


def _take_out(child: Act, survivor: Act, head: dict[str, Any], *, members: list[int]) -> None:
    complaint, merged_at = child.complaint, child.complaint.merged_at
    codes = _merge_codes(complaint, "child")
    child.note("complaint.unmerged", codes={"role": "child", "other": complaint.merged_into_id, **head})
    child.move("unmerge")
    child.set(merged_into=None, merged_at=None, timer_at=_moment(codes.get("timer_at")), status_before=codes.get("status_before", ""))
    give_call_back(child, merged_at=merged_at)
    _owe_since(child, survivor, codes, merged_at, members)
    if complaint.first_reply_at is None and not complaint.needs_reply:
        # Whoever answered the survivor answered this one.
        child.set(first_reply_at=_answered_at(survivor.complaint, after=merged_at) or child.at)
    if complaint.is_live and complaint.assignee_id is None:
        keep_or_requeue(child)
    child.tell("unmerged")


def _give_back(survivor: Act, child: Act, head: dict[str, Any], merged_at: datetime, *, members: list[int]) -> None:
    """Undo what the merge added here, unless somebody changed it since."""
    kept, joined = survivor.complaint, child.complaint
    codes = _merge_codes(kept, "survivor", other=joined.pk)
    survivor.note("complaint.unmerged", codes={"role": "survivor", "other": joined.pk, **head})
    put_tags(survivor, removed=list(Tag.objects.filter(pk__in=codes.get("tags", []), complaints=kept)))
    put_watchers(survivor, [each for each in kept.watcher_ids if each not in codes.get("watchers", [])])
    was = codes.get("priority", kept.priority)
    if kept.priority == max(joined.priority, was):
        put_priority(survivor, was)
    give_back_risk(survivor, child, codes)
    give_calls_back(survivor, child, codes.get("calls", ()))
    _owe_since(survivor, survivor, codes, merged_at, members)
    child.clocks.adopt(
        [run for run in survivor.clocks.open_runs if run.external and run.external.complaint_id == joined.pk], of=survivor.clocks
    )


def _owe_since(act: Act, survivor: Act, codes: dict[str, Any], merged_at: datetime, members: list[int]) -> None:
    """Who waits for an answer: nobody if the survivor was answered, else from before the merge or from a message to the group since."""
    group = [act.complaint, *Complaint.objects.filter(pk__in=members)]
    written = filter(None, [unanswered_since(each, after=merged_at) for each in group])
    own = _moment(codes.get("unanswered")) or min(written, default=None)
    since = own if survivor.complaint.needs_reply else None
    act.set(needs_reply=since is not None, unanswered_since=since)


def _answered_at(complaint: Complaint, *, after: datetime) -> datetime | None:
    answers = complaint.messages.filter(kind=Message.Kind.PUBLIC, author_kind=Message.Author.HUMAN, retracted_at__isnull=True)
    return answers.filter(created_at__gt=after).order_by("created_at").values_list("created_at", flat=True).first()


def _iso(moment: datetime | None) -> str | None:
    return moment and moment.isoformat()


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _merge_codes(complaint: Complaint, role: str, **conditions: Any) -> dict[str, Any]:
    """What the last merge noted for its undoing."""
    wanted = {"role": role, **conditions}
    merges = complaint.events.filter(kind="complaint.merged", codes__contains=wanted).order_by("-seq")
    return merges.values_list("codes", flat=True).first() or {}


def _against_joining(child: Act, survivor: Act, reason: str) -> list[Reason]:
    one, other = child.complaint, survivor.complaint
    if not access.can_see(child.by, other):
        return [_unseen()]
    if one.pk == other.pk:
        return [Reason("same", _("A complaint cannot be joined into itself."))]
    if not (other.is_live or other.status == Complaint.Status.RESOLVED):
        return [Reason("target_ended", _("The other complaint has ended."), _("Choose one that is still open."))]
    if _is_same_customer(one, other):
        return []
    if one.order_id is None or one.order_id != other.order_id:
        return [Reason("strangers", _("These complaints come from different customers."))]
    if not (child.is_lead and reason.strip()):
        return [Reason("other_person", _("Same order, but another person wrote it."), CURE_LEAD)]
    return []


def _is_same_customer(one: Complaint, other: Complaint) -> bool:
    if one.merchant_id != other.merchant_id:
        return False
    keys = ("customer_id", "contact_phone_index", "contact_email_index")
    return any(getattr(one, key) and getattr(one, key) == getattr(other, key) for key in keys)


def _unseen() -> Forbidden:
    return Forbidden("not_visible", _("You have no access to this complaint."), CURE_LEAD)
