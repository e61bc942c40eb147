"""A definition as nested lists, and what is wrong with it beside the lines that it is about."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from workflows.flows.lint.house import ERROR
from workflows.flows.parsing import ONLY_IF
from workflows.flows.phases import STATES_BY_PHASE
from workflows.flows.tree import PHASES, Choice, Definition, Leaf, Node, Wait, children
from workflows.flows.words import KINDS, say_condition, say_duration, say_node, say_phase
from workflows.machines.spine import SPINE


@dataclass(frozen=True)
class Drawn:
    """One node: its key, what it is in words, and what stands inside, each with what leads there."""

    key: str
    kind: str
    words: str
    is_gate: bool = False
    label: str = ""
    inside: tuple["Drawn", ...] = ()


@dataclass(frozen=True)
class DrawnPhase:
    """A phase with the states that code owns."""

    name: str
    title: str
    states: tuple[str, ...]
    root: Drawn | None = None


@dataclass(frozen=True)
class Message:
    """Something to correct: on which line, at which path, in words."""

    line: int
    path: str
    key: str
    words: str
    rule: str = ""
    is_error: bool = True


def draw(definition: Definition) -> list[DrawnPhase]:
    """Every phase in the order in which a case meets them, also those that the definition leaves alone."""
    return [_phase(name, definition) for name in PHASES]


def _phase(name: str, definition: Definition) -> DrawnPhase:
    tree = definition.phases.get(name)
    labels = tuple(str(state.label) for state in SPINE.states if state.name in STATES_BY_PHASE[name])
    return DrawnPhase(name, say_phase(name), labels, _draw(tree.root) if tree else None)


def _draw(node: Node, label: str = "") -> Drawn:
    if isinstance(node, Choice) and node.key.endswith(ONLY_IF):
        (branch,) = node.branches
        only = _("only if %(condition)s") % {"condition": say_condition(branch.when)}
        return _draw(branch.do, f"{label} · {only}" if label else only)
    inside = tuple(_draw(child, _label(node, child)) for child in children(node))
    is_gate = isinstance(node, Leaf) and bool(node.gated)
    # The conditions of a choice stand at its branches.
    words = str(KINDS[type(node)]) if isinstance(node, Choice) else say_node(node)
    return Drawn(getattr(node, "key", ""), type(node).__name__.lower(), words, is_gate, label, inside)


def _label(node: Node, child: Node) -> str:
    """What leads to a child: the condition of a branch, or the end of patience."""
    if isinstance(node, Choice):
        branch = next((branch for branch in node.branches if branch.do is child), None)
        return _("if %(condition)s") % {"condition": say_condition(branch.when)} if branch else _("otherwise")
    if isinstance(node, Wait) and node.timeout:
        return _("after %(time)s") % {"time": say_duration(node.timeout.after)}
    return ""


def messages_of(found: Iterable[Any], lines: Mapping[str, int], line_of) -> list[Message]:
    """Faults and findings in the order of the text."""
    messages = [
        Message(
            line=line_of(each.path, lines),
            path=each.path.removeprefix("@"),
            key=each.key,
            words=str(getattr(each, "words", "") or getattr(each, "reason", "")),
            rule=getattr(each, "rule", ""),
            is_error=getattr(each, "level", ERROR) == ERROR,
        )
        for each in found
    ]
    return sorted(messages, key=lambda message: (message.line, message.rule))
