"""T1: every machine can begin, go on and end; each rule is shown a table that breaks it."""

from dataclasses import replace

import pytest

from workflows.machines import MACHINES, reach
from workflows.machines.complaint import COMPLAINT
from workflows.machines.refund import REFUND, RefundState
from workflows.machines.spine import SPINE, CaseState
from workflows.machines.table import Role, State, Verb

ALL = pytest.mark.parametrize("machine", [*MACHINES, COMPLAINT], ids=lambda machine: machine.name)
GATEABLE = frozenset({"C2", "C8", "C9", "C11", "C17", "C18", "C21", "C22"})


def planted(machine, key, **changes):
    """The machine with one verb changed."""
    return replace(machine, verbs=tuple(replace(verb, **changes) if verb.id == key else verb for verb in machine.verbs))


def without(machine, *keys):
    return replace(machine, verbs=tuple(verb for verb in machine.verbs if verb.id not in keys))


def with_state(machine, name, **changes):
    return replace(machine, states=tuple(replace(state, **changes) if state.name == name else state for state in machine.states))


def with_verb(machine, source, target):
    row = Verb("X1", "plant", "", "", (source,), (target,), (Role.SYSTEM,))
    return replace(machine, verbs=(*machine.verbs, row))


@ALL
def test_every_row_names_what_exists(machine):
    assert list(reach.odd_rows(machine)) == []


@pytest.mark.parametrize(
    ("machine", "offence"),
    [
        (planted(SPINE, "C3", targets=("in_revue",)), "C3 names the unknown state in_revue"),
        (planted(SPINE, "C4", id="C3"), "C3 comes twice"),
        (planted(SPINE, "C4", name="submit"), "submit comes twice"),
        (replace(SPINE, states=(*SPINE.states, State(CaseState.DRAFT))), "draft is declared twice"),
        (replace(SPINE, terminals=("gone",)), "gone is no state"),
    ],
)
def test_a_row_that_names_what_does_not_exist_is_found(machine, offence):
    assert list(reach.odd_rows(machine)) == [offence]


@ALL
def test_every_state_can_be_reached_from_the_start(machine):
    assert list(reach.unreachable_states(machine)) == []


def test_a_state_without_a_way_into_it_is_found():
    assert list(reach.unreachable_states(without(SPINE, "C4"))) == ["info_needed cannot be reached"]


@ALL
def test_every_state_can_finish(machine):
    assert list(reach.dead_ends(machine)) == []


def test_a_state_without_a_way_out_is_found():
    machine = without(REFUND, "R8", "R10", "R12", "R13")

    assert list(reach.dead_ends(machine)) == [f"{name} cannot finish" for name in ("queued", "submitting", "processing", "unknown")]


def test_every_open_state_of_the_case_has_an_owner_and_a_clock():
    assert SPINE.has_clocks
    assert list(reach.unowned_states(SPINE)) == []


@pytest.mark.parametrize(
    ("machine", "offence"),
    [
        (with_state(SPINE, "exception", owners=()), "exception has no owner"),
        (with_state(SPINE, "received", clock=None), "received has no clock"),
        (with_state(SPINE, "received", expiry=""), "received has no clock"),
        (with_state(SPINE, "info_needed", expiry_verb="C5"), "the system cannot use C5 when the clock of info_needed is over"),
        (with_state(SPINE, "info_needed", expiry_verb="C99"), "the system cannot use C99 when the clock of info_needed is over"),
        (planted(SPINE, "C6", adverse=True), "time alone decides against the customer in info_needed: C6"),
    ],
)
def test_a_state_that_nobody_watches_is_found(machine, offence):
    assert list(reach.unowned_states(machine)) == [offence]


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_no_machine_decides_against_the_customer(machine):
    assert list(reach.verdicts_by_machines(machine)) == []


@pytest.mark.parametrize(
    ("machine", "offence"),
    [
        (planted(SPINE, "C11", roles=(Role.AGENT, Role.SYSTEM)), "C11 lets the system decide against the customer"),
        (planted(SPINE, "C6", targets=("in_review", "rejected")), "C6 lets the system decide against the customer"),
        (planted(SPINE, "C11", roles=(Role.INTEGRATION,)), "C11 lets an integration decide or move money"),
        (planted(REFUND, "R15", roles=(Role.FINANCE, Role.INTEGRATION)), "R15 lets an integration decide or move money"),
    ],
)
def test_a_verdict_of_a_machine_is_found(machine, offence):
    assert list(reach.verdicts_by_machines(machine)) == [offence]


def test_nobody_withdraws_once_a_parcel_has_moved():
    assert list(reach.withdrawals_too_late(SPINE)) == []


@pytest.mark.parametrize("state", ["in_transit", "received", "inspecting"])
def test_a_withdrawal_after_the_parcel_has_moved_is_found(state):
    machine = planted(SPINE, "C12", sources=(CaseState(state),))

    assert list(reach.withdrawals_too_late(machine)) == [f"C12 is possible in {state}, where a parcel has moved"]


def test_a_withdrawal_that_does_not_ask_for_the_parcel_is_found():
    machine = planted(SPINE, "C12", sources=(CaseState.DRAFT, CaseState.IN_REVIEW), guards=())

    assert list(reach.withdrawals_too_late(machine)) == ["C12 does not ask whether a parcel has moved in in_review"]


def test_a_sent_refund_is_voided_only_with_proof():
    assert list(reach.unproven_voids(REFUND)) == []


@pytest.mark.parametrize(
    ("machine", "offence"),
    [
        (with_verb(REFUND, RefundState.UNKNOWN, RefundState.VOIDED), "voided can be reached from submitting without R15"),
        (with_verb(REFUND, RefundState.FAILED, RefundState.ARMED), "voided can be reached from submitting without R15"),
        (planted(REFUND, "R3", sources=(*RefundState,)), "voided can be reached from submitting without R15"),
        (without(REFUND, "R15"), "voided cannot be reached from submitting at all"),
    ],
)
def test_a_way_around_the_proof_is_found(machine, offence):
    assert list(reach.unproven_voids(machine)) == [offence]


def test_a_procedure_holds_up_only_what_it_may():
    assert list(reach.forged_gates(SPINE, allowed=GATEABLE)) == []
    assert [offence for machine in MACHINES[1:] for offence in reach.forged_gates(machine, allowed=frozenset())] == []


@pytest.mark.parametrize("key", ["C8", "C12"])
def test_a_gate_that_must_not_be_is_found(key):
    machine = planted(SPINE, key, gateable=key == "C12")

    assert [offence.split()[0] for offence in reach.forged_gates(machine, allowed=GATEABLE)] == [key]
