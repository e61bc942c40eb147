"""Records to events: whose case, when, what kind, and who – as a number, in the order in which the log names people."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone

from analytics.models import ImportedEvent, ImportedFinding

from .mapping import WIDTHS, Kind, Moment, fold_case
from .mapping import Mapping as LogMapping
from .moments import read_moment
from .records import CLASSIFIED, LogError, Record

Code = ImportedFinding.Code
LONGEST = 200
# A column with more different values holds what people wrote, not what happened.
MOST_ACTIVITIES = 1000
AHEAD = timedelta(days=1)
# What a file of its own columns calls the two ends of one piece of work, and the other states of one.
STEPS = frozenset(
    "schedule assign reassign start suspend resume withdraw autoskip manualskip pi_abort ate_abort unknown".split()  # noqa: SIM905
)


class _FaultError(Exception):
    """Why a record makes no event."""

    def __init__(self, code: Code) -> None:
        super().__init__(code)
        self.code = code


def nothing_read(codes: Counter) -> LogError:
    """Why a file has no event at all: what was wrong with its records, the most frequent first."""
    why = ", ".join(f"{code} ({count:,})" for code, count in codes.most_common())
    return LogError(f"The file holds no event that can be read{': ' if why else ''}{why}.")


@dataclass
class Interpreter:
    """Makes events of the records of one log, in the order of the file. The same file gives the same numbers again."""

    log_id: int
    mapping: LogMapping
    position: int = 0
    unnamed: int = 0
    actors: dict[str, int] = field(default_factory=dict)
    teams: dict[str, int] = field(default_factory=dict)
    activities: Counter = field(default_factory=Counter)
    began: dict[tuple[str, str, str], datetime] = field(default_factory=dict)

    def interpret(self, record: Record) -> tuple[list[ImportedEvent], list[ImportedFinding]]:
        """The events of a record, and what is wrong or odd about it."""
        if record.fault:
            return [], [self._finding(record, Code(record.fault))]
        try:
            events, codes = self._events(record)
        except _FaultError as error:
            return [], [self._finding(record, error.code)]
        return events, [self._finding(record, code) for code in codes]

    def _finding(self, record: Record, code: Code) -> ImportedFinding:
        return ImportedFinding(log_id=self.log_id, line=record.line, code=code)

    def _events(self, record: Record) -> tuple[list[ImportedEvent], list[Code]]:
        case, odd = self._case(record)
        if self.mapping.moments:
            found = [self._event(record, case, *moment) for moment in self._moments(record.cells)]
            if not found:
                raise _FaultError(Code.NO_TIME)
        else:
            activity = self._activity(record)
            found = [self._event(record, case, activity, self.mapping.kind_of(activity), self._time(self._cell(record, "time")))]
        if any(each.at > timezone.now() + AHEAD for each in found):
            odd.append(Code.FUTURE)
        return found, odd

    def _cell(self, record: Record, column: str) -> str:
        """What the first of the alternatives says that says anything."""
        return next((value for name in self.mapping.columns[column] if (value := record.cells.get(name, "").strip())), "")

    def _case(self, record: Record) -> tuple[str, list[Code]]:
        key = self._cell(record, "case")
        if len(key) > LONGEST:
            raise _FaultError(Code.TOO_LONG)
        if key:
            return key, []
        if not record.place:
            raise _FaultError(Code.NO_CASE)
        is_first, self.unnamed = record.place != self.unnamed, record.place
        return f"#{record.place}", [Code.UNNAMED_CASE] if is_first else []

    def _activity(self, record: Record) -> str:
        activity = record.cells.get(CLASSIFIED, "") if self.mapping.classifier else self._cell(record, "activity")
        activity = " ".join(activity.split())
        if not activity.strip("+"):
            raise _FaultError(Code.NO_ACTIVITY)
        if len(activity) > LONGEST:
            raise _FaultError(Code.TOO_LONG)
        return activity

    def _time(self, text: str) -> datetime:
        if not text:
            raise _FaultError(Code.NO_TIME)
        try:
            return read_moment(text, zone=self.mapping.zone, formats=self.mapping.time_formats)
        except ValueError:
            raise _FaultError(Code.BAD_TIME) from None

    def _moments(self, cells: Mapping[str, str]) -> Iterator[tuple[str, Kind, datetime]]:
        for each in self.mapping.moments:
            if text := cells.get(each.column, "").strip():
                yield each.column, each.kind, self._moment(each, text, cells)

    def _moment(self, moment: Moment, text: str, cells: Mapping[str, str]) -> datetime:
        if not moment.after:
            return self._time(text)
        try:
            return self._time(cells.get(moment.after, "")) + timedelta(minutes=float(text))
        except (ValueError, OverflowError):
            raise _FaultError(Code.BAD_TIME) from None

    def _event(self, record: Record, case: str, activity: str, kind: Kind, at: datetime) -> ImportedEvent:
        self._count(activity)
        lifecycle = fold_case(self._cell(record, "lifecycle"))
        resource = self._cell(record, "resource")
        codes = self._codes(record)
        if lifecycle:
            codes |= {"lifecycle": lifecycle[:40]} | self._paired(case, activity, resource, lifecycle, at)
        if resource and fold_case(resource) in self.mapping.machines:
            codes["machine"] = True
        self.position += 1
        return ImportedEvent(
            log_id=self.log_id,
            position=self.position,
            line=record.line,
            case_key=case,
            at=at,
            kind=Kind.OTHER if lifecycle in STEPS else kind,
            activity=activity,
            actor=_number(self.actors, resource),
            team=_number(self.teams, self._cell(record, "group")),
            codes=codes,
        )

    def _count(self, activity: str) -> None:
        self.activities[activity] += 1
        if len(self.activities) > MOST_ACTIVITIES:
            raise LogError(f"More than {MOST_ACTIVITIES:,} different activities: that column holds texts, not what happened.")

    def _codes(self, record: Record) -> dict[str, str | int | bool]:
        named = ((column, self._cell(record, column)) for column in (*WIDTHS, "priority"))
        return {column: self.mapping.word(column, value) for column, value in named if value}

    def _paired(self, case: str, activity: str, resource: str, lifecycle: str, at: datetime) -> dict[str, str]:
        """When the work began that is completed here; a beginning waits for its completion."""
        key = (case, activity, resource)
        if lifecycle == "start":
            self.began[key] = at
        elif lifecycle == "complete" and (began := self.began.pop(key, None)):
            return {"began": began.isoformat()}
        return {}


def _number(known: dict[str, int], name: str) -> int:
    """The number of a name, 0 for none; a new name gets the next."""
    return known.setdefault(name, len(known) + 1) if name else 0
