"""The inspection: every piece counted, graded and put where it belongs; then the whole passes, or a lead decides."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db import transaction

from accounts.models import User
from complaints.models import Attachment
from complaints.services.evidence import claim_files, file_codes
from foundation.verbs import require
from workflows.cases.clauses.inspecting import WITHDRAWAL
from workflows.cases.inspections import expected_claims, is_good, is_recorded, lines_now
from workflows.cases.refusals import reasons_against
from workflows.machines.inspection import InspectionState
from workflows.machines.spine import SPINE, CaseState
from workflows.machines.table import Role
from workflows.models import Case, CasePolicy, CaseUnit, InspectionLine
from workflows.services.act import CaseAct, lock_act, take_up
from workflows.services.outbounds import put_releases
from workflows.services.refunds import release_due
from workflows.services.repairs import put_repairs
from workflows.services.settling import put_settled

S, Disposition, Fault, Verdict = InspectionState, InspectionLine.Disposition, InspectionLine.Fault, CaseUnit.Verdict
# Where a good piece goes when nobody says otherwise.
SHELF = {"a": Disposition.RESTOCK, "b": Disposition.REFURBISH, "c": Disposition.HOLD}
# Tasks of the warehouse that are not the inspection itself.
OTHER_WORK = ("pack", "repair", "unclaimed", WITHDRAWAL, CaseState.RECEIVED)
# Reasons that keep somebody from beginning an inspection, and not from going on with a colleague's.
TAKEN_OVER = ("state", "not_your_task", "flow.step_pending")
OF_LINE = ("claim__unit__line", "claim__case", "parcel")


@transaction.atomic
def begin_inspection(case: Case, *, by: User, expected_version: int | None = None, request_id: str | None = None) -> Case:
    """Open the parcel (C17); from now on the work is the inspector's own."""
    act = take_up(case, "begin_inspection", by=by, expected_version=expected_version, request_id=request_id)
    if act.is_replay:
        return act.subject
    act.move(act.case, "begin_inspection")
    _own_work(act)
    return act.finish()


def _own_work(act: CaseAct) -> None:
    """Give the inspection to whoever began it: the procedure's own task, or the one of the state."""
    mine = [task for task in act.tasks.open_rows if task.role == Role.WAREHOUSE and task.kind not in OTHER_WORK]
    for task in mine:
        task.owner = act.by
        task.save(update_fields=["owner"])
    if not mine:
        act.open_task(str(CaseState.INSPECTING), role=Role.WAREHOUSE, due=SPINE.state(CaseState.INSPECTING).clock.after, owner=act.by)


@transaction.atomic
def take_over_inspection(case: Case, *, by: User, request_id: str | None = None) -> Case:
    """A colleague goes on with an inspection that somebody else began."""
    act = lock_act(case, "take_over_inspection", by=by, request_id=request_id)
    if not act.is_replay:
        require([reason for reason in reasons_against(act.asking(act.case, "begin_inspection")) if reason.code not in TAKEN_OVER])
        for task in act.tasks.open_rows:
            if task.role == Role.WAREHOUSE and task.owner_id not in (None, by.pk):
                task.owner = by
                task.save(update_fields=["owner"])
        act.note("case.inspection_taken_over", codes={"case": act.case.pk})
    return act.finish()


@transaction.atomic
def record_line(
    line: InspectionLine,
    *,
    graded: str = "",
    serial: str = "",
    fault: str = "",
    accessories: Sequence[str] = (),
    disposition: str = "",
    note: str = "",
    photos: Collection[int] = (),
    by: User,
    expected_version: int | None = None,
    request_id: str | None = None,
) -> InspectionLine:
    """Record everything about one piece at once: counted, graded, passed or failed, and where it goes (IN1 to IN4, IN6).

    ``photos`` are ids of files that the inspector has uploaded; they become evidence that the customer sees. A piece that failed waits
    with its place until the case is decided. Raises the reasons of every step that does not hold.
    """
    act = take_up(line, "count", by=by, expected_version=expected_version, request_id=request_id, related=OF_LINE, quantity=1)
    if act.is_replay:
        return act.subject
    row = act.subject
    require(_against_same_inspector(act, row))
    found = {"serial": serial.strip(), "fault": fault, "accessories": list(accessories), "note": note}
    files = _keep_photos(act, row, photos)
    _count(act, row, found)
    _grade(act, row, graded)
    _judge(act, row, files, disposition)
    if waits_for_the_count(act.case.policy):
        put_releases(act)
        release_due(act)
    return act.finish()


def waits_for_the_count(policy: CasePolicy) -> bool:
    """Whether money or goods leave as soon as a piece is here, whatever its state."""
    return CasePolicy.Release.RECEIVED in (policy.release, policy.release_trusted, policy.ships, policy.ships_trusted)


def _against_same_inspector(act: CaseAct, row: InspectionLine) -> list[Any]:
    """A second look is somebody else's."""
    clauses = row.machine.verb("inspect_again").guards
    is_second_look = row.round > 1 and row.inspected_by_id == act.by.pk and row.inspected_at is not None
    return [clause.reason() for clause in clauses if clause.code == "same_inspector"] if is_second_look else []


def _keep_photos(act: CaseAct, row: InspectionLine, photos: Collection[int]) -> list[Attachment]:
    files = claim_files(act.case.complaint, ids=photos, by=act.by)
    if files:
        row.photos.add(*files)
        act.note("evidence.added", codes=file_codes(files) | {"case": act.case.pk, "inspection": row.pk})
    return files


def _count(act: CaseAct, row: InspectionLine, found: dict[str, Any]) -> None:
    act.move(row, "count", codes={"unit": row.claim.unit_id, "is_here": found["fault"] != Fault.MISSING}, **found)
    if found["fault"] != Fault.MISSING and row.claim.received_at is None:
        CaseUnit.objects.filter(pk=row.claim_id).update(received_at=act.at)


