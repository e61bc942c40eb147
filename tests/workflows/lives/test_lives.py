"""Whole cases at random, T10 and T17: explaining and doing agree, nothing is stuck, the join fires once, each piece belongs to one case.

BIHUAN_LONG=1 lives hundreds of lives instead of six; BIHUAN_SEED repeats a run.
"""

import os

import pytest
from django.db.models import Count

from complaints.models import Event
from config.money_invariants import money_faults
from tests.workflows.lives import people, world  # noqa: F401 - what can be done and what happens
from tests.workflows.lives.life import Life
from workflows.machines.spine import SPINE
from workflows.models import Case, CaseClock, RefundableUnit

pytestmark = pytest.mark.django_db
LIVES = 300 if os.environ.get("BIHUAN_LONG") else 6
STEPS = 30
ENDED = {"completed", "rejected", "cancelled", "closed"}


@pytest.mark.parametrize("number", range(LIVES))
def test_a_life(number):
    life = Life(int(os.environ["BIHUAN_SEED"]) * 1000 + number)

    for _step in range(STEPS):
        life.step()
        against_standing_still(life.case)
    has_ended = life.finish()

    assert life.wrong == []
    assert has_ended, f"{life.standing()} {life.done[-40:]}"
    assert joins_per_settling(life.case) == []
    assert life.done
    assert shared_pieces() == []
    assert money_faults() == []


def against_standing_still(case: Case) -> None:
    """Every open case has somebody who owes the next step, and a running clock where its state has a time."""
    state = SPINE.state(case.state)
    if case.state in ENDED:
        return
    assert state.owners
    if state.clock is not None and state.clock.after is not None:
        clocks = CaseClock.objects.filter(case=case, kind="service", code=case.state)
        assert clocks.filter(state="running").exists() or clocks.filter(fired_at__isnull=False).exists(), case.state


def joins_per_settling(case: Case) -> list[str]:
    """Where a case was completed more often than it was being carried out."""
    verbs = Event.objects.filter(complaint=case.complaint, kind__startswith="case.").order_by("seq").values_list("kind", "codes")
    wrong, settling = [], 0
    for kind, codes in verbs:
        if codes.get("case") != case.pk:
            continue
        if kind == "case.settle_done":
            wrong += [] if settling == 1 else [f"{kind} with {settling}"]
            settling = 0
        elif codes.get("to") == "settling":
            settling = 1
        elif "to" in codes and codes["to"] != codes.get("from"):
            settling = 0
    return wrong


def shared_pieces() -> list[int]:
    """Pieces that more than one live case claims."""
    live = Case.objects.exclude(state__in=ENDED | {"draft"})
    claims = RefundableUnit.objects.filter(claims__case__in=live).annotate(cases=Count("claims__case", distinct=True))
    return [unit.pk for unit in claims if unit.cases > 1]
