"""What is known about people: every field of every table has a class, and each table says why it is kept and for how long.

Each app lists its tables in its ``personal.py``; ``config.personal`` puts them together. A field that no table lists fails a test.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.db import models


class Kind(StrEnum):
    """How close a field is to a person."""

    NONE = "none"
    CONTACT = "contact"
    IDENTITY = "identity"
    FINANCIAL = "financial"
    CONTENT = "content"
    SECRET = "secret"  # noqa: S105 - the name of a class


PERSONAL = (Kind.CONTACT, Kind.IDENTITY, Kind.FINANCIAL, Kind.CONTENT, Kind.SECRET)


@dataclass(frozen=True, kw_only=True)
class Table:
    """The fields of one table by class, each list as names with spaces between. ``of`` says whose data it is."""

    label: str
    why: str
    kept: str
    of: str = ""
    none: str = ""
    contact: str = ""
    identity: str = ""
    financial: str = ""
    content: str = ""
    secret: str = ""

    def fields(self, kind: Kind) -> list[str]:
        return getattr(self, kind.value).split()

    @property
    def listed(self) -> list[str]:
        return [name for kind in Kind for name in self.fields(kind)]

    @property
    def is_personal(self) -> bool:
        return any(self.fields(kind) for kind in PERSONAL)


def find_gaps(known: Iterable[type[models.Model]], tables: Iterable[Table]) -> list[str]:
    """Fields without a class, with two, or listed and not there; empty when the registry is whole."""
    by_label = {table.label: table for table in tables}
    found = []
    for model in known:
        table, names = by_label.pop(model._meta.label, None), [field.name for field in model._meta.concrete_fields]
        listed = table.listed if table else []
        found += [f"{model._meta.label}.{name} has no class" for name in names if name not in listed]
        found += [f"{model._meta.label}.{name} is not there" for name in listed if name not in names]
        found += [f"{model._meta.label}.{name} has two classes" for name in sorted(set(listed)) if listed.count(name) > 1]
    return found + [f"{label} is not there" for label in by_label]
