"""The life of a complaint goes through the same reader as the machines of a case."""

from complaints.lifecycle import VERBS
from complaints.models import Complaint
from workflows.machines.complaint import COMPLAINT, RETURNS_TO


def test_every_verb_of_the_complaint_is_read():
    assert [verb.name for verb in COMPLAINT.verbs] == list(VERBS)


def test_the_moves_are_those_of_the_model():
    declared = {each.name: each for each in Complaint().get_all_status_transitions()}
    moved = {verb.name: {target for _source, target in verb.moves} for verb in COMPLAINT.verbs if verb.targets}

    assert moved == {name: set(getattr(each.target, "allowed_states", [each.target])) for name, each in declared.items()}


def test_verbs_that_go_back_say_where_the_model_may_go():
    targets = {
        each.name: each.target.allowed_states for each in Complaint().get_all_status_transitions() if hasattr(each.target, "allowed_states")
    }

    assert {name: set(states) for name, states in targets.items()} == {name: set(states) for name, states in RETURNS_TO.items()}


def test_a_lead_may_do_what_the_assignee_may():
    names = [verb.name for verb in COMPLAINT.allowed("open", "lead")]

    assert names == ["ask_customer", "hand_over", "snooze", "resolve", "decline", "give_up", "withdraw", "merge", "split", "escalate"]
