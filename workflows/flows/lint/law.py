"""The rules that hold a definition against the table of transitions, the wordings and the law (L11 to L14)."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from workflows.flows.lint.house import Finding, House, finding
from workflows.flows.tree import (
    GATEABLE,
    Approve,
    Auto,
    Choice,
    Definition,
    Leaf,
    Loop,
    Node,
    Notify,
    Parallel,
    Phase,
    Task,
    Wait,
    children,
    leaves,
)

DAY = timedelta(days=1)
AUTO_APPROVE = "auto_approve"
# The time after the end of a case is the customer's.
OURS = ("intake", "review", "return", "exception", "settle")


def fits_the_deadline(definition: Definition, house: House) -> Iterator[Finding]:
    """L11: our own work, at its longest, is done within the legal deadline. Time that a customer or a carrier takes does not count."""
    ours = [phase for name, phase in definition.phases.items() if name in OURS]
    total = sum((longest(phase.root, house) for phase in ours), timedelta())
    if house.legal_deadline is None or total <= house.legal_deadline:
        return
    name, slowest = max(((phase.name, leaf) for phase in ours for leaf in leaves(phase.root)), key=lambda found: longest(found[1], house))
    words = _("The whole work can take {total} h, the law gives {limit} h. Shorten it; this node takes longest.")
    yield finding("L11", name, slowest, format_lazy(words, total=_hours(total), limit=_hours(house.legal_deadline)))


def _hours(length: timedelta) -> int:
    return -(-length // timedelta(hours=1))


def longest(node: Node | None, house: House) -> timedelta:
    """The most natural time that we take for a node. Of branches side by side the slowest that is needed counts."""
    if isinstance(node, Task | Approve):
        signatures = len(node.steps) if isinstance(node, Approve) else 1
        return (node.sla or house.usual_sla) * signatures * (DAY / house.working_day)
    if isinstance(node, Wait) and node.timer:
        return node.timer
    inside = [longest(child, house) for child in children(node)]
    if isinstance(node, Parallel):
        return sorted(inside)[min(node.needed, len(inside)) - 1]
    if isinstance(node, Choice | Wait):
        return max(inside, default=timedelta())
    return sum(inside, timedelta()) * (node.rounds if isinstance(node, Loop) else 1)


def names_legal_verbs(phase: Phase, house: House) -> Iterator[Finding]:
    """L12: the verbs that a definition names exist in its phase, and those that it holds back may be held back."""
    legal = house.verbs.get(phase.name, frozenset())
    for leaf in leaves(phase.root):
        yield from (finding("L12", phase.name, leaf, words) for words in _illegal(leaf, legal, house))


def _illegal(leaf: Leaf, legal: frozenset[str], house: House) -> Iterator[str]:
    foreign = _("“{verb}” is not possible in this phase. Use one of: {verbs}.")
    for verb in dict.fromkeys((*leaf.done_by, *leaf.before)):
        if verb not in legal:
            yield format_lazy(foreign, verb=verb, verbs=", ".join(sorted(legal)))
    for verb in leaf.before:
        if verb not in GATEABLE:
            yield format_lazy(_("“{verb}” can never be held back. Take it out of “before”."), verb=verb)
    if isinstance(leaf, Wait) and leaf.event and leaf.event not in legal | house.events:
        yield format_lazy(_("Nothing called “{event}” happens in this phase. Wait for one of its verbs."), event=leaf.event)
    if isinstance(leaf, Auto):
        yield from _illegal_check(leaf, legal, house)


def _illegal_check(leaf: Auto, legal: frozenset[str], house: House) -> Iterator[str]:
    if leaf.check not in house.checks:
        yield format_lazy(_("There is no check “{name}”. Use one of: {names}."), name=leaf.check, names=", ".join(sorted(house.checks)))
    elif leaf.check == AUTO_APPROVE and AUTO_APPROVE not in legal:
        yield _("Approval by rule is not possible in this phase. Remove it.")


def tells_the_customer(phase: Phase, house: House) -> Iterator[Finding]:
    """L13: for every state that a customer sees there is a wording, and somebody tells them."""
    tells = any(isinstance(leaf, Notify) and leaf.audience == "customer" for leaf in leaves(phase.root))
    for state in sorted(house.states.get(phase.name, ())):
        if state not in house.worded:
            words = _("“{state}” has no wording for the customer in every language. Write it.")
            yield finding("L13", phase.name, phase.root, format_lazy(words, state=state))
        if state not in house.noticed and not tells:
            words = _("Nobody tells the customer about “{state}”. Add a notice to this phase.")
            yield finding("L13", phase.name, phase.root, format_lazy(words, state=state))


def fills_templates(phase: Phase, house: House) -> Iterator[Finding]:
    """L14: every template exists, and so does everything that it names."""
    for leaf in leaves(phase.root):
        name = leaf.template if isinstance(leaf, Notify) else getattr(leaf, "notice", "")
        if name and name not in house.templates:
            yield finding("L14", phase.name, leaf, format_lazy(_("There is no template “{name}”. Write it, or name another."), name=name))
        for variable in sorted(house.templates.get(name, frozenset()) - house.variables):
            words = _("The template “{name}” names “{variable}”, which does not exist. Correct the template.")
            yield finding("L14", phase.name, leaf, format_lazy(words, name=name, variable=variable))
