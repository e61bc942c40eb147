"""Appeals: the customer objects to a decision, and somebody who never decided on the case decides."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from foundation.exceptions import Reason
from foundation.verbs import require
from workflows.cases.windows import APPEAL_DAYS
from workflows.machines.spine import CaseState
from workflows.machines.table import Role
from workflows.models import Appeal, Case
from workflows.services.act import CaseAct, lock_act, take_up
from workflows.services.settling import put_reopened

EVIDENCE_TIME = timedelta(days=3)
ANSWER_TIME = timedelta(hours=24)
MAY_APPEAL = (CaseState.REJECTED, CaseState.COMPLETED)


@transaction.atomic
def open_appeal(case: Case, *, words: str, by: User | None = None, as_customer: bool = True, request_id: str | None = None) -> Appeal:
    """Object to a decision, in the customer's words; once at a time and within the appeal window."""
    act = lock_act(case, "appeal", by=by, as_customer=as_customer, request_id=request_id)
    if act.is_replay:
        return Appeal.objects.filter(case=case).latest("pk")
    require(_against_appeal(act, words))
    appeal = Appeal.objects.create(case=act.case, words=words.strip(), opened_at=act.at, evidence_until=act.at + EVIDENCE_TIME)
    act.born(appeal, "open")
    act.open_task("appeal", role=Role.LEAD, due=ANSWER_TIME, codes={"appeal": appeal.pk})
    act.tell("case_appealed")
    act.finish()
    return appeal


@transaction.atomic
def ask_for_evidence(
    appeal: Appeal, *, due: datetime, by: User | None, expected_version: int | None = None, request_id: str | None = None
) -> Appeal:
    """Give both sides a time to show their evidence (AL1)."""
    act = take_up(appeal, "ask_evidence", by=by, expected_version=expected_version, request_id=request_id, due=due)
    if act.is_replay:
        return act.subject
    act.move(act.subject, "ask_evidence", evidence_until=due)
    act.tell("case_appeal_evidence", due=due.isoformat())
    return act.finish()


@transaction.atomic
def begin_deciding(
    appeal: Appeal,
    *,
    both_answered: bool = False,
    by: User | None,
    expected_version: int | None = None,
    request_id: str | None = None,
) -> Appeal:
    """Both sides have answered, or their time is over (AL2)."""
    act = take_up(appeal, "begin_deciding", by=by, expected_version=expected_version, request_id=request_id, both_answered=both_answered)
    if act.is_replay:
        return act.subject
    act.move(act.subject, "begin_deciding")
    return act.finish()


@transaction.atomic
def decide_appeal(
    appeal: Appeal,
    *,
    is_upheld: bool,
    reasons: str,
    rule_version: str = "",
    by: User,
    expected_version: int | None = None,
    request_id: str | None = None,
) -> Appeal:
    """Uphold (the case is reviewed again) or not, with facts, reasons and basis."""
    verb = "uphold" if is_upheld else "deny"
    act = take_up(appeal, verb, by=by, expected_version=expected_version, request_id=request_id, reasons=reasons)
    if act.is_replay:
        return act.subject
    act.move(
        act.subject, verb, payload={"reasons": reasons}, codes={"rule": rule_version}, decided_by=by, decided_at=act.at, grounds=reasons
    )
    act.close_tasks("appeal")
    if is_upheld:
        act.check(act.case, "reopen")
        put_reopened(act)
    act.tell("case_appeal_upheld" if is_upheld else "case_appeal_denied")
    return act.finish()


@transaction.atomic
def withdraw_appeal(
    appeal: Appeal,
    *,
    request: str = "",
    by: User | None = None,
    as_customer: bool = False,
    expected_version: int | None = None,
    request_id: str | None = None,
) -> Appeal:
    """The customer gives the appeal up (AL5)."""
    how = {"by": by, "as_customer": as_customer, "expected_version": expected_version, "request_id": request_id}
    act = take_up(appeal, "withdraw", request=request, **how)
    if act.is_replay:
        return act.subject
    act.move(act.subject, "withdraw")
    act.close_tasks("appeal", outcome="cancelled")
    return act.finish()


def may_appeal(case: Case, at: datetime) -> bool:
    """Whether the customer's page offers the appeal."""
    return case.state in MAY_APPEAL and not _is_over(case, at) and not Appeal.objects.filter(case=case, state__in=OPEN).exists()


OPEN = ("opened", "evidence", "deciding")


def _is_over(case: Case, at: datetime) -> bool:
    return case.ended_at is not None and at > case.ended_at + timedelta(days=APPEAL_DAYS)


def _against_appeal(act: CaseAct, words: str) -> list[Reason]:
    found = []
    if act.case.state not in MAY_APPEAL:
        found.append(Reason("state", _("Nothing has been decided that you could appeal against.")))
    if _is_over(act.case, act.at):
        found.append(Reason("too_late", _("More than 15 days have passed.")))
    if Appeal.objects.filter(case=act.case, state__in=OPEN).exists():
        found.append(Reason("appealed_already", _("There is already an appeal against this decision.")))
    if not words.strip():
        found.append(Reason("empty", _("Say why, in a few words.")))
    return found
