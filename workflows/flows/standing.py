"""Where a case stands in its procedure: the version it keeps, the phase and visit, and the steps as the interpreter reads them."""

from collections.abc import Iterable
from functools import lru_cache

from workflows.flows import fold
from workflows.flows.defaults import default_definition
from workflows.flows.parsing import parse_definition
from workflows.flows.tree import Definition, Phase
from workflows.machines.spine import SPINE, CaseState
from workflows.models import Case, FlowVersion, Step

MOST_KEPT = 256


def definition_of(case: Case) -> Definition:
    """The definition that the case keeps, whatever was published since."""
    return default_definition(case.policy.type) if case.flow_id is None else published_definition(case.flow_id)


@lru_cache(maxsize=MOST_KEPT)
def published_definition(version_id: int) -> Definition:
    """The tree of a published version, which never changes and so is read once in the life of a process."""
    return parse_definition(FlowVersion.objects.filter(published_at__isnull=False).values_list("body", flat=True).get(pk=version_id))


def phase_of(case: Case) -> str:
    """The phase that a case is in; a proposal that waits for approval belongs to where it was made. "" for drafts and archived cases."""
    state = case.proposed_from if case.state == CaseState.PENDING_APPROVAL and case.proposed_from else case.state
    return str(SPINE.state(state).phase)


def tree_of(case: Case) -> Phase | None:
    """The block tree of the phase that the case is in, if its definition says anything about it."""
    return definition_of(case).phases.get(phase_of(case))


def visit_of(case: Case) -> int:
    """The visit that the case is in, or begins as soon as its procedure follows it."""
    return case.visit + 1 if case.phase and case.phase != phase_of(case) else case.visit


def as_read(step: Step) -> fold.Step:
    return fold.Step(step.phase, step.visit, step.key, step.round, step.standing, step.outcome)


def steps_as_read(steps: Iterable[Step]) -> list[fold.Step]:
    return [as_read(step) for step in steps]