def _grade(act: CaseAct, row: InspectionLine, graded: str) -> None:
    act.check(row, "grade", as_system=False, grade=graded)
    act.move(row, "grade", codes={"grade": graded}, graded=graded, inspected_by=act.by, inspected_at=act.at)


def _judge(act: CaseAct, row: InspectionLine, files: list[Attachment], disposition: str) -> None:
    """Passed pieces go to their place at once; failed ones wait there until a lead has decided."""
    codes = {"unit": row.claim.unit_id, "files": [file.pk for file in files]}
    if row.fault:
        has_photo = bool(files) or row.photos.exists()
        act.check(row, "fail_line", as_system=False, finding=row.fault, photos=has_photo)
        act.move(row, "fail_line", codes=codes | {"fault": row.fault}, disposition=disposition)
    else:
        act.check(row, "pass_line", as_system=False)
        act.move(row, "pass_line", codes=codes)
        put_away(act, row, disposition or SHELF[row.graded])


def put_away(act: CaseAct, row: InspectionLine, disposition: str) -> None:
    act.check(row, "dispose", as_system=False, disposition=disposition)
    act.move(row, "dispose", codes={"disposition": disposition, "unit": row.claim.unit_id}, disposition=disposition)


@transaction.atomic
def inspect_again(
    line: InspectionLine, *, note: str = "", by: User, expected_version: int | None = None, request_id: str | None = None
) -> InspectionLine:
    """Have a piece that did not pass looked at by somebody else (IN5). What was found the first time stays in the events."""
    act = take_up(line, "inspect_again", by=by, expected_version=expected_version, request_id=request_id, related=OF_LINE)
    if act.is_replay:
        return act.subject
    row = act.subject
    before = {"fault": row.fault, "grade": row.graded, "round": row.round}
    fresh = {"round": row.round + 1, "serial": "", "graded": "", "fault": "", "disposition": "", "accessories": [], "note": ""}
    act.move(row, "inspect_again", codes=before, payload={"note": note} if note else None, **fresh)
    CaseUnit.objects.filter(pk=row.claim_id, verdict=Verdict.FAILED).update(verdict=Verdict.PENDING)
    return act.finish()


@transaction.atomic
def dispose_line(
    line: InspectionLine, *, disposition: str, by: User, expected_version: int | None = None, request_id: str | None = None
) -> InspectionLine:
    """Put a piece where it belongs (IN6); that never holds up a refund."""
    how = {"by": by, "expected_version": expected_version, "request_id": request_id}
    act = take_up(line, "dispose", related=OF_LINE, disposition=disposition, **how)
    if act.is_replay:
        return act.subject
    act.move(act.subject, "dispose", codes={"disposition": disposition, "unit": act.subject.claim.unit_id}, disposition=disposition)
    return act.finish()


@transaction.atomic
def pass_inspection(case: Case, *, by: User, expected_version: int | None = None, request_id: str | None = None) -> Case:
    """Everything is as it should be (C18): money and goods that waited for it leave in the same act."""
    act = take_up(case, "pass_inspection", by=by, expected_version=expected_version, request_id=request_id)
    if act.is_replay:
        return act.subject
    lines = lines_now(act.case)
    put_verdicts(act, lines.values())
    for line in lines.values():
        if line.state == S.PASSED:
            put_away(act, act.lock(line, *OF_LINE), line.disposition or SHELF[line.graded])
    act.move(act.case, "pass_inspection", codes={"units": _passed(lines.values()), "liability": "final"})
    act.tell("case_inspected")
    put_repairs(act)
    put_releases(act)
    release_due(act)
    put_settled(act)
    return act.finish()


@transaction.atomic
def fail_inspection(case: Case, *, words: str = "", by: User, expected_version: int | None = None, request_id: str | None = None) -> Case:
    """Something is not as it should be, or the customer wants the goods back (C19): a lead decides, the customer gets the photos."""
    act = take_up(case, "fail_inspection", by=by, expected_version=expected_version, request_id=request_id)
    if act.is_replay:
        return act.subject
    lines = list(lines_now(act.case).values())
    put_verdicts(act, lines)
    differences = [{"unit": line.claim.unit_id, "fault": line.fault, "grade": line.graded} for line in lines if line.fault]
    act.move(act.case, "fail_inspection", codes={"differences": differences}, payload={"words": words} if words else None)
    act.close_tasks(WITHDRAWAL)
    act.tell("case_inspection_failed", faults=sorted({line.fault for line in lines if line.fault}))
    return act.finish()


def put_verdicts(act: CaseAct, lines: Iterable[InspectionLine]) -> None:
    """What the lines say about the pieces; what a lead has decided about one is not touched."""
    recorded = [line for line in lines if is_recorded(line)]
    undecided = CaseUnit.objects.filter(case=act.case, verdict__in=[Verdict.PENDING, Verdict.PASSED, Verdict.FAILED])
    undecided.filter(pk__in=[line.claim_id for line in recorded if is_good(line)]).update(verdict=Verdict.PASSED)
    undecided.filter(pk__in=[line.claim_id for line in recorded if not is_good(line)]).update(verdict=Verdict.FAILED)


def _passed(lines: Iterable[InspectionLine]) -> list[int]:
    return sorted(line.claim.unit_id for line in lines if is_good(line))


def progress_of(case: Case) -> tuple[int, int]:
    """How many pieces have a result, of how many."""
    lines = lines_now(case)
    claims = expected_claims(CaseUnit.objects.filter(case=case).select_related("unit"))
    return sum(is_recorded(lines.get(claim.pk)) for claim in claims), len(claims)
