"""The rules about who decides: somebody is there, within limits, never about their own proposal, never a machine against a customer."""

from collections.abc import Iterator
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from workflows.flows.conditions import Condition, boundaries
from workflows.flows.lint.house import Finding, House, finding
from workflows.flows.lint.worlds import Needs, conditions_in, guarded, holds, is_possible, sure_leaves, worlds
from workflows.flows.tree import (
    DECIDER,
    Approve,
    Auto,
    Choice,
    Leaf,
    Loop,
    Node,
    Notify,
    Parallel,
    Phase,
    Seq,
    Task,
    Wait,
    children,
    leaves,
    walk,
)

ASSURANCES = frozenset({"eligibility", "evidence", "risk"})
AUTO_APPROVE = "auto_approve"
GRANTING = frozenset({"approve", "resolve_exception"})
PROPOSING = GRANTING | {"escalate"}
ADVERSE = frozenset({"reject"})
MACHINES = frozenset({"system", "integration"})


def has_somebody(phase: Phase, house: House) -> Iterator[Finding]:
    """L6: an active person can do every human node, and another role stands in."""
    for node in walk(phase.root):
        yield from (finding("L6", phase.name, node, words) for words in _unmanned(node, house))


def _unmanned(node: Node, house: House) -> Iterator[str]:
    nobody = _("Nobody active is “{role}”. Give somebody the role, or name another.")
    asked = [step.role for step in node.steps] if isinstance(node, Approve) else []
    if isinstance(node, Choice | Loop):
        asked = [DECIDER]
    if isinstance(node, Task):
        asked = [word for word in (node.holder, node.fallback) if word]
        if not node.holder:
            yield _("Say who does this: add “role” or “skill”.")
        if not node.fallback or node.fallback == node.holder:
            yield _("Say which other role stands in when nobody is there: add “fallback”.")
    yield from (format_lazy(nobody, role=role) for role in asked if role not in house.staffed)


def approves_within_limits(phase: Phase, house: House) -> Iterator[Finding]:
    """L8: approval by rule comes after the checks and within the policy's limit; what a person may not grant alone is approved."""
    for leaf, sure in _after_checks(phase.root, frozenset()):
        missing = ASSURANCES - sure
        if leaf.check == AUTO_APPROVE and missing:
            words = _("Approval by rule comes only after these checks: {names}. Put them before it on every path.")
            yield finding("L8", phase.name, leaf, format_lazy(words, names=", ".join(sorted(missing))))
    for node, needs in guarded(phase.root):
        if isinstance(node, Auto) and node.check == AUTO_APPROVE and _is_asked_above(needs, house):
            words = _("It is asked for amounts above {limit} fen, the policy's limit. Add a condition on the amount.")
            yield finding("L8", phase.name, node, format_lazy(words, limit=house.auto_limit))
    yield from _grants_alone(phase, house)


def _is_asked_above(needs: Needs, house: House) -> bool:
    amounts = _amounts_above([condition for condition, _wanted in needs], house.auto_limit)
    return is_possible(needs, {"type": [house.type], "amount": amounts})


def _amounts_above(conditions: list[Condition], limit: int) -> list[Any]:
    """Amounts above a limit, enough to meet every different answer of the conditions."""
    named = boundaries(*conditions).get("amount", ())
    return sorted({limit + 1, *(amount for amount in named if amount > limit)})


def _after_checks(node: Node | None, sure: frozenset[str]) -> Iterator[tuple[Auto, frozenset[str]]]:
    """Every machine's leaf with the checks that are certainly finished before it."""
    if isinstance(node, Auto):
        yield node, sure
    for child in children(node):
        yield from _after_checks(child, sure)
        if isinstance(node, Seq):
            sure = sure | _checks_of(child)


def _checks_of(node: Node | None) -> frozenset[str]:
    if isinstance(node, Auto):
        return frozenset({node.check})
    inside = [_checks_of(child) for child in children(node)]
    if isinstance(node, Seq | Loop) or (isinstance(node, Parallel) and node.needed >= len(node.parts)):
        return frozenset().union(*inside)
    if isinstance(node, Choice) and len(inside) == len(node.outcomes):
        return frozenset.intersection(*inside)
    return frozenset()


def _grants_alone(phase: Phase, house: House) -> Iterator[Finding]:
    """Tasks in which a person could grant more than the role's authority with nobody else asked."""
    conditions = conditions_in(phase.root)
    for node, needs in guarded(phase.root):
        verbs = GRANTING & set(node.done_by) if isinstance(node, Task) else set()
        limit = house.authority.get(node.holder, 0) if verbs else None
        if limit is None:
            continue
        fixed = {"type": [house.type], "amount": _amounts_above(conditions, limit)}
        if any(holds(needs, world) and not _is_approved(phase, world, verbs) for world in worlds(conditions, fixed)):
            words = _("Above {limit} fen one “{role}” would grant alone. Add an approval for amounts above it.")
            yield finding("L8", phase.name, node, format_lazy(words, limit=limit, role=node.holder))


def _is_approved(phase: Phase, world: dict, verbs: set[str]) -> bool:
    return any(isinstance(leaf, Approve) and leaf.gated >= verbs for leaf in sure_leaves(phase.root, world))


def approves_by_others(phase: Phase, house: House) -> Iterator[Finding]:
    """L9: on no path does the role that proposes also approve, and nobody signs twice."""
    nodes = list(guarded(phase.root))
    proposals = [(node, needs) for node, needs in nodes if isinstance(node, Task) and PROPOSING & set(node.done_by)]
    for node, needs in nodes:
        if not isinstance(node, Approve):
            continue
        if len(node.steps) > 1 and not node.distinct:
            yield finding("L9", phase.name, node, _("One person could sign every step. Set “distinct” to true."))
        roles = {step.role for step in node.steps}
        for task, before in proposals:
            if task.holder in roles and is_possible(before + needs):
                words = _("“{role}” proposes in “{key}” and approves here. Name another role.")
                yield finding("L9", phase.name, node, format_lazy(words, role=task.holder, key=task.key))


def rejects_by_hand(phase: Phase, house: House) -> Iterator[Finding]:
    """L10: only a person rejects, with other ways open, and no timer leads there."""
    late = {leaf for node in walk(phase.root) if isinstance(node, Wait) and node.timeout for leaf in leaves(node.timeout.do)}
    for leaf in leaves(phase.root):
        words = _adverse(leaf, leaf in late, house)
        if words:
            yield finding("L10", phase.name, leaf, words)


def _adverse(leaf: Leaf, is_late: bool, house: House) -> str:
    if isinstance(leaf, Auto) and leaf.check in ADVERSE:
        return _("A machine never rejects. Make it a task of a person.")
    if isinstance(leaf, Notify) and is_late and leaf.template in house.adverse_templates:
        return _("A timer never tells a customer no. Make it a task of a person.")
    if not isinstance(leaf, Task) or not ADVERSE & set(leaf.done_by):
        return ""
    if is_late:
        return _("A timer never leads to a rejection. Take “reject” out of this task.")
    if leaf.holder in MACHINES:
        return _("Only a person rejects. Name the role of a person.")
    return _("This task can only end in a rejection. Give it another verb as well.") if ADVERSE.issuperset(leaf.done_by) else ""
