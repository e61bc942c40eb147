"""Transitions come from the tables, and nobody calls them but a service."""

import pytest
from django_fsm import TransitionNotAllowed

from tests.workflows.builders import make_case, make_refund
from workflows import models
from workflows.machines.spine_states import CaseState
from workflows.models.moves import Declared, OutsideActError, acting

pytestmark = pytest.mark.django_db
DECLARED = [model for name in models.__all__ if issubclass(model := getattr(models, name), Declared)]


@pytest.mark.parametrize("model", DECLARED, ids=lambda model: model.__name__)
def test_every_verb_of_the_table_is_a_transition_of_the_model(model):
    declared = {(verb.name, source) for verb in model.machine.verbs for source in verb.sources}

    found = {(each.name, each.source) for each in model._meta.get_field("state").get_all_transitions(model)}

    assert found == declared


def test_outside_a_service_nothing_moves():
    refund = make_refund(state="armed")

    with pytest.raises(OutsideActError):
        refund.trigger()

    assert refund.state == "armed"


def test_within_a_service_the_table_decides():
    refund = make_refund(state="armed")

    with acting():
        refund.trigger()
        with pytest.raises(TransitionNotAllowed):
            refund.void()

    assert refund.state == "queued"


def test_a_verb_with_several_targets_is_told_where_to():
    case = make_case(state=CaseState.IN_REVIEW)

    with acting():
        case.approve(to=CaseState.AWAITING_RETURN)

    assert case.state == CaseState.AWAITING_RETURN


def test_the_state_is_set_by_nothing_else():
    with pytest.raises(AttributeError):
        make_case().state = CaseState.CLOSED


def test_after_a_service_transitions_are_closed_again():
    refund = make_refund(state="armed")
    with pytest.raises(ValueError, match="broken"), acting():
        raise ValueError("broken")

    with pytest.raises(OutsideActError):
        refund.trigger()
