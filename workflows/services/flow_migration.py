"""Moving cases to another version of their procedure, one by one, by somebody and for a reason."""

from collections.abc import Mapping

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from foundation.exceptions import Reason
from foundation.verbs import require
from workflows.flows.migration import Plan, plan_migration
from workflows.flows.standing import as_read, definition_of, phase_of, published_definition
from workflows.machines.spine import CaseState
from workflows.models import Case, FlowVersion, Step, Task
from workflows.services.act import CaseAct, lock_act
from workflows.services.flow_book import FlowBook
from workflows.services.flow_versions import PUBLISH, against_reason, against_right

MIGRATE = "flow.migrate"


def cases_to_migrate(version: FlowVersion, numbers: list[str] | None = None) -> QuerySet[Case]:
    """Open cases of the version's type that keep another one."""
    cases = Case.objects.filter(policy__type=version.definition.type).exclude(state=CaseState.CLOSED).exclude(flow=version)
    return (cases.filter(number__in=numbers) if numbers else cases).select_related("policy").order_by("pk")


def plan_of(case: Case, version: FlowVersion, mapping: Mapping[str, str] | None = None) -> Plan:
    """What a migration of this case would do; nothing is written."""
    steps = [as_read(step) for step in Step.objects.filter(case=case).order_by("pk")]
    return plan_migration(steps, source=definition_of(case), target=published_definition(version.pk), mapping=mapping)


@transaction.atomic
def migrate_case(case: Case, *, to: FlowVersion, by: User, reason: str, mapping: Mapping[str, str] | None = None) -> Case:
    """Let a case go on under another published version of its type; its open steps keep their place and their tasks.

    Stands on the chain with both versions, the person and the reason. Raises ``NotAllowedError``, or ``RefusedError`` with every step
    that has nowhere to go.
    """
    require(against_right(by, PUBLISH))
    act = lock_act(case, MIGRATE, by=by)
    require([*against_reason(reason), *_against_version(act, to)])
    plan = plan_of(act.case, to, mapping)
    require([Reason("flow.unmapped", refusal) for refusal in plan.refusals])
    before = act.case.flow_id
    _rename(act, plan)
    act.set(flow=to)
    book = FlowBook(act)
    book.enter(phase_of(act.case))
    book.settle()
    book.write()
    codes = {"case": act.case.pk, "from": before, "to": to.pk, "moved": {f"{step.phase}.{step.key}": key for step, key in plan.moves}}
    act.note("flow.migrated", codes=codes, payload={"reason": reason.strip()})
    act.finish()
    return act.case


def _against_version(act: CaseAct, to: FlowVersion) -> list[Reason]:
    found = []
    if to.published_at is None or to.definition.type != act.case.policy.type:
        found.append(Reason("flow.foreign_version", _("This is no published version of the case's type.")))
    if act.case.state == CaseState.CLOSED:
        found.append(Reason("state", _("This case is archived.")))
    return found


def _rename(act: CaseAct, plan: Plan) -> None:
    """Steps and tasks take the keys of the other version."""
    for step, key in plan.moves:
        if key != step.key:
            named = {"case": act.case, "key": step.key}
            Step.objects.filter(**named, phase=step.phase, visit=step.visit, round=step.round).update(key=key)
            Task.objects.filter(**named, done_at__isnull=True).update(key=key)
