"""Flow definitions as text: read with the line of everything in it, and written the way the shipped ones are."""

import hashlib
import json
from collections.abc import Iterator
from json.decoder import JSONDecodeError, scanstring
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from workflows.flows.parsing import ATTRIBUTES, DefinitionError, NodeError
from workflows.flows.tree import PHASES

LONGEST_LINE = 140
LONGEST_TEXT = 200_000
SPACE = " \t\n\r"
# What a node is comes first, then its name; what stands under a condition comes last.
LAST = ("when", "do", "else")


def read_text(text: str) -> Any:
    """The JSON of a definition. Raises ``DefinitionError`` with the line where it is none, or where a name comes twice."""
    if len(text) > LONGEST_TEXT:
        raise DefinitionError([NodeError("", "", format_lazy(_("At most {count} characters."), count=LONGEST_TEXT))])
    try:
        return json.loads(text, object_pairs_hook=_once)
    except JSONDecodeError as error:
        words = format_lazy(_("Line {line}, column {column}: this is not JSON here."), line=error.lineno, column=error.colno)
        raise DefinitionError([NodeError(f"@{error.lineno}", "", words)]) from error
    except RecursionError as error:
        raise DefinitionError([NodeError("", "", _("This is nested too deeply."))]) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _value in pairs]
    for name in names:
        if names.count(name) > 1:
            raise DefinitionError([NodeError(name, "", format_lazy(_("“{name}” stands twice in one place."), name=name))])
    return dict(pairs)


def digest_of(body: Any) -> str:
    """The same for the same content, however it is written."""
    plain = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def lines_of(text: str) -> dict[str, int]:
    """The line, counted from 1, on which each path of a JSON text begins: ``phases.review.seq[0]``. The text must be sound."""
    return {path: text.count("\n", 0, at) + 1 for path, at in _Places(text).walk("", 0)[1]}


def line_of(path: str, lines: dict[str, int]) -> int:
    """The line of a path; where a finding is about something that is missing, that of what is around it."""
    if path.startswith("@"):
        return int(path[1:])
    while path and path not in lines:
        cut = max(path.rfind("."), path.rfind("["))
        path = path[:cut] if cut > 0 else ""
    return lines.get(path, 1)


class _Places:
    """Walks over a JSON text and remembers where each value begins."""

    def __init__(self, text: str) -> None:
        self.text = text

    def skip(self, at: int) -> int:
        while at < len(self.text) and self.text[at] in SPACE:
            at += 1
        return at

    def walk(self, path: str, at: int) -> tuple[int, list[tuple[str, int]]]:
        """Where the value ends, and every path in it with its place."""
        at = self.skip(at)
        found = [(path, at)]
        first = self.text[at]
        if first == '"':
            return scanstring(self.text, at + 1)[1], found
        if first in "{[":
            end, inside = self.members(path, at + 1, closing="}" if first == "{" else "]")
            return end, found + inside
        while at < len(self.text) and self.text[at] not in ",]}" + SPACE:
            at += 1
        return at, found

    def members(self, path: str, at: int, *, closing: str) -> tuple[int, list[tuple[str, int]]]:
        found: list[tuple[str, int]] = []
        number, at = 0, self.skip(at)
        while self.text[at] != closing:
            start = at
            if closing == "}":
                name, at = scanstring(self.text, at + 1)
                inner, at = f"{path}.{name}" if path else name, self.skip(at) + 1
            else:
                inner = f"{path}[{number}]"
            end, inside = self.walk(inner, at)
            # A member of an object begins where its name stands.
            found += [(inner, start), *inside[1:]]
            number, at = number + 1, self.skip(end)
            if self.text[at] == ",":
                at = self.skip(at + 1)
        return at + 1, found


def write_text(body: Any) -> str:
    """A definition in a fixed order, short nodes on one line."""
    return "".join(_written(body, 0, ())) + "\n"


def _written(value: Any, indent: int, path: tuple[str, ...]) -> Iterator[str]:
    short = _short(value)
    is_outer = isinstance(value, dict) and (not path or path == ("phases",))
    if not is_outer and len(short) + indent <= LONGEST_LINE and not _holds_nodes(value):
        yield short
    elif isinstance(value, dict):
        yield from _block(
            "{", "}", indent, [(f"{json.dumps(name, ensure_ascii=False)}: ", inner, (*path, name)) for name, inner in _ordered(value)]
        )
    elif isinstance(value, list):
        yield from _block("[", "]", indent, [("", inner, (*path, "")) for inner in value])
    else:
        yield short


def _block(opening: str, closing: str, indent: int, parts: list[tuple[str, Any, tuple[str, ...]]]) -> Iterator[str]:
    yield opening
    for number, (label, inner, path) in enumerate(parts):
        yield f"{',' if number else ''}\n{' ' * (indent + 2)}{label}"
        yield from _written(inner, indent + 2, path)
    yield f"\n{' ' * indent}{closing}"


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(name, ensure_ascii=False)}: {_short(inner)}" for name, inner in _ordered(value)) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_short, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _holds_nodes(value: Any) -> bool:
    """Whether nodes stand inside, which then get lines of their own."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_is_node(inner) or _holds_nodes(inner) for inner in inside)


def _is_node(value: Any) -> bool:
    return isinstance(value, dict) and bool(ATTRIBUTES.keys() & value.keys())


def _ordered(value: dict[str, Any]) -> list[tuple[str, Any]]:
    def rank(name: str) -> tuple[int, int]:
        if name in PHASES and not ATTRIBUTES.keys() & value.keys():
            return (0, PHASES.index(name))
        order = ("schema", "phases", *ATTRIBUTES, "key", "role", "skill", "fallback", "sla")
        return (2, LAST.index(name)) if name in LAST else (1, order.index(name) if name in order else len(order))

    return sorted(value.items(), key=lambda pair: rank(pair[0]))
