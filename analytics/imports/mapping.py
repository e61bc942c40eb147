"""Mappings: what the columns and activities of a log are in this house. They are JSON files in ``mappings`` or anywhere else."""

import hashlib
import json
from collections.abc import Mapping as Readable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings

from analytics.models import ImportedEvent

Kind = ImportedEvent.Kind
SHIPPED = Path(__file__).resolve().parent / "mappings"
COLUMNS = ("case", "activity", "time", "resource", "group", "lifecycle", "channel", "category", "priority", "product")
# How wide these are in facts.
WIDTHS = {"channel": 20, "category": 60, "product": 80}
KEYS = {*COLUMNS, "about", "time_zone", "time_formats", "encodings", "delimiter", "classifier", "activities", "moments", "words"} | {
    "machines",
    "reopens_when_worked",
}


class MappingError(ValueError):
    """The mapping itself is wrong, or does not fit the file; the text says where."""


@dataclass(frozen=True)
class Moment:
    """A column that tells when something happened, or after how many minutes from another column."""

    column: str
    kind: Kind
    after: str = ""


@dataclass(frozen=True)
class Mapping:
    """Everything an import needs to know about a log. ``columns`` are alternatives: the first that a record fills counts."""

    name: str
    text: Readable[str, Any]
    zone: ZoneInfo
    columns: Readable[str, tuple[str, ...]]
    time_formats: tuple[str, ...]
    encodings: tuple[str, ...]
    delimiter: str
    classifier: str | tuple[str, ...]
    activities: Readable[str, Kind]
    moments: tuple[Moment, ...]
    words: Readable[str, Readable[str, str | int]]
    machines: frozenset[str]
    reopens_when_worked: bool

    @property
    def digest(self) -> str:
        return hashlib.sha256(json.dumps(self.text, sort_keys=True).encode()).hexdigest()

    @property
    def wanted(self) -> frozenset[str]:
        """Every column that is read; whatever else a record holds is not looked at."""
        parts = self.classifier if isinstance(self.classifier, tuple) else ()
        moments = {name for each in self.moments for name in (each.column, each.after) if name}
        return frozenset({*parts, *moments, *(name for names in self.columns.values() for name in names)})

    @property
    def knows_messages(self) -> bool:
        """Whether the log tells when people of the house wrote; without that it says nothing of response times."""
        return Kind.HUMAN_MESSAGE in {*self.activities.values(), *(each.kind for each in self.moments)}

    def kind_of(self, activity: str) -> Kind:
        return self.activities.get(fold_case(activity), Kind.OTHER)

    def word(self, column: str, value: str) -> str | int:
        """A value in our words; one for which there is none stays as it is, but for a priority, which is then normal."""
        found = self.words.get(column, {}).get(fold_case(value))
        if column == "priority":
            return found if found is not None else int(value) if value in ("0", "1", "2", "3") else 1
        return value[: WIDTHS[column]] if found is None else found


def fold_case(text: str) -> str:
    """A word as words are compared: without case, and with single spaces."""
    return " ".join(text.split()).casefold()


def load_mapping(name: str) -> Mapping:
    """Read a shipped mapping by its name, or any mapping by the path of its ``.json`` file."""
    path = Path(name) if name.endswith(".json") else SHIPPED / f"{name}.json"
    try:
        return parse_mapping(path.stem, json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        shipped = ", ".join(sorted(each.stem for each in SHIPPED.glob("*.json")))
        raise MappingError(f"No mapping {name!r}. Shipped: {shipped}. A path to your own must end in .json.") from None
    except json.JSONDecodeError as error:
        raise MappingError(f"{path}: line {error.lineno}: {error.msg}.") from None


def parse_mapping(name: str, text: Readable[str, Any]) -> Mapping:
    """Build a mapping from its JSON; a wrong one raises ``MappingError`` naming the place."""
    try:
        if unknown := sorted(set(text) - KEYS):
            raise MappingError(f"Mapping {name}: unknown keys: {', '.join(unknown)}.")
        return _build(name, text)
    except (TypeError, AttributeError, ValueError, KeyError, ZoneInfoNotFoundError) as error:
        raise error if isinstance(error, MappingError) else MappingError(f"Mapping {name}: {error}.") from None


def _build(name: str, text: Readable[str, Any]) -> Mapping:
    classifier = text.get("classifier", "")
    return Mapping(
        name=name[:60],
        text=text,
        zone=ZoneInfo(text.get("time_zone") or settings.TIME_ZONE),
        columns={column: _names(text.get(column, ())) for column in COLUMNS},
        time_formats=_names(text.get("time_formats", ())),
        encodings=_names(text.get("encodings", ("utf-8-sig", "gb18030"))),
        delimiter=text.get("delimiter", ""),
        classifier=classifier if isinstance(classifier, str) else tuple(classifier),
        activities={fold_case(activity): Kind(kind) for activity, kind in text.get("activities", {}).items()},
        moments=tuple(_moment(column, spec) for column, spec in text.get("moments", {}).items()),
        words={column: _words(column, words) for column, words in text.get("words", {}).items()},
        machines=frozenset(map(fold_case, text.get("machines", ()))),
        reopens_when_worked=bool(text.get("reopens_when_worked", True)),
    )


def _names(names: Any) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def _moment(column: str, spec: Any) -> Moment:
    if isinstance(spec, str):
        return Moment(column, Kind(spec))
    return Moment(column, Kind(spec["kind"]), spec.get("minutes_after", ""))


def _words(column: str, words: Readable[str, Any]) -> dict[str, str | int]:
    if column not in ("channel", "category", "priority", "product"):
        raise MappingError(f"there are no words for {column!r}")
    bad = [word for word in words.values() if (word not in (0, 1, 2, 3)) == (column == "priority")]
    if bad:
        raise MappingError(f"{bad[0]!r} is no {column}")
    return {fold_case(theirs): ours for theirs, ours in words.items()}
