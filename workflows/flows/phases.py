"""Which states and verbs of a case belong to which phase of a flow definition, read from the table of the spine."""

from collections.abc import Mapping

from workflows.flows.tree import PHASES
from workflows.machines.spine import SPINE, CaseState

# A pending approval belongs to the phase that it was proposed in, so escalation leads to it.
SHARED = {CaseState.PENDING_APPROVAL: frozenset(SPINE.verb("escalate").sources)}


def _phases_of(state: str) -> set[str]:
    return {SPINE.state(each).phase for each in SHARED.get(state, {state})}


STATES_BY_PHASE: Mapping[str, frozenset[str]] = {
    phase: frozenset(str(state.name) for state in SPINE.states if phase in _phases_of(state.name)) for phase in PHASES
}
VERBS_BY_PHASE: Mapping[str, frozenset[str]] = {
    phase: frozenset(verb.name for verb in SPINE.verbs if states & set(verb.sources)) for phase, states in STATES_BY_PHASE.items()
}
