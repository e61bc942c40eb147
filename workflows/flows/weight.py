"""How heavy a change is: whether it touches money or approvals, and whether it makes customers wait longer than they could count on."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils.translation import gettext as _

from workflows.flows.lint.worlds import Needs, guarded
from workflows.flows.tree import Approve, Auto, Definition, Leaf, Notify, Task, Wait
from workflows.flows.words import Change, say_phase

AUTO_APPROVE = "auto_approve"
CUSTOMER = "customer"
Placed = dict[tuple[str, str], tuple[Leaf, Needs]]


def touches_money(before: Definition | None, after: Definition) -> bool:
    """Whether approvals, approval by rule, or what holds up the verbs that grant are other ones: two people publish that."""
    return before is None or _money(before) != _money(after)


def _money(definition: Definition) -> dict:
    return {
        place: (leaf if isinstance(leaf, Approve) else (leaf.kind, leaf.gated), needs)
        for place, (leaf, needs) in _without_paths(definition).items()
        if isinstance(leaf, Approve) or leaf.gated or _is_auto_approval(leaf)
    }


def _without_paths(definition: Definition) -> Placed:
    """Leaves by phase and key; where in the text they stand does not count."""
    found = _leaves(definition)
    return {place: (_moved(leaf), needs) for place, (leaf, needs) in found.items()}


def _moved(leaf: Leaf) -> Leaf:
    return Approve("", leaf.key, leaf.before, leaf.done_by, leaf.steps, leaf.distinct) if isinstance(leaf, Approve) else leaf


def _leaves(definition: Definition) -> Placed:
    return {
        (phase.name, node.key): (node, needs)
        for phase in definition.phases.values()
        for node, needs in guarded(phase.root)
        if isinstance(node, Leaf)
    }


def _is_auto_approval(leaf: Leaf) -> bool:
    return isinstance(leaf, Auto) and leaf.check == AUTO_APPROVE


def adverse_changes(before: Definition | None, after: Definition) -> list[Change]:
    """What customers may feel: more to wait for, a longer time, less approved by rule, a notice less. These are announced ahead."""
    if before is None:
        return []
    old, new = _leaves(before), _leaves(after)
    lost = [(place, old[place][0]) for place in old if place not in new]
    changes = [*_losses(lost), *(change for place in new for change in _burdens(place, old.get(place), new[place]))]
    return sorted(changes, key=lambda change: (change.phase, change.key))


def _losses(lost: list) -> Iterator[Change]:
    for (phase, key), leaf in lost:
        if _is_auto_approval(leaf):
            yield _change(phase, key, _("nothing is approved by rule any more"))
        elif isinstance(leaf, Notify) and leaf.audience == CUSTOMER:
            yield _change(phase, key, _("customers are not told this any more"))


def _burdens(place: tuple[str, str], old: tuple[Leaf, Needs] | None, new: tuple[Leaf, Needs]) -> Iterator[Change]:
    (phase, key), (leaf, needs) = place, new
    was, were = old if old else (None, ())
    if leaf.gated - (was.gated if was else frozenset()):
        yield _change(phase, key, _("the case waits for this"))
    elif was is not None and needs != were and (leaf.gated or _is_auto_approval(leaf)):
        yield _change(phase, key, _("it is asked for in other cases than before"))
    if isinstance(leaf, Approve) and isinstance(was, Approve) and len(leaf.steps) > len(was.steps):
        yield _change(phase, key, _("more people sign"))
    if was is not None and _time_of(leaf) > _time_of(was):
        yield _change(phase, key, _("it may take longer"))


def _time_of(leaf: Leaf) -> timedelta:
    if isinstance(leaf, Task | Approve):
        return leaf.sla or timedelta()
    return (leaf.timer or timedelta()) if isinstance(leaf, Wait) else timedelta()


def _change(phase: str, key: str, words: str) -> Change:
    return Change(phase, key, _("%(phase)s: “%(key)s”: %(words)s.") % {"phase": say_phase(phase), "key": key, "words": words})
