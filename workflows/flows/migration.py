"""Whether a case can go on under another version of its procedure: one validator for the dry run and for the act. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from workflows.flows.fold import OPEN, Step
from workflows.flows.tree import Definition, Node


@dataclass(frozen=True)
class Plan:
    """Where each open step goes, by its key in the target, and what speaks against it. It holds only while nothing does."""

    moves: tuple[tuple[Step, str], ...]
    refusals: tuple[str, ...]


def plan_migration(steps: Iterable[Step], *, source: Definition, target: Definition, mapping: Mapping[str, str] | None = None) -> Plan:
    """Plan for all steps of one case. ``mapping`` says for ``phase.key`` which key of the same phase takes its place.

    Allowed when every open step has a node of its key, or of the one that the mapping names, in the same phase and of the same kind.
    """
    rows, mapping = tuple(steps), dict(mapping or {})
    moves, refusals = [], list(_odd_entries(mapping, source, target))
    taken = {_place(step) for step in rows if step.status != OPEN}
    for step in (step for step in rows if step.status == OPEN):
        key = mapping.get(f"{step.phase}.{step.key}", step.key)
        refusal = _against(step, key, source, target, taken)
        taken.add((step.phase, step.visit, key, step.round))
        if refusal:
            refusals.append(refusal)
        else:
            moves.append((step, key))
    return Plan(tuple(moves), tuple(refusals))


def _against(step: Step, key: str, source: Definition, target: Definition, taken: set) -> str:
    old, new = _node(source, step.phase, step.key), _node(target, step.phase, key)
    named = {"step": f"{step.phase}.{step.key}", "key": key}
    if new is None:
        return format_lazy(_("“{step}” is open and has no node “{key}” in the other version. Say where it goes."), **named)
    if old is None or old.kind != new.kind:
        return format_lazy(_("“{step}” is open, and “{key}” is of another kind in the other version."), **named)
    if (step.phase, step.visit, key, step.round) in taken:
        return format_lazy(_("“{step}” would take the place of another step, “{key}”."), **named)
    return ""


def _odd_entries(mapping: Mapping[str, str], source: Definition, target: Definition) -> Iterable[str]:
    for place, key in mapping.items():
        phase, _dot, old = place.partition(".")
        if _node(source, phase, old) is None:
            yield format_lazy(_("There is no node “{place}” in the version that the cases keep."), place=place)
        if _node(target, phase, key) is None:
            yield format_lazy(_("There is no node “{place}” in the other version."), place=f"{phase}.{key}")


def _node(definition: Definition, phase: str, key: str) -> Node | None:
    tree = definition.phases.get(phase)
    return tree.keyed.get(key) if tree else None


def _place(step: Step) -> tuple[str, int, str, int]:
    return (step.phase, step.visit, step.key, step.round)
