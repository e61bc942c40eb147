"""Cases that follow a procedure, for the tests of services: a published version, a case that keeps it, and verbs carried out on it."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from tests.factories import make_user
from tests.workflows.builders import make_case
from workflows.flows.parsing import parse_definition
from workflows.flows.text import digest_of
from workflows.models import Case, FlowDefinition, FlowVersion, Step, Task
from workflows.services.act import CaseAct, lock_act
from workflows.services.flow import advance_case


def make_version(phases: dict[str, Any], *, type: str = "return_quality", **overrides: Any) -> FlowVersion:
    """A published version whose body can be read, whatever the rules of publication say of it."""
    body = {"schema": 1, "phases": phases}
    parse_definition(body)
    definition, _is_new = FlowDefinition.objects.get_or_create(type=type)
    number = definition.versions.count() + 1
    at = timezone.now()
    fields = {"number": number, "body": body, "sha256": digest_of(body), "published_at": at, "effective_from": at, **overrides}
    if number > 1:
        fields.setdefault("published_by", make_user("manager"))
    return FlowVersion.objects.create(definition=definition, **fields)


def make_flow_case(phases: dict[str, Any], *, state: str = "in_review", **overrides: Any) -> Case:
    """A case in this state that has just begun to follow these phases."""
    case = make_case(flow=make_version(phases), state=state, **overrides)
    follow(case)
    return Case.objects.get(pk=case.pk)


@transaction.atomic
def follow(case: Case, *verbs: str, to: str = "", by: Any = None) -> CaseAct:
    """Carry verbs out as the pipeline does after a transition: the case is in its new state, then its procedure follows."""
    if to:
        Case.objects.filter(pk=case.pk).update(state=to)
    act = lock_act(case, "test", by=by)
    act.verbs.extend(verbs)
    advance_case(act)
    act.tasks.write(act)
    return act


def standing(case: Case) -> dict[str, str]:
    """Every step of the case by key, with its round where it is not the first."""
    steps = Step.objects.filter(case=case).order_by("visit", "pk")
    return {f"{step.key}{'' if step.round == 1 else step.round}": str(step.standing) for step in steps}


def open_tasks(case: Case) -> list[tuple[str, str]]:
    return list(Task.objects.filter(case=case, done_at__isnull=True).order_by("pk").values_list("key", "role"))
