"""Every clause of the tables has a function that finds out whether it holds; none is a promise on paper."""

import pytest

from workflows.cases.clauses import binding, function_of
from workflows.machines import MACHINES

CLAUSES = [(machine, verb, clause) for machine in MACHINES for verb in machine.verbs for clause in verb.guards]


@pytest.mark.parametrize(("machine", "verb", "clause"), CLAUSES, ids=lambda each: getattr(each, "code", None) or each.name)
def test_every_clause_is_bound(machine, verb, clause):
    bound = function_of(machine, clause)

    assert bound.speaks is not None


def test_nothing_is_bound_that_no_table_names():
    named = {clause.code for _machine, _verb, clause in CLAUSES}
    named |= {f"{machine.name}.{clause.code}" for machine, _verb, clause in CLAUSES}

    assert set(binding._bound) - named == set()


def test_an_unbound_clause_is_a_mistake_and_no_permission():
    machine, _verb, clause = CLAUSES[0]
    unknown = type(clause)("never_heard_of", clause.text, clause.cure)

    with pytest.raises(LookupError, match="never_heard_of"):
        function_of(machine, unknown)
