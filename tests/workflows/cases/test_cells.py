"""Every cell of state × role × verb, for the case and each of its tracks: the table decides who is heard, and says why nobody else is."""

import pytest
from django.db import connection

from accounts.models import User
from foundation.exceptions import Forbidden, NotAllowedError, RefusedError
from tests.factories import make_user
from tests.workflows.builders import make_case, make_row
from workflows.cases.asking import Asking
from workflows.cases.refusals import reasons_against
from workflows.machines import MACHINES
from workflows.machines.table import Role
from workflows.services.act import take_up

pytestmark = pytest.mark.django_db
TABLE_REASONS = {"not_your_role", "not_your_role_here", "state"}
ROLES = [role for role in Role if role != Role.INTEGRATION]


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_the_table_decides_who_is_heard(machine):
    case = make_case()
    row = make_row(machine.name, case)
    people, wrong = _people(), []

    for state in machine.states:
        type(row).objects.filter(pk=row.pk).update(**{"state": state.name})
        row = type(row).objects.get(pk=row.pk)
        for verb in (each for each in machine.verbs if each.sources):
            for role in ROLES:
                reasons = reasons_against(Asking(row, verb, case, people.get(role), frozenset({role}), is_rehearsal=True))
                by_table = {reason.code for reason in reasons} & TABLE_REASONS
                if bool(by_table) == machine.may_use(verb, state.name, role):
                    wrong.append((state.name, verb.name, role))

    assert wrong == []


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_a_refusal_of_the_table_has_words(machine):
    case = make_case()
    row, people = make_row(machine.name, case), _people()

    for verb in (each for each in machine.verbs if each.sources):
        for role in ROLES:
            for reason in reasons_against(Asking(row, verb, case, people.get(role), frozenset({role}), is_rehearsal=True)):
                assert str(reason.text)
                assert isinstance(reason, Forbidden) or str(reason.cure) or reason.code == "state"


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_a_refused_verb_writes_nothing(machine):
    """Nobody's account, with no role at all: every verb that is not the system's is refused through the pipeline itself."""
    case = make_case()
    row, stranger = make_row(machine.name, case), make_user("")
    before = _everything()

    for verb in (each for each in machine.verbs if each.sources):
        with pytest.raises((NotAllowedError, RefusedError)):
            take_up(row, verb.name, by=stranger)

    assert _everything() == before


def _people() -> dict[str, User]:
    """Somebody of each role that people have."""
    return {role: make_user(str(role)) for role in ROLES if role not in (Role.CUSTOMER, Role.SYSTEM)}


def _everything() -> list[tuple]:
    """How many rows each table of ours has, and what the versions in it add up to."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ '^(workflows|complaints)_' ORDER BY 1")
        tables = [name for (name,) in cursor.fetchall()]
        found = []
        for name in tables:
            cursor.execute(f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {name} t")  # noqa: S608 - own names
            found.append((name, *cursor.fetchone()))
    return found
