"""From the JSON of a flow definition to its tree. Everything that is wrong is found in one reading, with path and key of the node."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from workflows.flows import tree
from workflows.flows.conditions import Condition, ConditionError, parse_condition

SCHEMA = 1
MOST_NODES = 200
MOST_DEEP = 20
LONGEST = timedelta(days=366)
# What the key of the choice ends with that a condition on a leaf stands for.
ONLY_IF = ".when"
KEY = re.compile(r"[a-z][a-z0-9_]{0,49}")
WORD = re.compile(r"[a-z][a-z0-9_.]{0,79}")
DURATION = re.compile(r"P(?:(?P<weeks>\d+)W|(?=.)(?:(?P<days>\d+)D)?(?:T(?=.)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?)?)")
BLOCKS = {"seq": set(), "parallel": {"join"}, "loop": {"key", "until", "max"}, "choice": {"key", "else"}}
LEAVES = {
    "task": {"key", "when", "before", "role", "skill", "fallback", "sla", "form", "done_by", "blocking"},
    "approve": {"key", "when", "before", "distinct", "sla"},
    "wait": {"key", "when", "before", "timeout", "remind", "notice"},
    "notify": {"key", "when", "audience"},
    "auto": {"key", "when", "before"},
}
ATTRIBUTES = BLOCKS | LEAVES


@dataclass(frozen=True)
class NodeError:
    """One thing that is wrong: where, in which node, and what to do about it."""

    path: str
    key: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path} ({self.key}): {self.reason}" if self.key else f"{self.path}: {self.reason}"


class DefinitionError(Exception):
    """A definition that cannot be read, with everything that is wrong in it."""

    def __init__(self, errors: Iterable[NodeError]) -> None:
        self.errors = tuple(errors)
        super().__init__(self.errors)

    def __str__(self) -> str:
        return "; ".join(map(str, self.errors))


class _Refused(Exception):
    """Ends the reading of one node; its siblings are still read."""


def parse_definition(raw: Any) -> tree.Definition:
    """Read a whole definition. Raises ``DefinitionError`` with every node that is wrong."""
    reader = _Reader()
    phases = reader.read_definition(raw)
    if reader.errors:
        raise DefinitionError(reader.errors)
    return tree.Definition(phases)


def parse_duration(raw: Any) -> timedelta | None:
    """ISO 8601 in weeks, or in days, hours and minutes; None when it is anything else, nothing at all, or longer than a year."""
    found = DURATION.fullmatch(raw) if isinstance(raw, str) and len(raw) < 30 else None
    if not found:
        return None
    parts = {unit: int(count) for unit, count in found.groupdict(default="0").items()}
    if max(parts.values()) > 600_000:
        return None
    length = timedelta(**parts)
    return length if timedelta() < length <= LONGEST else None


class _Reader:
    """Reads one definition and gathers what is wrong."""

    def __init__(self) -> None:
        self.errors: list[NodeError] = []
        self.keys: set[str] = set()
        self.phase = ""
        self.count = 0

    def read_definition(self, raw: Any) -> dict[str, tree.Phase]:
        if not isinstance(raw, dict) or raw.get("schema") != SCHEMA or not isinstance(raw.get("phases"), dict) or not raw["phases"]:
            self.note("", "", _("A definition is {“schema”: 1, “phases”: {…}} with at least one phase."))
            return {}
        for name in sorted(set(raw) - {"schema", "phases"}):
            self.note(name, "", _("There is no such attribute here. Remove it."))
        phases = {name: self.read_phase(name, node) for name, node in raw["phases"].items()}
        return {name: tree.Phase(name, root) for name, root in phases.items() if root is not None}

    def read_phase(self, name: str, raw: Any) -> tree.Node | None:
        path = f"phases.{name}"
        if name not in tree.PHASES:
            self.note(path, "", format_lazy(_("There is no such phase. Known are {names}."), names=", ".join(tree.PHASES)))
            return None
        self.phase, self.keys, self.count = name, set(), 0
        return self.read_node(raw, path, 0)

    def note(self, path: str, key: str, reason: str) -> None:
        self.errors.append(NodeError(path, key, reason))

    def refuse(self, path: str, key: str, reason: str) -> None:
        self.note(path, key, reason)
        raise _Refused

    def read_node(self, raw: Any, path: str, depth: int) -> tree.Node | None:
        """One node, or None when something in it is wrong."""
        try:
            return self._read_node(raw, path, depth)
        except _Refused:
            return None

    def _read_node(self, raw: Any, path: str, depth: int) -> tree.Node:
        key = raw.get("key", "") if isinstance(raw, dict) and isinstance(raw.get("key", ""), str) else ""
        kinds = ATTRIBUTES.keys() & raw.keys() if isinstance(raw, dict) else set()
        if len(kinds) != 1:
            self.refuse(path, key, format_lazy(_("A node is exactly one of {kinds}."), kinds=", ".join(ATTRIBUTES)))
        self.count += 1
        if self.count > MOST_NODES or depth > MOST_DEEP:
            self.refuse(path, key, format_lazy(_("At most {count} nodes, {deep} deep."), count=MOST_NODES, deep=MOST_DEEP))
        (kind,) = kinds
        for name in sorted(raw.keys() - ATTRIBUTES[kind] - {kind}):
            self.note(f"{path}.{name}", key, _("There is no such attribute here. Remove it."))
        entry = _Entry(self, raw, path, key, kind, depth)
        return entry.read()


@dataclass
class _Entry:
    """One node of the JSON while it is read."""

    reader: _Reader
    raw: dict
    path: str
    key: str
    kind: str
    depth: int

    def read(self) -> tree.Node:
        if self.kind in LEAVES:
            return self.behind_condition(self.read_leaf())
        return getattr(self, f"read_{self.kind}")()

    def refuse(self, name: str, reason: str) -> None:
        self.reader.refuse(f"{self.path}.{name}" if name else self.path, self.key, reason)

    # -- blocks

    def inner(self, raw: Any, name: str) -> tree.Node | None:
        return self.reader.read_node(raw, f"{self.path}.{name}", self.depth + 1)

    def parts(self) -> tuple[tree.Node, ...]:
        raw = self.raw[self.kind]
        if not isinstance(raw, list) or not raw:
            self.refuse(self.kind, _("Give a list with at least one node."))
        parts = tuple(self.inner(part, f"{self.kind}[{at}]") for at, part in enumerate(raw))
        if None in parts:
            raise _Refused
        return parts

    def read_seq(self) -> tree.Seq:
        return tree.Seq(self.path, self.parts())

    def read_parallel(self) -> tree.Parallel:
        join = self.raw.get("join", "all")
        is_count = isinstance(join, int) and not isinstance(join, bool) and join > 0
        if join not in ("all", "any") and not is_count:
            self.refuse("join", _("Write “all”, “any” or how many branches must finish."))
        return tree.Parallel(self.path, self.parts(), join)

    def read_loop(self) -> tree.Loop:
        key = self.own_key()
        most = self.raw.get("max")
        if most is not None and (isinstance(most, bool) or not isinstance(most, int) or not 1 <= most <= tree.MOST_ROUNDS):
            self.refuse("max", format_lazy(_("A loop runs 1 to {count} times."), count=tree.MOST_ROUNDS))
        until = self.condition("until") if "until" in self.raw else None
        body = self.inner(self.raw["loop"], "loop")
        if body is None:
            raise _Refused
        return tree.Loop(self.path, key, body, until, most)

    def read_choice(self) -> tree.Choice:
        key = self.own_key()
        raw = self.raw["choice"]
        if not isinstance(raw, list) or not raw:
            self.refuse("choice", _("Give a list with at least one branch {“when”: …, “do”: …}."))
        branches = tuple(self.branch(part, f"choice[{at}]") for at, part in enumerate(raw))
        other = self.raw.get("else")
        otherwise = None if other is None else self.inner(other, "else")
        if None in branches or (other is not None and otherwise is None):
            raise _Refused
        return tree.Choice(self.path, key, branches, otherwise, has_else="else" in self.raw)

    def branch(self, raw: Any, name: str) -> tree.Branch | None:
        if not isinstance(raw, dict) or raw.keys() != {"when", "do"}:
            self.reader.note(f"{self.path}.{name}", self.key, _("A branch is {“when”: condition, “do”: node or null}."))
            return None
        try:
            when = self.condition_in(raw["when"], f"{name}.when")
        except _Refused:
            when = None
        do = None if raw["do"] is None else self.inner(raw["do"], f"{name}.do")
        is_whole = when is not None and (raw["do"] is None or do is not None)
        return tree.Branch(when, do) if is_whole else None

    # -- leaves

    def read_leaf(self) -> tree.Leaf:
        key = self.own_key()
        fields = getattr(self, f"read_{self.kind}")()
        kind: Callable = getattr(tree, self.kind.capitalize())
        return kind(path=self.path, key=key, before=self.before(), **fields)

    def behind_condition(self, leaf: tree.Leaf) -> tree.Node:
        """``when`` on a leaf is short for a choice between it and nothing."""
        if "when" not in self.raw:
            return leaf
        return tree.Choice(self.path, f"{leaf.key}{ONLY_IF}", (tree.Branch(self.condition("when"), leaf),))

    def read_task(self) -> dict:
        done_by = self.words("done_by")
        texts = {name: self.word(name) for name in ("role", "skill", "fallback", "form")}
        if texts["role"] and texts["skill"]:
            self.refuse("skill", _("Give a role or a skill, not both."))
        return {"name": self.head(), "done_by": done_by, "sla": self.duration("sla"), "blocking": self.flag("blocking")} | texts

    def read_approve(self) -> dict:
        raw = self.raw["approve"]
        if not isinstance(raw, list) or not raw:
            self.refuse("approve", _("List who signs, in order."))
        steps = tuple(self.signature(step, f"approve[{at}]") for at, step in enumerate(raw))
        return {"steps": steps, "distinct": self.flag("distinct"), "sla": self.duration("sla")}

    def signature(self, raw: Any, name: str) -> tree.Signature:
        row = {"role": raw} if isinstance(raw, str) else raw
        if not isinstance(row, dict) or "role" not in row or row.keys() - {"role", "rank"}:
            self.refuse(name, _("A signature is a role, or {“role”: …, “rank”: …}."))
        rank = row.get("rank", 0)
        if isinstance(rank, bool) or not isinstance(rank, int) or rank < 0:
            self.refuse(f"{name}.rank", _("A rank is a whole number from 0."))
        return tree.Signature(self.checked_word(row["role"], name), rank)

    def read_wait(self) -> dict:
        timer = parse_duration(self.raw["wait"])
        event = "" if timer else self.head()
        return {"timer": timer, "event": event, "timeout": self.timeout(), "remind": self.reminders(), "notice": self.word("notice")}

    def timeout(self) -> tree.Timeout | None:
        if "timeout" not in self.raw:
            return None
        raw = self.raw["timeout"]
        if not isinstance(raw, list) or len(raw) != 2:
            self.refuse("timeout", _("A timeout is [duration, node or null]."))
        do = None if raw[1] is None else self.inner(raw[1], "timeout[1]")
        return tree.Timeout(self.checked_duration(raw[0], "timeout[0]"), do)

    def reminders(self) -> tuple[timedelta, ...]:
        return tuple(self.checked_duration(raw, f"remind[{at}]") for at, raw in enumerate(self.listed("remind")))

    def read_notify(self) -> dict:
        return {"template": self.head(), "audience": self.word("audience") or "customer"}

    def read_auto(self) -> dict:
        return {"check": self.head()}

    # -- attributes

    def own_key(self) -> str:
        raw = self.raw.get("key")
        if not isinstance(raw, str) or not KEY.fullmatch(raw):
            self.refuse("key", _("Give the node a key of small letters, digits and underscores. It stays for ever."))
        if raw in self.reader.keys:
            self.refuse("key", _("Another node of this phase has this key. Keys are unique in a phase."))
        self.reader.keys.add(raw)
        return raw

    def before(self) -> tuple[str, ...]:
        if "before" in self.raw:
            return self.words("before")
        is_gate = self.kind == "approve" or (self.kind == "task" and self.flag("blocking"))
        return tree.FORWARD[self.reader.phase] if is_gate else ()

    def head(self) -> str:
        """What stands behind the word that names the kind: a task's name, a check, an event, a template."""
        return self.checked_word(self.raw[self.kind], self.kind)

    def word(self, name: str) -> str:
        return self.checked_word(self.raw[name], name) if name in self.raw else ""

    def words(self, name: str) -> tuple[str, ...]:
        return tuple(self.checked_word(raw, f"{name}[{at}]") for at, raw in enumerate(self.listed(name)))

    def listed(self, name: str) -> list:
        raw = self.raw.get(name, [])
        if not isinstance(raw, list):
            self.refuse(name, _("Give a list."))
        return raw

    def checked_word(self, raw: Any, name: str) -> str:
        if not isinstance(raw, str) or not WORD.fullmatch(raw):
            self.refuse(name, _("Give a word of small letters, digits, dots and underscores."))
        return raw

    def flag(self, name: str) -> bool:
        raw = self.raw.get(name, False)
        if not isinstance(raw, bool):
            self.refuse(name, _("Write true or false."))
        return raw

    def duration(self, name: str) -> timedelta | None:
        return self.checked_duration(self.raw[name], name) if name in self.raw else None

    def checked_duration(self, raw: Any, name: str) -> timedelta:
        length = parse_duration(raw)
        if length is None:
            self.refuse(name, _("Give a duration such as PT4H, P3D or P1DT12H, at most a year."))
        return length

    def condition(self, name: str) -> Condition:
        return self.condition_in(self.raw[name], name)

    def condition_in(self, raw: Any, name: str) -> Condition:
        try:
            return parse_condition(raw, f"{self.path}.{name}")
        except ConditionError as error:
            self.reader.note(
                error.path, self.key, format_lazy("{field}{reason}", field=f"{error.field}: " if error.field else "", reason=error.reason)
            )
            raise _Refused from error
