"""Definitions, phases and a house for the tests of flows."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from workflows.flows.fold import DONE, Step
from workflows.flows.lint import House
from workflows.flows.parsing import parse_definition
from workflows.flows.phases import STATES_BY_PHASE, VERBS_BY_PHASE
from workflows.flows.tree import Definition, Phase

SEEN = frozenset().union(*STATES_BY_PHASE.values())
HOUSE = House(
    type="return_quality",
    staffed=frozenset({"agent", "lead", "manager", "warehouse", "finance"}),
    authority={"agent": 50_000, "lead": 200_000, "manager": None},
    auto_limit=5_000,
    legal_deadline=timedelta(days=7),
    verbs=VERBS_BY_PHASE,
    states=STATES_BY_PHASE,
    worded=SEEN,
    noticed=SEEN,
    templates={"arrived": frozenset({"number"}), "refused": frozenset({"number"})},
    variables=frozenset({"number", "due"}),
    adverse_templates=frozenset({"refused"}),
    working_day=timedelta(hours=12),
)


def make_house(**overrides: Any) -> House:
    return replace(HOUSE, **overrides)


def make_definition(root: dict, phase: str = "review") -> Definition:
    return parse_definition({"schema": 1, "phases": {phase: root}})


def make_phase(root: dict, phase: str = "review") -> Phase:
    return make_definition(root, phase).phases[phase]


def task(key: str, **attributes: Any) -> dict:
    """A task that passes every rule unless told otherwise."""
    given = {"role": "agent", "fallback": "lead", "sla": "PT1H", "form": "note"}
    return {"task": key, "key": key} | given | attributes


def step(key: str, *, number: int = 1, status: str = DONE, outcome: str = "", phase: str = "review", visit: int = 1) -> Step:
    return Step(phase, visit, key, number, status, outcome)
