"""The moves of every machine, written down a second time in the words of the specification, so that no row changes unseen."""

import pytest

from workflows.machines import MACHINES
from workflows.machines.spine import NEXT_AFTER_GRANT, SPINE, CaseState
from workflows.machines.spine_states import BORN_BY_SPLIT
from workflows.machines.table import Role

NEXT = "settling, in_transit, awaiting_return"
MOVES = {
    "case": f"""
        draft -> submitted, cancelled
        submitted -> {NEXT}, in_review, cancelled
        in_review -> info_needed, pending_approval, {NEXT}, rejected, cancelled
        info_needed -> in_review, cancelled
        pending_approval -> {NEXT}, in_review, exception, rejected, cancelled
        awaiting_return -> in_transit, cancelled, received
        in_transit -> received, exception
        received -> inspecting, received
        inspecting -> settling, exception, inspecting
        exception -> pending_approval, rejected, settling, awaiting_return, in_transit
        settling -> exception, completed
        completed -> exception, in_review, closed
        rejected -> in_review, closed
        cancelled -> in_review, closed""",
    "refund": """
        pending_approval -> armed, voided, pending_approval
        armed -> voided, pending_approval, armed, queued
        queued -> submitting
        submitting -> processing, succeeded, unknown, failed, bounced
        processing -> succeeded, failed, bounced
        unknown -> succeeded, queued, processing, failed, bounced
        failed -> succeeded, queued, voided
        succeeded -> bounced
        bounced -> queued, voided""",
    "parcel": """
        expected -> picked_up, moving, carrier_signed, scanned, problem, cancelled
        picked_up -> moving, carrier_signed, scanned, problem
        moving -> carrier_signed, scanned, problem
        carrier_signed -> scanned, problem
        problem -> moving, carrier_signed, scanned, abandoned""",
    "inspection": """
        pending -> counted
        counted -> graded
        graded -> passed, failed
        failed -> pending, disposed
        passed -> disposed""",
    "outbound": """
        reserved -> released, out_of_stock, cancelled
        released -> picking, out_of_stock, cancelled
        picking -> shipped, out_of_stock
        shipped -> delivered, lost
        out_of_stock -> reserved, cancelled
        lost -> reserved, cancelled""",
    "repair": """
        intake -> diagnosing
        diagnosing -> quote_pending, repairing, irreparable
        quote_pending -> repairing, declined
        repairing -> repaired, irreparable""",
    "approval": """
        pending -> approved, refused, voided, expired
        expired -> pending""",
    "recovery": """
        open -> claimed, cancelled
        claimed -> accepted, disputed
        disputed -> accepted, written_off
        accepted -> partly_collected, collected
        partly_collected -> collected, written_off""",
    "appeal": """
        opened -> evidence, withdrawn
        evidence -> deciding, withdrawn
        deciding -> upheld, denied""",
}
# Where it ends; with * what the join of a case accepts as done.
ENDS = {
    "case": "closed",
    "refund": "succeeded* voided",
    "parcel": "scanned cancelled abandoned",
    "inspection": "disposed",
    "outbound": "delivered* cancelled",
    "repair": "repaired* declined* irreparable",
    "approval": "approved refused voided",
    "recovery": "collected written_off cancelled",
    "appeal": "upheld denied withdrawn",
}
# How many reasons each guard of the case can give: one for each clause of the specification, one for acting on behalf, and in C21 one
# that keeps "pay again" to payments that failed.
CLAUSES = {
    **{"C1": 7, "C2": 7, "C3": 1, "C4": 2, "C5": 2, "C6": 1, "C7": 2, "C8": 4, "C9": 5, "C10": 1, "C11": 7, "C12": 3, "C13": 4},
    **{"C14": 3, "C15": 1, "C16": 1, "C17": 2, "C18": 3, "C19": 2, "C20": 1, "C21": 7, "C22": 3, "C23": 2, "C24": 1, "C25": 2, "C26": 3},
}
WHO = {
    "C1": "customer agent integration",
    "C4": "agent",
    "C5": "customer agent",
    "C7": "agent lead",
    "C8": "agent",
    "C9": "lead manager finance",
    "C10": "lead manager finance",
    "C11": "agent lead manager",
    "C12": "customer agent",
    "C13": "customer agent system",
    "C15": "warehouse integration",
    "C16": "system warehouse agent",
    **dict.fromkeys(("C17", "C18", "C19", "C20"), "warehouse integration"),
    "C21": "lead finance",
    "C22": "lead system",
    "C25": "lead customer system",
    **dict.fromkeys(("C2", "C3", "C6", "C14", "C23", "C24", "C26"), "system"),
}
EACH = pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)


