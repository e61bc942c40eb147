import csv
import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from analytics.imports import ImportSummary, MappingError, RefusedLogError, import_log, load_mapping
from analytics.imports.records import LogError
from analytics.imports.suggesting import suggest_mapping
from analytics.models import ImportedFinding, ImportedLog
from orders.imports.progress import ProgressBar

DAY = 86400
TIMES = ("mean_s", "median_s", "median_rank_s", "p90_s", "p90_rank_s")


class Command(BaseCommand):
    """Import the event log of another help desk, for comparing figures; see docs/import.md. Broken events do not make it fail."""

    help = "Import an event log (XES or CSV) of another help desk into figures of its own. An import that was stopped goes on."

    def add_arguments(self, parser):
        parser.add_argument("path", type=Path)
        parser.add_argument("--format", choices=ImportedLog.Format.values, default="", help="Default: by the name of the file.")
        parser.add_argument("--mapping", default="generic", help="A shipped mapping or the path of a .json file (default: generic).")
        parser.add_argument("--name", default="", help="What the log is called here (default: the name of the file).")
        parser.add_argument("--dry-run", action="store_true", help="Do everything and keep nothing.")
        parser.add_argument("--suggest", action="store_true", help="Only print a mapping for the activities of the file.")
        parser.add_argument("--report", type=Path, help="Write every finding to this CSV file.")
        parser.add_argument("--most", type=int, default=50, help="How many findings to print (default: 50).")

    def handle(self, *args, path: Path, mapping: str, dry_run: bool, suggest: bool, **options):
        if not path.is_file():
            raise CommandError(f"{path} is not a file.")
        try:
            chosen = load_mapping(mapping)
            if suggest:
                self.print_suggestion(*suggest_mapping(path, mapping=chosen, file_format=options["format"]))
                return
            progress = self.make_progress()
            names = {"name": options["name"], "file_format": options["format"]}
            summary = import_log(path, mapping=chosen, dry_run=dry_run, progress=progress, **names)
        except (MappingError, LogError, RefusedLogError) as error:
            raise CommandError(str(error)) from None
        self.print_summary(summary, options["most"])
        if options["report"]:
            write_report(options["report"], path.name, summary)
            self.stdout.write(f"All findings: {options['report']}")
        self.stdout.write("Dry run: nothing was kept." if dry_run else f"Imported as log {summary.log.pk}.")

    def make_progress(self):
        bars: dict[str, ProgressBar] = {}

        def show(step: str, done: int, total: int) -> None:
            bars.setdefault(step, ProgressBar("bytes read" if step == "read" else "cases folded", stream=self.stderr))(done, total)

        return show

    def print_suggestion(self, suggestion: dict, counted) -> None:
        self.stdout.write(json.dumps(suggestion, ensure_ascii=False, indent=2))
        for activity, count in counted.most_common():
            self.stderr.write(f"{count:>9,}  {activity}")

    def print_summary(self, summary: ImportSummary, most: int) -> None:
        log = summary.log
        for name, value in log.statistics.items():
            self.stdout.write(f"{name}: {_shown(name, value)}")
        for each in log.activities:
            self.stdout.write(f"{each['count']:>9,}  {each['kind']:<18} {each['name']}")
        for code, count in sorted(log.counts["findings"].items()):
            self.stdout.write(f"{code}: {count:,}")
        for each in summary.findings[:most]:
            self.stdout.write(f"  line {each.line}: {each.get_code_display()}")
        if (left := sum(log.counts["findings"].values()) - most) > 0:
            self.stdout.write(f"  … and {left:,} more")


def write_report(report: Path, file_name: str, summary: ImportSummary) -> None:
    with report.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["file", "line", "kind", "code", "reason"])
        for each in summary.findings:
            kind = "odd" if each.code in ImportedFinding.ODD else "rejected"
            writer.writerow([file_name, each.line, kind, str(each.code), each.get_code_display()])


def _shown(name: str, value) -> str:
    if value is None:
        return "-"
    if name in TIMES:
        return f"{value:,.3f} s = {value / DAY:,.3f} days"
    return f"{value:,}" if isinstance(value, int) else str(value)
