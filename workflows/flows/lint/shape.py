"""The rules about the shape of a tree: every node can be reached, every path ends (L1 to L5, L7)."""

from collections.abc import Iterator

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from workflows.flows.lint.house import Finding, House, finding
from workflows.flows.lint.worlds import Needs, followed, is_possible, needs_of, ways
from workflows.flows.tree import Choice, Leaf, Loop, Node, Parallel, Phase, Task, Wait, children, walk

MOST_NESTED = 2


def is_reachable(phase: Phase, house: House) -> Iterator[Finding]:
    """L1: some facts lead to every node. Branches that no facts choose at all are L4's."""
    yield from _unreachable(phase, phase.root, (), {"type": [house.type]})


def _unreachable(phase: Phase, node: Node, needs: Needs, fixed: dict) -> Iterator[Finding]:
    inside = ways(node) if isinstance(node, Choice) else ((child, ()) for child in children(node))
    for child, own in inside:
        if child is None or not is_possible(own):
            continue
        if not is_possible(needs + own, fixed):
            yield finding(
                "L1", phase.name, child, _("No case of this type ever comes here. Change the conditions that lead here, or remove it.")
            )
        else:
            yield from _unreachable(phase, child, needs + own, fixed)


def has_an_end(phase: Phase, house: House) -> Iterator[Finding]:
    """L2: every join can be filled, and every task can be finished."""
    for node in walk(phase.root):
        if isinstance(node, Parallel) and node.needed > len(node.parts):
            words = _("It waits for {needed} branches and has {count}. Lower the number or add branches.")
            yield finding("L2", phase.name, node, format_lazy(words, needed=node.needed, count=len(node.parts)))
        if isinstance(node, Task) and not node.done_by and not node.form:
            yield finding("L2", phase.name, node, _("Nothing finishes this task. Give it “done_by” verbs or a form."))
    for leaf, later in followed(phase.root):
        yield from _waits_for_itself(phase, leaf, later)


def _waits_for_itself(phase: Phase, leaf: Leaf, later: tuple[Leaf, ...]) -> Iterator[Finding]:
    """A task that only verbs finish which later leaves hold back: neither could ever go first."""
    holders = [other for other in later if other.gated & set(leaf.done_by)]
    held = frozenset().union(*(other.gated for other in holders))
    if leaf.done_by and not getattr(leaf, "form", "") and held.issuperset(leaf.done_by):
        words = _("Its verbs wait for “{keys}”, which opens only after it. Let another verb finish it, or put that node first.")
        keys = ", ".join(dict.fromkeys(other.key for other in holders))
        yield finding("L2", phase.name, leaf, format_lazy(words, keys=keys))


def has_else(phase: Phase, house: House) -> Iterator[Finding]:
    """L3: a choice says what happens when no branch is true."""
    for node in walk(phase.root):
        if isinstance(node, Choice) and not node.has_else:
            yield finding("L3", phase.name, node, _("Say what happens when no branch is true: add “else”, null for nothing."))


def tells_branches_apart(phase: Phase, house: House) -> Iterator[Finding]:
    """L4: each branch is true for some facts, and not only for those that an earlier branch takes."""
    for choice in (node for node in walk(phase.root) if isinstance(node, Choice)):
        for number, branch in enumerate(choice.branches, start=1):
            if not is_possible(((branch.when, True),)):
                words = _("Branch {number} contradicts itself: no case is like that. Change its condition.")
            elif not is_possible(needs_of(choice, str(number - 1))):
                words = _("Branch {number} is never chosen: earlier branches take every case it is for. Move it up or remove it.")
            else:
                continue
            yield finding("L4", phase.name, choice, format_lazy(words, number=number))
        if choice.otherwise is not None and not is_possible(needs_of(choice, choice.outcomes[-1])):
            yield finding("L4", phase.name, choice, _("“else” is never chosen: the branches take every case. Remove what stands there."))


def is_bounded(phase: Phase, house: House, node: Node | None = None, depth: int = 0) -> Iterator[Finding]:
    """L5: a loop says when it ends and how often it runs at most."""
    node = node or phase.root
    if isinstance(node, Loop):
        depth += 1
        yield from (finding("L5", phase.name, node, words) for words in _unbounded(node, depth))
    for child in children(node):
        yield from is_bounded(phase, house, child, depth)


def _unbounded(loop: Loop, depth: int) -> Iterator[str]:
    if loop.max is None:
        yield _("Say how often it runs at most: “max” from 1 to 5.")
    if loop.until is None:
        yield _("Say when it ends: “until” with a condition.")
    elif not is_possible(((loop.until, True),)):
        yield _("Its “until” is never true. Change the condition.")
    if depth > MOST_NESTED:
        yield format_lazy(_("At most {count} loops may stand inside one another. Take this one out."), count=MOST_NESTED)


def waits_with_an_end(phase: Phase, house: House) -> Iterator[Finding]:
    """L7: who waits for an event is reminded, and goes on when it does not come."""
    for node in walk(phase.root):
        if isinstance(node, Wait) and node.event:
            yield from (finding("L7", phase.name, node, words) for words in _endless(node))
        elif isinstance(node, Wait) and node.timeout:
            yield finding("L7", phase.name, node, _("A timer ends by itself. Remove its timeout."))


def _endless(wait: Wait) -> Iterator[str]:
    if wait.timeout is None:
        yield _("Say what happens when it does not come: add “timeout”.")
    elif any(remind >= wait.timeout.after for remind in wait.remind):
        yield _("A reminder comes after the timeout. Make it earlier.")
    if not wait.remind and not wait.notice:
        yield _("Nobody is told that something is expected: add “remind” or “notice”.")
