"""Flow definitions in words: what a node is, and how one version differs from another (L16)."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from workflows.flows.conditions import AllOf, Condition, Row
from workflows.flows.parsing import ONLY_IF
from workflows.flows.tree import (
    Approve,
    Auto,
    Choice,
    Definition,
    Loop,
    Node,
    Notify,
    Parallel,
    Phase,
    Seq,
    Task,
    Timeout,
    Wait,
    children,
)
from workflows.machines.spine import SPINE
from workflows.machines.table import Phase as Phases
from workflows.machines.table import Role

KINDS = {
    Task: pgettext_lazy("flow", "task"),
    Approve: pgettext_lazy("flow", "approval"),
    Wait: pgettext_lazy("flow", "wait"),
    Notify: pgettext_lazy("flow", "notice"),
    Auto: pgettext_lazy("flow", "check"),
    Seq: pgettext_lazy("flow", "one after another"),
    Parallel: pgettext_lazy("flow", "side by side"),
    Choice: pgettext_lazy("flow", "choice"),
    Loop: pgettext_lazy("flow", "loop"),
}
NEVER_USED = gettext_lazy("None of the past cases ever comes here. Keep it only if coming ones will.")
Say = Callable[[Any], str]


@dataclass(frozen=True)
class Change:
    """One difference: in which phase and node, and in words."""

    phase: str
    key: str
    words: str

    def __str__(self) -> str:
        return self.words


def say_difference(before: Definition | None, after: Definition) -> list[Change]:
    """Everything that the version ``after`` does otherwise, in the order of its phases and nodes."""
    old = before.phases if before else {}
    return [change for name in Phases.values for change in _compare(name, old.get(name), after.phases.get(name))]


def _compare(name: str, before: Phase | None, after: Phase | None) -> Iterator[Change]:
    old, new = _placed(before), _placed(after)
    for key, (node, _around) in old.items():
        if key not in new:
            yield from _gone(name, key, node, is_leaf_left=key.removesuffix(ONLY_IF) in new)
    for key, (node, around) in new.items():
        if key not in old:
            yield _new(name, key, node)
            continue
        for words in _changed(key, old[key], (node, around)):
            yield Change(name, key.removesuffix(ONLY_IF), f"{say_phase(name)}: {words}")
    common = [key for key in old if key in new]
    if common != [key for key in new if key in old]:
        yield Change(name, "", _("%(phase)s: the order of the nodes is another one.") % {"phase": say_phase(name)})


def _gone(phase: str, key: str, node: Node, *, is_leaf_left: bool) -> Iterator[Change]:
    told = {"phase": say_phase(phase), "key": key.removesuffix(ONLY_IF), "kind": str(KINDS[type(node)])}
    if not key.endswith(ONLY_IF):
        yield Change(phase, key, _("%(phase)s: “%(key)s” (%(kind)s) is gone.") % told)
    elif is_leaf_left:
        yield Change(phase, told["key"], _("%(phase)s: “%(key)s” is asked for in every case now.") % told)


def _new(phase: str, key: str, node: Node) -> Change:
    told = {"phase": say_phase(phase), "key": key.removesuffix(ONLY_IF)}
    if key.endswith(ONLY_IF):
        return Change(phase, told["key"], _("%(phase)s: “%(key)s” only if %(condition)s.") % (told | {"condition": _say_branches(node)}))
    return Change(phase, key, _("%(phase)s: “%(key)s” is new: %(what)s.") % (told | {"what": say_node(node)}))


def _placed(phase: Phase | None) -> dict[str, tuple[Node, str]]:
    """Every keyed node with the blocks around it, whatever their numbers are."""
    return dict(_walk(phase.root, "")) if phase else {}


def _walk(node: Node, around: str) -> Iterator[tuple[str, tuple[Node, str]]]:
    if not isinstance(node, Seq | Parallel):
        yield node.key, (node, around)
    for child in children(node):
        yield from _walk(child, _around(node, child, around))


def _around(node: Node, child: Node, around: str) -> str:
    if isinstance(node, Choice):
        outcome = next(each for each in node.outcomes if node.branch(each) is child)
        return f"{around}/{node.key}.{outcome}"
    if isinstance(node, Seq):
        return around if around.endswith("/seq") else f"{around}/seq"
    return f"{around}/{node.join}" if isinstance(node, Parallel) else f"{around}/{node.key}"


def _changed(key: str, before: tuple[Node, str], after: tuple[Node, str]) -> Iterator[str]:
    (old, old_around), (new, new_around) = before, after
    named = {"key": key.removesuffix(ONLY_IF)}
    if type(old) is not type(new):
        yield _("“%(key)s” was a %(before)s and is a %(after)s.") % (named | {"before": KINDS[type(old)], "after": KINDS[type(new)]})
        return
    for label, say in FIELDS[type(new)]:
        was, becomes = say(old), say(new)
        if was != becomes:
            told = {"field": label, "before": was or "–", "after": becomes or "–"}
            yield _("“%(key)s”, %(field)s: %(before)s → %(after)s.") % (named | told)
    if old_around != new_around:
        yield _("“%(key)s” stands at another place.") % named


# -- one node


def say_node(node: Node) -> str:
    """A node in one line: what it is, who does it, within which time, what waits for it."""
    parts = [f"{label}: {said}" for label, say in FIELDS.get(type(node), ()) if (said := say(node))]
    return ", ".join([str(KINDS[type(node)]), *parts])


def say_outcome(node: Node | None, outcome: str) -> str:
    """One way in which a decision may come out."""
    if isinstance(node, Choice):
        branch = node.branches[int(outcome)] if outcome.isdecimal() else None
        return _("if %(condition)s") % {"condition": say_condition(branch.when)} if branch else _("otherwise")
    return {"again": _("once more"), "end": _("go on")}.get(outcome, outcome)


def say_phase(name: str) -> str:
    return str(Phases(name).label)


def say_roles(names: Iterable[str]) -> str:
    """Roles by their names; a skill stays as it is written."""
    return ", ".join(str(Role(name).label) if name in Role.values else name for name in names if name)


def say_verbs(names: Iterable[str]) -> str:
    known = {verb.name: verb.label for verb in SPINE.verbs}
    return ", ".join(str(known.get(name, name)) for name in names)


def say_duration(length: timedelta | None) -> str:
    """Days, hours and minutes, as many as there are."""
    if length is None:
        return ""
    minutes = int(length.total_seconds()) // 60
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    parts = [
        ngettext("%(n)d day", "%(n)d days", days) % {"n": days} if days else "",
        ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours} if hours else "",
        ngettext("%(n)d minute", "%(n)d minutes", rest) % {"n": rest} if rest else "",
    ]
    return " ".join(part for part in parts if part)


def say_condition(condition: Condition | None) -> str:
    """A condition as one reads it; fields and values as they are written in the definition."""
    if condition is None:
        return ""
    if isinstance(condition, Row):
        return f"{condition.field} {condition.op} {_say_value(condition.value)}"
    word = _(" and ") if isinstance(condition, AllOf) else _(" or ")
    return "(" + word.join(map(say_condition, condition.parts)) + ")"


def _say_value(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(_say_value, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _say_signatures(node: Approve) -> str:
    return ", ".join(say_roles([step.role]) + (f" ({step.rank})" if step.rank else "") for step in node.steps)


def _say_timeout(timeout: Timeout | None) -> str:
    return say_duration(timeout.after) if timeout else ""


def _say_durations(lengths: Iterable[timedelta]) -> str:
    return ", ".join(map(say_duration, lengths))


def _say_branches(node: Choice) -> str:
    return "; ".join(say_condition(branch.when) for branch in node.branches)


def _say_flag(is_set: bool) -> str:
    return _("yes") if is_set else ""


_HOLDS = (pgettext_lazy("flow", "holds up"), lambda node: say_verbs(verb for verb in node.before if verb in node.gated))
FIELDS: dict[type, tuple[tuple[Any, Say], ...]] = {
    Task: (
        (pgettext_lazy("flow", "named"), lambda node: node.name if node.name != node.key else ""),
        (pgettext_lazy("flow", "done by"), lambda node: say_roles([node.holder])),
        (pgettext_lazy("flow", "stands in"), lambda node: say_roles([node.fallback])),
        (pgettext_lazy("flow", "within"), lambda node: say_duration(node.sla)),
        (pgettext_lazy("flow", "form"), lambda node: node.form),
        (pgettext_lazy("flow", "ended by"), lambda node: say_verbs(node.done_by)),
        _HOLDS,
    ),
    Approve: (
        (pgettext_lazy("flow", "signed by"), _say_signatures),
        (pgettext_lazy("flow", "by different people"), lambda node: _say_flag(node.distinct)),
        (pgettext_lazy("flow", "within"), lambda node: say_duration(node.sla)),
        _HOLDS,
    ),
    Wait: (
        (pgettext_lazy("flow", "for"), lambda node: say_duration(node.timer) or say_verbs([node.event])),
        (pgettext_lazy("flow", "reminded after"), lambda node: _say_durations(node.remind)),
        (pgettext_lazy("flow", "notice"), lambda node: node.notice),
        (pgettext_lazy("flow", "at most"), lambda node: _say_timeout(node.timeout)),
        _HOLDS,
    ),
    Notify: (
        (pgettext_lazy("flow", "text"), lambda node: node.template),
        (pgettext_lazy("flow", "to"), lambda node: say_roles([node.audience])),
    ),
    Auto: ((pgettext_lazy("flow", "which"), lambda node: node.check), _HOLDS),
    Choice: ((pgettext_lazy("flow", "if"), _say_branches),),
    Loop: (
        (pgettext_lazy("flow", "until"), lambda node: say_condition(node.until)),
        (pgettext_lazy("flow", "at most"), lambda node: str(node.max or "")),
    ),
    Parallel: ((pgettext_lazy("flow", "finished are needed"), lambda node: str(node.needed)),),
}
