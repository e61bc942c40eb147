"""What finance asks for before it signs a refund: an answer of whoever has the case, or a lower amount, which a lead sets (R4)."""

from dataclasses import replace

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from foundation.exceptions import Forbidden, Reason
from foundation.verbs import require, require_version
from workflows.cases.proposals import read_proposal, shares_of
from workflows.machines.refund import UNSENT
from workflows.machines.table import Role
from workflows.models import Refund, Resolution, Task
from workflows.money.apportion import share_out
from workflows.money.desk import LOWER, QUESTION, end_refund_tasks, key_of, open_refund_task
from workflows.money.seals import lines_of
from workflows.services.act import CaseAct, lock_act, take_up
from workflows.services.proposing import write_resolution
from workflows.services.refund_rescue import NOT_FINANCE
from workflows.services.refunds import put_reprice

SENT = Reason("state", _("This refund was sent or voided."))
NOT_ASKED = Reason("nothing_open", _("Nobody asked about this refund."))
NOT_OF_CASE = Forbidden("not_your_role", _("Only whoever works on the case answers."))
NOT_LOWER = Reason("not_lower", _("The amount is not lower than now."), _("Sign it, or refuse it."))


@transaction.atomic
def ask_agent(refund: Refund, *, words: str, by: User, expected_version: int | None = None, request_id: str | None = None) -> Refund:
    """Ask whoever has the case; the refund waits as it is."""
    act = _open(refund, "ask_agent", by, expected_version, request_id)
    if not act.is_replay:
        _note(act, "ask_agent", {"note": words})
        open_refund_task(act, act.subject, QUESTION, role=Role.AGENT)
        act.finish()
    return act.subject


@transaction.atomic
def ask_lower(
    refund: Refund, *, amount: int, reason: str, by: User, expected_version: int | None = None, request_id: str | None = None
) -> Refund:
    """Send a refund back for a lower amount, in fen. Only a lead changes what it says."""
    act = _open(refund, "ask_lower", by, expected_version, request_id)
    if not act.is_replay:
        require([] if 0 < amount < act.subject.amount_fen else [NOT_LOWER])
        _note(act, "ask_lower", {"note": reason}, amount_fen=amount)
        open_refund_task(act, act.subject, LOWER, role=Role.LEAD, amount_fen=amount)
        act.finish()
    return act.subject


@transaction.atomic
def answer_finance(refund: Refund, *, words: str, by: User, request_id: str | None = None) -> Refund:
    """Answer what finance asked about a refund."""
    act = lock_act(refund, "answer_finance", by=by, request_id=request_id)
    if act.is_replay:
        return act.subject
    asked = Task.objects.filter(case=act.case, key=key_of(act.subject, QUESTION), done_at__isnull=True).exists()
    require([NOT_OF_CASE] if not act.roles & {Role.AGENT, Role.LEAD} else [] if asked else [NOT_ASKED])
    _note(act, "answer_finance", {"note": words})
    end_refund_tasks(act, act.subject, QUESTION)
    return act.finish()


@transaction.atomic
def lower_refund(
    refund: Refund, *, amount: int, cause: str, by: User, expected_version: int | None = None, request_id: str | None = None
) -> Refund:
    """Give a refund the lower amount that finance asked for (R4), by a lead; its pieces share the loss by what they were worth in it.

    The decision follows as a new revision: what was taken off is owed no more.
    """
    act = take_up(refund, "reprice", by=by, expected_version=expected_version, request_id=request_id, amount=amount, cause=cause)
    if act.is_replay:
        return act.subject
    require([] if 0 < amount < act.subject.amount_fen else [NOT_LOWER])
    lines, loss = lines_of(act.subject), act.subject.amount_fen - amount
    shares = zip(lines, share_out(amount, list(lines.values())), strict=True) if lines else ()
    put_reprice(act, act.subject, amount, {unit: fen for unit, fen in shares if fen}, cause=cause)
    _lower_decision(act, loss, is_of_goods=bool(lines))
    return act.finish()


def _lower_decision(act: CaseAct, loss: int, *, is_of_goods: bool) -> None:
    current = Resolution.objects.filter(case=act.case, standing=Resolution.Standing.CURRENT).first()
    if current is None:
        return
    was = read_proposal(current)
    goods, more = (was.amount_fen - loss, was.compensation_fen) if is_of_goods else (was.amount_fen, was.compensation_fen - loss)
    shares = shares_of(act.case, goods + more)
    write_resolution(act, replace(was, amount_fen=goods, compensation_fen=more, shares=shares), standing=Resolution.Standing.CURRENT)


def _open(refund: Refund, verb: str, by: User, expected_version: int | None, request_id: str | None) -> CaseAct:
    act = lock_act(refund, verb, by=by, request_id=request_id)
    if not act.is_replay:
        require_version(act.subject, expected_version)
        require([NOT_FINANCE] if Role.FINANCE not in act.roles else [] if act.subject.state in UNSENT else [SENT])
    return act


def _note(act: CaseAct, kind: str, payload: dict, **codes: int) -> None:
    act.note(f"refund.{kind}", codes={"case": act.case.pk, "refund": act.subject.pk} | codes, payload=payload)
