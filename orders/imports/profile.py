"""Profiles: which file and column holds what. They are JSON files in ``orders/profiles`` or anywhere else; see docs/import.md."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

SHIPPED = Path(__file__).resolve().parent.parent / "profiles"
TYPES = {"text", "time", "money", "number"}
PARTS = ("lines", "payments", "shipments", "scans")


class ProfileError(ValueError):
    """The profile itself is wrong; the text says where."""


@dataclass(frozen=True)
class FieldSpec:
    """How one field is read: a column (possibly looked up in other tables), its type, its words, or a fixed value."""

    column: str = ""
    type: str = "text"
    words: Mapping[str, str] | None = None
    through: tuple[tuple[str, str], ...] = ()
    value: Any = None
    default: Any = None
    is_summed: bool = False
    is_sentence: bool = False


@dataclass(frozen=True)
class Source:
    """One file and what is read from it. Without a file, the fields stand in the file of orders."""

    file: str
    fields: Mapping[str, FieldSpec] = field(default_factory=dict)
    key: str = ""
    order: str = ""
    parent: str = ""
    group_by: tuple[str, ...] = ()
    count: str = ""
    when: str = ""
    ignored: frozenset[str] = frozenset()
    is_required: bool = False

    def columns(self) -> set[str]:
        """Columns that this source reads."""
        named = {self.key, self.order, self.parent, self.when, *self.group_by, *(spec.column for spec in self.fields.values())}
        return named - {""}


@dataclass(frozen=True)
class Profile:
    """Everything an import needs to know about a shop's files."""

    name: str
    zone: ZoneInfo
    currency: str
    encodings: tuple[str, ...]
    delimiter: str
    merchant: Mapping[str, str]
    tables: Mapping[str, Source]
    orders: Source
    customer: Source
    parts: Mapping[str, Source]
    reviews: Source | None
    optional_columns: frozenset[str]

    def needed_columns(self, file: str) -> set[str]:
        """Columns without which a file cannot be read: whatever any source of that file reads or looks up in it."""
        sources = [*self.tables.values(), self.orders, self.customer, *self.parts.values(), *filter(None, [self.reviews])]
        here = [source for source in sources if (source.file or self.orders.file) == file]
        steps = {step for source in sources for spec in source.fields.values() for step in spec.through}
        looked_up = {column for table, column in steps if self.tables[table].file == file}
        return (looked_up | set().union(*(source.columns() for source in here))) - self.optional_columns

    def ignored_columns(self, file: str) -> set[str]:
        """Columns that are known and left out on purpose."""
        sources = [*self.tables.values(), self.orders, *self.parts.values(), *filter(None, [self.reviews])]
        return set().union(self.optional_columns, *(source.ignored for source in sources if source.file == file))


def load_profile(name: str) -> Profile:
    """Read a shipped profile by its name, or any profile by the path of its ``.json`` file."""
    path = Path(name) if name.endswith(".json") else SHIPPED / f"{name}.json"
    try:
        return parse_profile(path.stem, json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        shipped = ", ".join(sorted(each.stem for each in SHIPPED.glob("*.json")))
        raise ProfileError(f"No profile {name!r}. Shipped: {shipped}. A path to your own must end in .json.") from None
    except json.JSONDecodeError as error:
        raise ProfileError(f"{path}: line {error.lineno}: {error.msg}.") from None


def parse_profile(name: str, text: Mapping[str, Any]) -> Profile:
    """Build a profile from its JSON; a wrong one raises ``ProfileError`` naming the place."""
    try:
        return _build_profile(name, text)
    except KeyError as error:
        raise ProfileError(f"Profile {name}: {error.args[0]!r} is missing.") from None
    except (TypeError, AttributeError, ZoneInfoNotFoundError) as error:
        raise ProfileError(f"Profile {name}: {error}.") from None


def _build_profile(name: str, text: Mapping[str, Any]) -> Profile:
    return Profile(
        name=name,
        zone=ZoneInfo(text["time_zone"]),
        currency=text["currency"],
        encodings=tuple(text.get("encodings", ("utf-8-sig", "gb18030"))),
        delimiter=text.get("delimiter", ","),
        merchant=text.get("merchant", {}),
        tables={key: _source(each) for key, each in text.get("tables", {}).items()},
        orders=_source(text["orders"], is_required=True),
        customer=_source(text["customer"]),
        parts={key: _source(text[key]) for key in PARTS if key in text},
        reviews=_source(text["reviews"]) if "reviews" in text else None,
        optional_columns=frozenset(text.get("optional_columns", ())),
    )


def _source(text: Mapping[str, Any], *, is_required: bool = False) -> Source:
    return Source(
        file=text.get("file", ""),
        fields={name: _field(name, spec) for name, spec in text.get("fields", {}).items()},
        key=text.get("key", ""),
        order=text.get("order", ""),
        parent=text.get("parent", ""),
        group_by=tuple(text.get("group_by", ())),
        count=text.get("count", ""),
        when=text.get("when", ""),
        ignored=frozenset(text.get("ignored", ())),
        is_required=text.get("required", is_required),
    )


def _field(name: str, spec: Any) -> FieldSpec:
    if isinstance(spec, str):
        return FieldSpec(column=spec)
    if spec.get("type", "text") not in TYPES:
        raise TypeError(f"field {name!r} has an unknown type {spec['type']!r}")
    return FieldSpec(
        column=spec.get("column", ""),
        type=spec.get("type", "text"),
        words=spec.get("words"),
        through=tuple(tuple(step.split(".")) for step in spec.get("through", ())),
        value=spec.get("value"),
        default=spec.get("default"),
        is_summed=spec.get("sum", False),
        is_sentence=spec.get("sentence", False),
    )
