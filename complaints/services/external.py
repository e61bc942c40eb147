"""Notices of authorities and platforms: each has a deadline that nobody here sets, pauses or moves."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.calendars import current_version, hours_of
from accounts.models import User
from accounts.working_time import Hours
from complaints.assignment.demand import HIGHEST_BAND, raise_demand
from complaints.clauses import against_state
from complaints.lifecycle import Status
from complaints.models import ClockRun, Complaint, ExternalRecord, LegalRule
from complaints.services.act import Act, lock_act, require_permission
from complaints.timing import end_of_day
from foundation.exceptions import Forbidden, Reason
from foundation.verbs import lock, require, require_version

STATE, CONFIRM = "complaints.change_complaint_state", "complaints.change_legalrule"
AUTHORITIES = frozenset({"12315", "12345"})
LAW = "law"
WORKING_DAYS_OF = "office"
LONGEST_NUMBER, LONGEST_PROOF = 60, 200
INSTANT, DAY = timedelta(microseconds=1), timedelta(days=1)
Stage = ExternalRecord.Stage


@transaction.atomic
def note_external(
    complaint: Complaint,
    *,
    rule: LegalRule,
    external_no: str,
    received_at: datetime,
    due_at: datetime | None = None,
    by: User | None,
    expected_version: int | None = None,
    request_id: str | None = None,
) -> ExternalRecord:
    """Note that an authority or a platform has this matter, and start the clock of its answer.

    Due on the day that the notice names (``due_at``), else by the rule. Priority becomes at least high, and whoever waits for an agent
    comes first. ``RefusedError`` for a number that is known already, and for moments that cannot be.
    """
    act = lock_act(complaint, "external", by=by, request_id=request_id)
    if act.is_replay:
        return ExternalRecord.objects.get(rule=rule, external_no=external_no.strip())
    require_version(act.complaint, expected_version)
    require_permission(act, STATE)
    due_at = due_at or due_by(rule, received_at)
    require(_against_noting(act, rule, external_no.strip(), received_at, due_at))
    record = ExternalRecord.objects.create(
        complaint=act.complaint, rule=rule, external_no=external_no.strip(), received_at=received_at, due_at=due_at
    )
    kind = ClockRun.Kind.LEGAL if rule.platform in AUTHORITIES else ClockRun.Kind.PLATFORM
    act.clocks.start(kind, due_at=due_at, since=_free_moment(act, kind, received_at), external=record)
    act.put_priority(max(act.complaint.priority, Complaint.Priority.HIGH))
    note_step(act, record, "noted")
    raise_demand(act.complaint, at_least=HIGHEST_BAND)
    act.finish()
    return record


@transaction.atomic
def answer_external(
    complaint: Complaint,
    *,
    record: ExternalRecord,
    proof: str,
    by: User | None,
    expected_version: int | None = None,
    request_id: str | None = None,
) -> ExternalRecord:
    """Note that the answer was given there; ``proof`` says where that can be seen (receipt number, file). Its clock ends.

    What people answer needs the approval of a second one (``services.external_answers``); without ``by`` the platform itself says so.
    """
    act = lock_act(complaint, "external_answer", by=by, request_id=request_id)
    record = lock(record, "rule")
    if act.is_replay:
        return record
    require_version(act.complaint, expected_version)
    require_permission(act, STATE)
    require([*against_answered(act.complaint, record), *_against_unseen(record, by), *_against_proof(proof.strip())])
    record.stage, record.answered_at, record.proof = Stage.ANSWERED, act.at, proof.strip()
    record.save(update_fields=["stage", "answered_at", "proof"])
    for run in act.clocks.open_runs:
        if run.external_id == record.pk:
            act.clocks.end(run)
    note_step(act, record, "answered")
    act.finish()
    return record


@transaction.atomic
def confirm_legal_rule(rule: LegalRule, *, by: User | None) -> LegalRule:
    """Say that this deadline stands in the text in force; from then on it no longer reads "to be confirmed".

    ``RefusedError`` for a version that is confirmed already, and for one that a newer one has replaced.
    """
    require(_against_right(by))
    row = lock(rule)
    require(_against_confirming(row))
    row.confirmed_by, row.confirmed_at = by, timezone.now()
    row.save(update_fields=["confirmed_by", "confirmed_at"])
    return row


@transaction.atomic
def publish_legal_rule(code: str, *, by: User | None, **content: Any) -> LegalRule:
    """Add a version of a deadline, to be confirmed. Deadlines that run keep the version they were counted by."""
    require(_against_right(by))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('legal_rule'), hashtext(%s))", [code])
    newest = LegalRule.objects.filter(code=code).values_list("version", flat=True).order_by("-version").first() or 0
    return LegalRule.objects.create(code=code, version=newest + 1, **content)


def due_by(rule: LegalRule, received_at: datetime) -> datetime:
    """When a rule wants an answer to what came in at a moment. Days end with the day, and the day of receipt does not count."""
    if rule.unit == LegalRule.Unit.HOURS:
        return received_at + timedelta(hours=rule.amount)
    received_on = timezone.localtime(received_at).date()
    if rule.unit == LegalRule.Unit.DAYS:
        return end_of_day(received_on + rule.amount * DAY)
    return end_of_day(add_working_days(received_on, rule.amount, hours_of(current_version(WORKING_DAYS_OF).pk)))


def add_working_days(day: date, amount: int, hours: Hours) -> date:
    """The last of so many working days after a day."""
    while amount:
        day += DAY
        amount -= bool(hours.windows_on(day))
    return day


def newest_rules() -> list[LegalRule]:
    """The newest version of every rule in force that begins with a notice; those of the law begin with what happens in a case."""
    in_force = LegalRule.objects.filter(effective_from__lte=timezone.localdate()).exclude(platform=LAW)
    rules = in_force.order_by("code", "-version").distinct("code")
    return sorted(rules, key=lambda rule: (rule.platform, rule.code))


def _against_right(by: User | None) -> list[Reason]:
    may = by is None or (by.is_active and by.has_perm(CONFIRM))
    return [] if may else [Forbidden("not_allowed", _("Only an administrator can do this."))]


def _against_confirming(rule: LegalRule) -> list[Reason]:
    if rule.confirmed_at:
        return [Reason("confirmed", _("This deadline is confirmed already."))]
    if LegalRule.objects.filter(code=rule.code, version__gt=rule.version).exists():
        return [Reason("replaced", _("A newer version has replaced this one."))]
    return []


def _free_moment(act: Act, kind: str, since: datetime) -> datetime:
    """Two deadlines may run from one notice; no two clocks of a kind begin at the very same instant."""
    taken = {run.started_at for run in act.clocks.runs if run.kind == kind}
    while since in taken:
        since += INSTANT
    return since


def note_step(act: Act, record: ExternalRecord, step: str, payload: dict[str, Any] | None = None) -> None:
    codes = {"record": record.pk, "rule": record.rule_id, "step": step, "stage": str(record.stage), "due_at": record.due_at.isoformat()}
    act.note("external.changed", codes=codes, payload=payload)


def _against_noting(act: Act, rule: LegalRule, external_no: str, received_at: datetime, due_at: datetime) -> list[Reason]:
    found = [against_state(act.complaint)] if act.complaint.status in (Status.MERGED, Status.SPAM) else []
    if not 0 < len(external_no) <= LONGEST_NUMBER:
        found.append(Reason("external_no", _("Give the number that the matter has there.")))
    elif ExternalRecord.objects.filter(rule=rule, external_no=external_no).exists():
        found.append(Reason("external_no", _("This number is noted already.")))
    if received_at > act.at:
        found.append(Reason("received_at", _("A notice cannot have come in the future.")))
    if due_at <= received_at:
        found.append(Reason("due_at", _("The deadline lies before the day of receipt.")))
    return found


def against_answered(complaint: Complaint, record: ExternalRecord) -> list[Reason]:
    if record.complaint_id == complaint.pk and record.stage == Stage.OPEN:
        return []
    return [Reason("answered", _("This notice is answered already, or belongs to another complaint."))]


def _against_unseen(record: ExternalRecord, by: User | None) -> list[Reason]:
    if by is None or record.approved_by_id:
        return []
    return [Reason("not_approved", _("Nobody has approved the answer yet."), _("Propose it; another person approves it."))]


def _against_proof(proof: str) -> list[Reason]:
    if 0 < len(proof) <= LONGEST_PROOF:
        return []
    return [Reason("proof", _("Say where the answer can be seen: a receipt number or a file."))]
