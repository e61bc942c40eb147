"""Labels of a complaint: priority, tags, category, team, the order it is about."""

from collections.abc import Callable, Collection
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Team, User
from complaints.models import Category, Complaint, FollowUp, Tag
from complaints.promised import LATEST, read_moment
from complaints.services.act import Act, lock_act, require_permission
from complaints.services.routing import move_to_team
from foundation.exceptions import Reason, RefusedError
from foundation.verbs import require_version
from orders.models import Order

LABEL = "complaints.label_complaint"
MOST_TAGS = 20


@transaction.atomic
def set_priority(
    complaint: Complaint, *, priority: int, by: User | None, expected_version: int | None, request_id: str | None = None
) -> Complaint:
    """Change the priority; the promise given to the customer stays as it is."""
    act = _take(complaint, "set_priority", by, expected_version, request_id)
    if not act.is_replay:
        put_priority(act, priority)
        act.finish()
    return act.complaint


@transaction.atomic
def set_tags(
    complaint: Complaint, *, names: Collection[str], by: User | None, expected_version: int | None, request_id: str | None = None
) -> Complaint:
    """Replace the tags of a complaint; new names become new tags."""
    act = _take(complaint, "set_tags", by, expected_version, request_id)
    if not act.is_replay:
        wanted = _find_tags(names)
        held = set(act.complaint.tags.all())
        put_tags(act, added=wanted - held, removed=held - wanted)
        act.finish()
    return act.complaint


@transaction.atomic
def add_tag(complaint: Complaint, *, name: str, by: User | None, request_id: str | None = None) -> Complaint:
    """Add one tag. Adding never overwrites anything, so it asks for no version."""
    act = _take(complaint, "add_tag", by, None, request_id)
    if not act.is_replay:
        put_tags(act, added=_find_tags([name]) - set(act.complaint.tags.all()))
        act.finish()
    return act.complaint


@transaction.atomic
def set_category(
    complaint: Complaint, *, category: Category, by: User | None, expected_version: int | None, request_id: str | None = None
) -> Complaint:
    """Correct the category and move the complaint to that category's team. The answers keep the form they were given on."""
    act = _take(complaint, "set_category", by, expected_version, request_id)
    if act.is_replay or act.complaint.category_id == category.pk:
        return act.complaint
    act.note("category.set", codes={"from": act.complaint.category.code, "to": category.code})
    act.set(category=category)
    if category.team_id != act.complaint.team_id:
        move_to_team(act, category.team)
    return act.finish()


@transaction.atomic
def bind_order(
    complaint: Complaint,
    *,
    order: Order,
    by: User | None,
    expected_version: int | None,
    request_id: str | None = None,
    evidence: str = "desk",
    snapshot: dict[str, Any] | None = None,
) -> Complaint:
    """Say which order a complaint is about; ``evidence`` is what it was recognised by. An order of another shop is refused."""
    act = _take(complaint, "bind_order", by, expected_version, request_id)
    if act.is_replay or act.complaint.order_id == order.pk:
        return act.complaint
    if order.merchant_id != act.complaint.merchant_id:
        raise RefusedError([Reason("other_shop", _("This order belongs to another shop."))])
    was = {"was": act.complaint.order_id, "customer_was": act.complaint.customer_id}
    act.note("order.bound", codes={"order": order.pk, "evidence": evidence, **was})
    act.set(order=order, customer=order.customer, line_ids=[], order_snapshot=snapshot or {})
    return act.finish()


@transaction.atomic
def unbind_order(complaint: Complaint, *, by: User | None, expected_version: int | None, request_id: str | None = None) -> Complaint:
    """Take a wrong order off a complaint, together with the customer and goods that came with it."""
    act = _take(complaint, "unbind_order", by, expected_version, request_id)
    if act.is_replay or act.complaint.order_id is None:
        return act.complaint
    was = {"order": act.complaint.order_id, "customer_was": act.complaint.customer_id}
    act.note("order.unbound", codes={"lines": act.complaint.line_ids, **was})
    act.set(order=None, customer=None, line_ids=[], order_snapshot={})
    return act.finish()


def put_priority(act: Act, priority: int) -> None:
    """Set the priority within an act."""
    act.put_priority(priority)


def put_tags(act: Act, *, added: Collection[Tag] = (), removed: Collection[Tag] = ()) -> None:
    """Add and remove tags within an act."""
    if removed:
        act.complaint.tags.remove(*removed)
    if added:
        act.complaint.tags.add(*added)
    if added or removed:
        act.note("tag.set", codes={"added": sorted(tag.pk for tag in added), "removed": sorted(tag.pk for tag in removed)})


def apply_action(act: Act, action: dict[str, Any]) -> None:
    """Carry out one act of a macro within a reply."""
    perform = ACTIONS.get(action.get("act", ""))
    if perform is None:
        raise RefusedError([Reason("unknown_act", _("This macro contains an unknown act."), _("Have the macro corrected."))])
    require_permission(act, LABEL)
    perform(act, action["value"])


def _put_priority(act: Act, value: Any) -> None:
    put_priority(act, Complaint.Priority(int(value)))


def _put_tag(act: Act, value: Any) -> None:
    put_tags(act, added=_find_tags([str(value)]) - set(act.complaint.tags.all()))


def _put_team(act: Act, value: Any) -> None:
    team = Team.objects.filter(code=value, is_active=True).first()
    if team is None:
        raise RefusedError([Reason("unknown_team", _("The team of this macro no longer exists."), _("Have the macro corrected."))])
    move_to_team(act, team)


def _put_reminder(act: Act, value: Any) -> None:
    """What a reply promises is for its writer to keep."""
    due = read_moment(str(value))
    if due is None or not act.at < due <= act.at + LATEST:
        raise RefusedError([Reason("promise_past", _("The promised moment has passed."), _("Take the reminder off, or promise anew."))])
    act.follow_up(FollowUp.Kind.PROMISE, role=FollowUp.Role.ASSIGNEE, due_at=due, owner_id=act.by.pk)


ACTIONS: dict[str, Callable[[Act, Any], None]] = {
    "set_priority": _put_priority, "add_tag": _put_tag, "set_team": _put_team, "remind": _put_reminder,
}  # fmt: skip


def _take(complaint: Complaint, verb: str, by: User | None, expected_version: int | None, request_id: str | None) -> Act:
    act = lock_act(complaint, verb, by=by, request_id=request_id)
    if not act.is_replay:
        require_version(act.complaint, expected_version)
        require_permission(act, LABEL)
    return act


def _find_tags(names: Collection[str]) -> set[Tag]:
    """Tags by name, made where they are missing; many agents may make the same one at once."""
    wanted = list(dict.fromkeys(name.strip()[:40] for name in names if name.strip()))
    if len(wanted) > MOST_TAGS:
        raise RefusedError([Reason("too_many_tags", _("At most %(number)s tags.") % {"number": MOST_TAGS})])
    Tag.objects.bulk_create([Tag(name=name) for name in wanted], ignore_conflicts=True)
    return set(Tag.objects.filter(name__in=wanted))
