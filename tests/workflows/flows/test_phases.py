"""What flows say of verbs and phases is what the table of transitions says."""

from workflows.flows.lint.people import ADVERSE
from workflows.flows.phases import STATES_BY_PHASE, VERBS_BY_PHASE
from workflows.flows.tree import FORWARD, GATEABLE, PHASES
from workflows.machines.spine import SPINE, CaseState
from workflows.machines.table import Phase


def test_phases_are_those_of_the_states():
    assert tuple(Phase.values) == PHASES


def test_gateable_and_adverse_verbs_are_those_of_the_table():
    assert {verb.name for verb in SPINE.verbs if verb.gateable} == GATEABLE
    assert {verb.name for verb in SPINE.verbs if verb.adverse} == ADVERSE


def test_forward_verbs_are_the_gateable_ones_of_their_phase_that_grant_or_go_on():
    for phase, verbs in FORWARD.items():
        assert set(verbs) == VERBS_BY_PHASE[phase] & GATEABLE - {"reject"} - ({"approve_senior"} if phase == "exception" else set())


def test_a_pending_approval_belongs_to_both_phases_that_escalate():
    assert [phase for phase, states in STATES_BY_PHASE.items() if CaseState.PENDING_APPROVAL in states] == ["review", "exception"]


def test_every_state_that_moves_on_belongs_to_a_phase_but_the_draft():
    seen = frozenset().union(*STATES_BY_PHASE.values())

    assert {state.name for state in SPINE.states} - seen == {CaseState.DRAFT, CaseState.CLOSED}


def test_verbs_of_a_phase_are_those_that_start_in_its_states():
    assert VERBS_BY_PHASE["intake"] == {"auto_approve", "route_review", "withdraw"}
    assert VERBS_BY_PHASE["settle"] == {"track_failed", "settle_done"}
