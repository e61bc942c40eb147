"""Goods that are not there: the customer is asked, the lead decides, and after two days the refund is proposed by itself."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from foundation.exceptions import Forbidden, Reason
from foundation.verbs import require, require_version
from workflows.machines.outbound import OutboundState
from workflows.machines.table import Role
from workflows.models import Outbound, Task
from workflows.services.act import lock_act, take_up
from workflows.services.failing import put_track_failed
from workflows.services.outbounds import put_releases, task_key

EMPTY = "outbound_empty"
CHOICES = ("wait", "other", "refund")
REFUND_PROPOSED_AFTER = timedelta(hours=48)


@transaction.atomic
def run_out(
    row: Outbound, *, left: int = 0, by: User | None, expected_version: int | None = None, request_id: str | None = None
) -> Outbound:
    """There is none left (OB5). ``left`` is what was counted on the shelf. Asks the customer: wait, another item, or a refund."""
    act = take_up(row, "run_out", by=by, expected_version=expected_version, request_id=request_id, left=left)
    if act.is_replay:
        return act.subject
    act.move(act.subject, "run_out", codes={"left": left}, since=act.at)
    act.tasks.close(keys=(task_key(row),), outcome=Task.Outcome.CANCELLED)
    refund_at = (act.at + REFUND_PROPOSED_AFTER).isoformat()
    codes = {"outbound": row.pk, "choices": list(CHOICES), "refund_at": refund_at}
    act.open_task(EMPTY, role=Role.LEAD, key=task_key(row), codes=codes)
    act.tell("case_out_of_stock")
    put_track_failed(act, act.subject)
    return act.finish()


def proposed_remedy(task: Task, at: datetime) -> str:
    """What the lead's task is filled in with: the customer's choice, or the refund once they had two days to choose. "": nothing yet."""
    due = parse_datetime(task.codes.get("refund_at", ""))
    return task.codes.get("choice", "") or ("refund" if due is not None and at >= due else "")


@transaction.atomic
def choose_instead(
    row: Outbound,
    *,
    choice: str,
    sku: str = "",
    by: User | None = None,
    as_customer: bool = False,
    expected_version: int | None = None,
    request_id: str | None = None,
) -> Outbound:
    """Note what the customer wants instead of goods that are not there; a lead carries it out."""
    act = lock_act(row, "choose_instead", by=by, as_customer=as_customer, request_id=request_id)
    if not act.is_replay:
        require_version(act.subject, expected_version)
        require(against_choosing(act.subject, act.roles, choice))
        codes = {"case": act.case.pk, "outbound": row.pk, "choice": choice}
        act.note("outbound.choice_made", codes=codes, payload={"sku": sku} if sku else None)
        for task in act.tasks.open_rows:
            if task.kind == EMPTY and task.key == task_key(row):
                Task.objects.filter(pk=task.pk).update(codes=task.codes | {"choice": choice, "sku": sku})
    return act.finish()


def against_choosing(row: Outbound, roles: frozenset[str], choice: str = CHOICES[0]) -> list[Reason]:
    """The customer chooses, or somebody who works on the case for them."""
    if not roles & {Role.CUSTOMER, Role.AGENT}:
        return [Forbidden("not_your_role", _("Only the customer or those who work on the case may do this."))]
    if row.state != OutboundState.OUT_OF_STOCK:
        return [Reason("state", _("The item is not out of stock any more."))]
    return [] if choice in CHOICES else [Reason("choice_unknown", _("Choose to wait, another item, or a refund."))]


def choice_task(row: Outbound) -> Task | None:
    """The lead's open task about goods that are not there; it holds what the customer chose."""
    return Task.objects.filter(case=row.case_id, kind=EMPTY, key=task_key(row), done_at__isnull=True).first()


@transaction.atomic
def reserve_again(
    row: Outbound,
    *,
    sku: str = "",
    left: int | None = None,
    by: User | None,
    expected_version: int | None = None,
    request_id: str | None = None,
) -> Outbound:
    """Send the same item later, another one, or a lost parcel once more (OB7). ``left`` is what is on the shelf, if it was counted."""
    act = take_up(row, "reserve_again", by=by, expected_version=expected_version, request_id=request_id, left=left)
    if act.is_replay:
        return act.subject
    fields = {"sku": sku or act.subject.sku, "waybill": "", "carrier": None, "since": act.at}
    act.move(act.subject, "reserve_again", codes={"left": left}, payload={"sku": fields["sku"]}, **fields)
    act.tasks.close(EMPTY, keys=(task_key(row),))
    put_releases(act)
    return act.finish()
