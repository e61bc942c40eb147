import json
import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from config.invariants import Evidence, Finding, check_all

SHOWN = 20


class Command(BaseCommand):
    """Ask what must always be true. Exit code 0: all of it holds; 1: something is broken; 2: something could not be checked."""

    help = "Check the invariants of the data in one snapshot. Changes nothing."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of text")
        parser.add_argument("--history", metavar="FILE", type=Path, help="what clients did and were told, one JSON object a line")
        parser.add_argument("--smtp-sink", metavar="FILE", type=Path, help="where a mail server notes each Message-ID that it takes")
        parser.add_argument("--gateway-ledger", metavar="FILE", type=Path, help="the ledger that the demo gateway keeps")

    def handle(self, *args, **options) -> None:
        evidence = Evidence(
            history=_read_history(options["history"]), smtp_sink=options["smtp_sink"], gateway_ledger=options["gateway_ledger"]
        )
        try:
            findings = check_all(evidence)
        except DatabaseError as error:
            raise CommandError(f"nothing could be checked: {error}", returncode=2) from error
        self._report(findings, as_json=options["json"])
        if any(each.broken for each in findings):
            sys.exit(1)
        if any(each.error for each in findings):
            sys.exit(2)

    def _report(self, findings: list[Finding], *, as_json: bool) -> None:
        if as_json:
            kept = {each.code: {"state": each.state, "rows": each.rows, "broken": each.broken, "error": each.error} for each in findings}
            self.stdout.write(json.dumps(kept, ensure_ascii=False))
            return
        for each in findings:
            self.stdout.write(f"{each.code:<4}{each.state:<12}{each.rows:>9}  {each.rule}")
            for fault in [*each.broken[:SHOWN], *([each.error] if each.error else [])]:
                self.stdout.write(self.style.ERROR(f"    {fault}"))
            if len(each.broken) > SHOWN:
                self.stdout.write(f"    … and {len(each.broken) - SHOWN} more; --json lists them all")


def _read_history(path: Path | None) -> list[dict] | None:
    if path is None:
        return None
    try:
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, ValueError) as error:
        raise CommandError(f"the history cannot be read: {error}", returncode=2) from error
