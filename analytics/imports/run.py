"""One import: the file becomes events, the events statistics and facts. Stopped anywhere, it goes on where it was."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from analytics.ledger.families import COMPLAINTS, families_of
from analytics.ledger.folding import fold
from analytics.ledger.reading import house_settings
from analytics.ledger.storing import store_facts
from analytics.ledger.turns import turn
from analytics.models import Fact, ImportedEvent, ImportedFinding, ImportedLog

from .interpreting import Interpreter, nothing_read
from .mapping import Mapping, MappingError
from .records import LogError, LogFile, Record, digest_of
from .statistics import Happening, LogStatistics, same
from .tables import read_table
from .translating import group_of
from .xes import read_xes

State, Format = ImportedLog.State, ImportedLog.Format
BATCH = 2000
CASES = 500
# So many are kept to look at; all are counted.
MOST_FINDINGS = 10_000
# A log knows of cases; of the orders behind them it knows nothing.
CASE_FAMILIES = tuple(families_of(COMPLAINTS).values())
Progress = Callable[[str, int, int], None]


class RefusedLogError(Exception):
    """The log is there already, or somebody else is at it."""


@dataclass
class ImportSummary:
    """What an import has found. ``log`` is not stored after a dry run."""

    log: ImportedLog
    findings: list[ImportedFinding] = field(default_factory=list)


def import_log(
    path: Path,
    *,
    mapping: Mapping,
    file_format: str = "",
    name: str = "",
    by: User | None = None,
    dry_run: bool = False,
    progress: Progress = lambda step, done, total: None,
) -> ImportSummary:
    """Import an event log into facts of its own source; a log whose import was stopped goes on.

    Everything goes in batches, each in its own transaction. A dry run does all of it and keeps nothing; it stores no fact even for a
    while, so that nobody waits for it. Raises ``RefusedLogError`` if this file is imported already with this mapping, ``LogError``
    and ``MappingError`` if it cannot be read.
    """
    chosen = file_format or find_format(path)
    if not dry_run:
        return _Import(_open_log(path, chosen, mapping, name, by), path, mapping, progress).run()
    with transaction.atomic():
        summary = _Import(_open_log(path, chosen, mapping, name, by), path, mapping, progress, keeps=False).run()
        transaction.set_rollback(True)
    return summary


def find_format(path: Path) -> str:
    """The format of a file, by its name."""
    names = path.name.lower().removesuffix(".gz")
    if names.endswith((".csv", ".tsv", ".txt")):
        return Format.CSV
    if names.endswith((".xes", ".xml")):
        return Format.XES
    raise LogError(f"{path.name}: say which format it has (--format xes or csv).")


def read_records(file: LogFile, file_format: str, mapping: Mapping) -> Iterator[Record]:
    """The records of a log file, whatever its format."""
    if file_format == Format.CSV:
        return read_table(file, mapping)
    return read_xes(file.stream, wanted=mapping.wanted, classifier=mapping.classifier)


def read_cases(log: ImportedLog, *, after: str = "") -> Iterator[list[list[ImportedEvent]]]:
    """The cases of a log after one of them, some hundreds at a time, the events of each in the order of time and file."""
    rows = ImportedEvent.objects.filter(log=log)
    while keys := list(rows.filter(case_key__gt=after).order_by("case_key").values_list("case_key", flat=True).distinct()[:CASES]):
        events = rows.filter(case_key__gt=after, case_key__lte=keys[-1]).order_by("case_key", "at", "position")
        yield [list(case) for _key, case in groupby(events, key=lambda each: each.case_key)]
        after = keys[-1]


def _open_log(path: Path, file_format: str, mapping: Mapping, name: str, by: User | None) -> ImportedLog:
    """The log of this file and mapping: the one whose import was stopped, or a new one."""
    about = {
        "name": (name or path.stem)[:120],
        "file_name": path.name[:200],
        "file_bytes": path.stat().st_size,
        "format": file_format,
        "mapping_name": mapping.name,
        "mapping": dict(mapping.text),
        "by": by,
    }
    log, _is_new = ImportedLog.objects.get_or_create(sha256=digest_of(path), mapping_digest=mapping.digest, defaults=about)
    if log.state == State.DONE:
        raise RefusedLogError(f"This file is imported already with this mapping: {log.name} (number {log.pk}). Delete that log first.")
    if log.state == State.LEAVING:
        raise RefusedLogError(f"This file is just being deleted: {log.name} (number {log.pk}). Try again in a while.")
    return log


class _Import:
    def __init__(self, log: ImportedLog, path: Path, mapping: Mapping, progress: Progress, *, keeps: bool = True) -> None:
        self.log, self.path, self.mapping, self.progress, self.keeps = log, path, mapping, progress, keeps
        self.interpreter = Interpreter(log.pk, mapping)
        self.summary = ImportSummary(log)
        self.codes: Counter = Counter()

    def run(self) -> ImportSummary:
        if self.log.state == State.READING:
            self._read_or_forget()
        if not self.log.statistics:
            self._measure()
        self._fold()
        self._move(state=State.DONE, finished_at=timezone.now())
        return self.summary

    def _read_or_forget(self) -> None:
        """Read the file. One that cannot be read leaves nothing behind, so that it can be tried again in another way."""
        try:
            self._read()
        except (LogError, MappingError):
            with transaction.atomic():
                self.log.events.all().delete()
                self.log.findings.all().delete()
                self.log.delete()
            raise

    def _read(self) -> None:
        with LogFile(self.path) as file:
            batch: list[ImportedEvent] = []
            found: list[ImportedFinding] = []
            number = 0
            for number, record in enumerate(read_records(file, self.log.format, self.mapping), start=1):
                events, findings = self.interpreter.interpret(record)
                self._note(findings)
                if number > self.log.read_to:  # what is stored already was read again to know whom each number stands for
                    batch += events
                    found += findings
                if number - self.log.read_to >= BATCH:
                    self._store(batch, found, read_to=number)
                    batch, found = [], []
                    self.progress("read", file.done, file.size)
            if not self.interpreter.position:
                raise nothing_read(self.codes)
            self._store(batch, found, read_to=number, state=State.FOLDING, **self._told(number))
            self.progress("read", file.size, file.size)

    def _note(self, findings: list[ImportedFinding]) -> None:
        self.codes.update(each.code for each in findings)
        self.summary.findings += findings[: MOST_FINDINGS - len(self.summary.findings)]

    def _told(self, records: int) -> dict[str, Any]:
        """What the log is known to be once it is read whole."""
        seen, kind_of = self.interpreter, self.mapping.kind_of
        named = {each.column: each.kind for each in self.mapping.moments}
        activities = [
            {"name": name, "kind": str(named.get(name) or kind_of(name)), "count": count} for name, count in seen.activities.most_common()
        ]
        return {
            "counts": {"records": records, "events": seen.position, "people": len(seen.actors), "findings": dict(self.codes)},
            "activities": activities,
            "words": {"team": {str(number): name[:100] for name, number in seen.teams.items()}},
        }

    @transaction.atomic
    def _store(self, events: list[ImportedEvent], findings: list[ImportedFinding], **changes: Any) -> None:
        self._move(**changes)
        ImportedEvent.objects.bulk_create(events, batch_size=BATCH)
        self._keep(findings)

    def _keep(self, findings: list[ImportedFinding]) -> None:
        if findings:
            ImportedFinding.objects.bulk_create(findings[: max(0, MOST_FINDINGS - self.log.findings.count())])

    @transaction.atomic
    def _measure(self) -> None:
        """The statistics of the whole log, and every event that stands in it twice."""
        statistics = LogStatistics(self.mapping.reopens_when_worked)
        for cases in read_cases(self.log):
            for case in cases:
                happened = [_happening(each) for each in case]
                statistics.add(happened)
                self._note(repeated := _repeated(case, happened))
                self._keep(repeated)
        counts = self.log.counts | {"findings": self.log.counts["findings"] | dict(self.codes)}
        self._move(statistics=statistics.result(), counts=counts)

    def _fold(self) -> None:
        settings, total = house_settings(), self.log.statistics["cases"]
        done = self.log.events.filter(case_key__lte=self.log.folded_to).values("case_key").distinct().count()
        for cases in read_cases(self.log, after=self.log.folded_to):
            groups = [group_of(self.log.pk, case, mapping=self.mapping) for case in cases]
            facts = [fact for group in groups for fact in fold(group, settings)]
            if self.keeps:
                self._store_facts([group.root for group in groups], facts, to=cases[-1][0].case_key)
            done += len(cases)
            self.progress("folded", done, total)

    def _store_facts(self, roots: list[int], facts: list[Fact], *, to: str) -> None:
        with turn():
            store_facts(roots, facts, families=CASE_FAMILIES, source=self.log.pk)
            self._move(folded_to=to)

    def _move(self, **changes: Any) -> None:
        """Write how far the import is, if nobody else has moved it since."""
        before = {"state": self.log.state, "read_to": self.log.read_to, "folded_to": self.log.folded_to}
        if not ImportedLog.objects.filter(pk=self.log.pk, **before).update(**changes):
            raise RefusedLogError("Another process imports this file, or the log was deleted meanwhile.")
        for name, value in changes.items():
            setattr(self.log, name, value)


def _happening(event: ImportedEvent) -> Happening:
    lifecycle = event.codes.get("lifecycle", "")
    return Happening(event.at, event.position, event.kind, event.activity, event.actor, event.team, lifecycle)


def _repeated(case: list[ImportedEvent], happened: list[Happening]) -> list[ImportedFinding]:
    """A finding for each event of a case that stood there before."""
    seen: set[tuple] = set()
    found = []
    for event, each in zip(case, happened, strict=True):
        if same(each) in seen:
            found.append(ImportedFinding(log_id=event.log_id, line=event.line, code=ImportedFinding.Code.DUPLICATE))
        seen.add(same(each))
    return found
