"""One import from its files to its report."""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from orders.models import ImportRun, Merchant
from orders.services.green import mark_green_customers
from orders.services.rows import OrderRow, Outcome, count_outcomes
from orders.services.sync import upsert_orders

from .build import OrderBuilder
from .findings import Findings, quote
from .oddities import note_oddities, note_reviews
from .profile import Profile, Source
from .reader import Record, read_records

BATCH = 500


class ImportFailedError(Exception):
    """Nothing could be imported at all; the text says what is missing."""


@dataclass
class ImportSummary:
    """What a run did. ``counts`` is about orders; ``rows`` says how many records each file had."""

    run: ImportRun | None
    findings: Findings
    counts: Counter = field(default_factory=Counter)
    rows: Counter = field(default_factory=Counter)


def run_import(
    profile: Profile,
    folder: Path,
    *,
    merchant: Merchant,
    by: User | None = None,
    dry_run: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> ImportSummary:
    """Import a folder of files into a shop; rows that are already there unchanged are not written.

    Orders go in batches, each in its own transaction, so an import that was stopped is simply started again. A dry run does
    everything and keeps nothing. Raises ``ImportFailedError`` when there is no readable file of orders.
    """
    if dry_run:
        with transaction.atomic():
            summary = _Import(profile, folder, merchant, by, progress).run()
            transaction.set_rollback(True)
        summary.run = None
        return summary
    return _Import(profile, folder, merchant, by, progress).run()


class _Import:
    def __init__(self, profile: Profile, folder: Path, merchant: Merchant, by: User | None, progress: Callable) -> None:
        self.profile, self.folder, self.merchant, self.progress = profile, folder, merchant, progress
        self.findings = Findings()
        run = ImportRun.objects.create(merchant=merchant, profile=profile.name, folder=str(folder)[:400], by=by)
        self.summary = ImportSummary(run, self.findings)

    def run(self) -> ImportSummary:
        orders = self._read_orders()
        tables = {name: self._read_table(source) for name, source in self.profile.tables.items()}
        parts: dict[str, dict[str, list[Record]]] = defaultdict(dict)
        for name, source in self.profile.parts.items():
            parents = {each.cells[source.parent] for rows in parts["shipments"].values() for each in rows} if source.parent else set(orders)
            parts[name] = self._read_part(source, parents)
        self._note_reviews(orders)
        builder = OrderBuilder(self.profile, tables, parts, self.findings)
        records = list(orders.values())
        for start in range(0, len(records), BATCH):
            self._import_batch(records[start : start + BATCH], builder)
            self.progress(min(start + BATCH, len(records)), len(records))
        return self._finish()

    def _import_batch(self, records: list[Record], builder: OrderBuilder) -> None:
        built: list[tuple[Record, OrderRow]] = []
        for record in records:
            row = builder.build(record)
            if row is None:
                self.summary.counts[str(Outcome.REJECTED)] += 1
            else:
                note_oddities(record, row, self.findings)
                built.append((record, row))
        results = upsert_orders(self.merchant, [row for _record, row in built])
        self.summary.counts.update(count_outcomes(results))
        for (record, _row), result in zip(built, results, strict=True):
            for name, text in result.errors.items():
                self.findings.reject(record.file, record.line, "bad_value", f"{name}: {text}")
        self.findings.store(self.summary.run)

    def _read_orders(self) -> dict[str, Record]:
        orders = self._read_table(self.profile.orders)
        if not orders:
            self._finish()
            reasons = "; ".join(f"{each.file}: {each.text}" for each in self.findings.all) or _("The file of orders holds no row.")
            raise ImportFailedError(reasons)
        return orders

    def _read_table(self, source: Source) -> dict[str, Record]:
        rows: dict[str, Record] = {}
        for record in self._read(source):
            key = record.cells[source.key]
            if not key:
                self.findings.reject(record.file, record.line, "missing_value", _("%(name)s is empty.") % {"name": source.key})
            elif key in rows:
                text = _("The same %(name)s as in line %(line)d.") % {"name": source.key, "line": rows[key].line}
                self.findings.reject(record.file, record.line, "repeated_id", text)
            else:
                rows[key] = record
        return rows

    def _read_part(self, source: Source, parents: set[str]) -> dict[str, list[Record]]:
        """Records of a file by the id of what they belong to: orders, or for scans their shipments."""
        rows: dict[str, list[Record]] = defaultdict(list)
        if source.file == self.profile.orders.file:
            return rows
        seen: dict[tuple[str, str], int] = {}
        id_column = source.fields["external_id"].column if "external_id" in source.fields else ""
        for record in self._read(source):
            parent = record.cells[source.parent or source.order]
            own = record.cells[id_column] if id_column else ""
            first = seen.setdefault((parent, own), record.line) if own else record.line
            if parent not in parents:
                text = _("What this row belongs to (%(parent)s) is not in the files.") % {"parent": quote(parent)}
                self.findings.reject(record.file, record.line, "unknown_parent", text)
            elif first != record.line:
                self.findings.reject(record.file, record.line, "repeated_id", _("The same id as in line %(line)d.") % {"line": first})
            else:
                rows[parent].append(record)
        return rows

    def _note_reviews(self, orders: dict[str, Record]) -> None:
        source = self.profile.reviews
        if source and (self.folder / source.file).is_file():
            note_reviews(self._read(source), source, orders, self.findings)

    def _read(self, source: Source):
        for record in read_records(self.folder, source, self.profile, self.findings):
            self.summary.rows[source.file] += 1
            yield record

    def _finish(self) -> ImportSummary:
        run, counts = self.summary.run, self.summary.counts
        kinds = Counter(finding.kind for finding in self.findings.all)
        run.counts = {"orders": dict(counts), "rows": dict(self.summary.rows), "findings": dict(kinds)}
        mark_green_customers()
        run.finished_at = timezone.now()
        run.save(update_fields=["counts", "finished_at"])
        self.findings.store(run)
        return self.summary