def read_moves(text):
    rows = (line.split("->") for line in text.strip().splitlines())
    return {(source.strip(), target.strip()) for source, targets in rows for target in targets.split(",")}


@EACH
def test_the_moves_are_those_of_the_specification(machine):
    assert set(machine.moves) == read_moves(MOVES[machine.name])


@EACH
def test_the_ends_are_those_of_the_specification(machine):
    ends = ENDS[machine.name].split()

    assert set(machine.terminals) == {name.rstrip("*") for name in ends}
    assert set(machine.satisfied) == {name.rstrip("*") for name in ends if name.endswith("*")}


def test_the_case_has_fifteen_states_and_twenty_six_verbs():
    assert [state.name for state in SPINE.states] == list(CaseState)
    assert len(SPINE.states) == 15
    assert [verb.id for verb in SPINE.verbs] == [f"C{number}" for number in range(1, 27)]


def test_the_refund_has_ten_states_and_fifteen_verbs():
    refund = MACHINES[1]

    assert len(refund.states) == 10
    assert [verb.id for verb in refund.verbs] == [f"R{number}" for number in range(1, 16)]


def test_each_clause_of_the_specification_is_one_reason():
    assert {verb.id: len(verb.guards) for verb in SPINE.verbs} == CLAUSES


def test_the_roles_of_the_case_are_those_of_the_specification():
    assert {verb.id: set(verb.roles) for verb in SPINE.verbs} == {key: {Role(name) for name in names.split()} for key, names in WHO.items()}


def test_another_amount_never_authorises_a_refund():
    assert set(MACHINES[1].verb("reprice").moves) == {
        ("pending_approval", "pending_approval"),
        ("armed", "pending_approval"),
        ("armed", "armed"),
    }


def test_a_grant_leads_to_one_of_three_states():
    grants = [verb for verb in SPINE.verbs if set(verb.targets) == set(NEXT_AFTER_GRANT)]

    assert [verb.id for verb in grants] == ["C2", "C8", "C9"]


def test_a_split_makes_a_case_in_one_of_three_states():
    assert set(SPINE.also_born) == set(BORN_BY_SPLIT) == {"awaiting_return", "in_transit", "exception"}


def test_a_code_says_the_same_wherever_it_is_given():
    said = {}
    for verb in [verb for each in MACHINES for verb in each.verbs]:
        for clause in verb.guards:
            said.setdefault(clause.code, set()).add((str(clause.text), str(clause.cure)))

    assert {code for code, texts in said.items() if len(texts) > 1} == set()


@pytest.mark.parametrize(
    ("state", "role", "verbs"),
    [
        ("cancelled", Role.CUSTOMER, "C25"),
        ("rejected", Role.CUSTOMER, ""),
        ("completed", Role.LEAD, "C25"),
        ("completed", Role.AGENT, ""),
        ("in_review", Role.LEAD, "C4 C7 C8 C11 C12"),
        ("in_review", Role.MANAGER, "C4 C7 C8 C11 C12"),
        ("exception", Role.FINANCE, "C21"),
        ("pending_approval", Role.AGENT, "C11 C12"),
        ("pending_approval", Role.FINANCE, "C9 C10"),
        ("closed", Role.MANAGER, ""),
        *((state, Role.ADMIN, "") for state in CaseState),
    ],
)
def test_the_table_gives_a_role_its_verbs_in_a_state(state, role, verbs):
    assert " ".join(verb.id for verb in SPINE.allowed(state, role)) == verbs


def test_an_integration_has_a_verb_only_with_a_scope():
    verbs = [verb for machine in MACHINES for verb in machine.verbs]

    assert [verb.id for verb in verbs if (Role.INTEGRATION in verb.roles) != bool(verb.scope)] == []
    assert {verb.scope for verb in verbs if verb.scope} == {"cases:create", "wms"}


def test_a_transition_carries_what_readers_need():
    custom = SPINE.verb("reject").custom

    assert set(custom) == {"id", "label", "help", "roles", "args", "adverse", "money", "gateable", "effects", "after"}
    assert (custom["id"], custom["adverse"], custom["gateable"], custom["money"]) == ("C11", True, True, False)
