"""What is checked before a flow definition is published: rules L1 to L14, each finding with its node and what to do about it."""

from collections.abc import Callable, Iterator, Mapping

from django.utils.translation import gettext_lazy as _

from workflows.flows.lint import law, people, shape
from workflows.flows.lint.house import ERROR, Finding, House
from workflows.flows.lint.worlds import TooManyWorldsError
from workflows.flows.tree import Definition, Phase

__all__ = ["ERROR", "RULES", "Finding", "House", "lint"]

Rule = Callable[[Phase, House], Iterator[Finding]]
RULES: Mapping[str, Rule] = {
    "L1": shape.is_reachable,
    "L2": shape.has_an_end,
    "L3": shape.has_else,
    "L4": shape.tells_branches_apart,
    "L5": shape.is_bounded,
    "L6": people.has_somebody,
    "L7": shape.waits_with_an_end,
    "L8": people.approves_within_limits,
    "L9": people.approves_by_others,
    "L10": people.rejects_by_hand,
    "L12": law.names_legal_verbs,
    "L13": law.tells_the_customer,
    "L14": law.fills_templates,
}


def lint(definition: Definition, house: House) -> tuple[Finding, ...]:
    """Everything that keeps this definition from being published in this house; empty when nothing does."""
    found = [finding for phase in definition.phases.values() for name in RULES for finding in _findings(name, phase, house)]
    return (*found, *law.fits_the_deadline(definition, house))


def _findings(name: str, phase: Phase, house: House) -> Iterator[Finding]:
    try:
        yield from RULES[name](phase, house)
    except TooManyWorldsError:
        yield Finding(
            name, phase.name, phase.root.path, "", _("The conditions here ask too many different things to be checked. Make them fewer.")
        )
