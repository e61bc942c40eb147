"""What finance does about a refund that went wrong: asks again, sends it again under its number, or closes it as unpaid, by two people."""

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from foundation.exceptions import Forbidden, Reason
from foundation.hints import hint
from foundation.verbs import require, require_version
from workflows.cases.clauses.refund import is_own
from workflows.machines.refund import RefundState
from workflows.machines.table import Role
from workflows.models import Refund
from workflows.money.desk import FAILED, SECOND, STUCK, UNKNOWN, end_refund_tasks, open_refund_task
from workflows.money.facts import move_refund, note_fact
from workflows.services.act import CaseAct, lock_act, take_up

S = RefundState
# Where the verb that waits for a second person is told by the state: sign above the limit, send again late, close as unpaid.
NEEDS_TWO = (S.PENDING_APPROVAL, S.UNKNOWN, S.FAILED, S.BOUNCED)
UNSENT_OR_DONE = (S.PENDING_APPROVAL, S.ARMED, S.QUEUED, S.SUBMITTING)
NOT_FINANCE = Forbidden("not_your_role", _("Only finance may do this."))
NOTHING_TO_ASK = Reason("state", _("There is nothing to ask the provider about."))
NOT_FOR_TWO = Reason("state", _("Nothing here waits for a second person."))
OWN = Forbidden("own_refund", _("You created this refund or work on its case."), _("A colleague does it."))


@transaction.atomic
def ask_provider(refund: Refund, *, by: User, request_id: str | None = None) -> Refund:
    """Ask the provider about a refund now, also about one that is done, or that was given up after its workers had died."""
    act = lock_act(refund, "ask", by=by, request_id=request_id)
    if act.is_replay:
        return act.subject
    require([NOT_FINANCE] if Role.FINANCE not in act.roles else [NOTHING_TO_ASK] if act.subject.state in UNSENT_OR_DONE else [])
    act.note("refund.ask", codes={"case": act.case.pk, "refund": act.subject.pk})
    end_refund_tasks(act, act.subject, STUCK)
    _make_due(act.subject)
    return act.finish()


@transaction.atomic
def ask_for_second_person(
    refund: Refund, *, reason: str, by: User, expected_version: int | None = None, request_id: str | None = None
) -> Refund:
    """The first of two people of finance; the other one then carries the verb out. Any move in between ends the request."""
    act = lock_act(refund, "ask_second", by=by, request_id=request_id)
    if act.is_replay:
        return act.subject
    row: Refund = act.subject
    require_version(row, expected_version)
    require(_against_asking(act, row))
    row.closing_by, row.version = by, row.version + 1
    row.save(update_fields=["closing_by", "version"])
    note_fact(act, row, "ask_second", before=row.state)
    codes = {"case": act.case.pk, "refund": row.pk, "from": row.state, "to": row.state}
    act.note("refund.ask_second", codes=codes, payload={"reason": reason})
    open_refund_task(act, row, SECOND)
    if row.state in (S.FAILED, S.BOUNCED):
        _make_due(row)
    return act.finish()


@transaction.atomic
def retry_refund(refund: Refund, *, cause: str, by: User, expected_version: int | None = None, request_id: str | None = None) -> Refund:
    """Send it again under its own number (R14), once the cause is known."""
    act = take_up(refund, "retry_same_key", by=by, expected_version=expected_version, request_id=request_id, cause=cause)
    if act.is_replay:
        return act.subject
    _send_again(act, "retry_same_key", payload={"cause": cause})
    return act.finish()


@transaction.atomic
def resend_absent(refund: Refund, *, by: User, expected_version: int | None = None, request_id: str | None = None) -> Refund:
    """Send again what never arrived (R10), by finance: past the life of its number the second of two people."""
    act = take_up(refund, "mark_absent", by=by, expected_version=expected_version, request_id=request_id)
    if act.is_replay:
        return act.subject
    _send_again(act, "mark_absent")
    return act.finish()


@transaction.atomic
def close_unpaid(refund: Refund, *, by: User, expected_version: int | None = None, request_id: str | None = None) -> Refund:
    """Let go of what is proven unpaid (R15), by the second of two people. Only now may a new refund take its place."""
    act = take_up(refund, "close_unpaid", by=by, expected_version=expected_version, request_id=request_id)
    if act.is_replay:
        return act.subject
    first = act.subject.closing_by_id
    move_refund(act, act.subject, "close_unpaid", codes={"first": first})
    end_refund_tasks(act, act.subject, SECOND)
    end_failed(act)
    return act.finish()


def end_failed(act: CaseAct) -> None:
    """The task about failed refunds of a case is over when none of them is left."""
    if not Refund.objects.filter(case=act.case, state__in=(S.FAILED, S.BOUNCED)).exists():
        act.close_tasks(FAILED)


def _send_again(act: CaseAct, verb: str, payload: dict | None = None) -> None:
    move_refund(act, act.subject, verb, payload=payload, attempts=0, next_at=act.at, code="")
    end_refund_tasks(act, act.subject, SECOND, UNKNOWN, STUCK)
    end_failed(act)
    hint("workflows.settle")


def _against_asking(act: CaseAct, row: Refund) -> list[Reason]:
    if Role.FINANCE not in act.roles:
        return [NOT_FINANCE]
    if row.state not in NEEDS_TWO:
        return [NOT_FOR_TWO]
    return [OWN] if row.state == S.PENDING_APPROVAL and is_own(act.asking(row, "authorise")) else []


def _make_due(row: Refund) -> None:
    Refund.objects.filter(pk=row.pk).update(next_at=Now(), attempts=0)
    hint("workflows.settle")
