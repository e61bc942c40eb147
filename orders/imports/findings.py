"""What an import found odd or had to leave out."""

import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from orders.models import ImportFinding, ImportRun
from ui.exports.cells import guard_cell

LONGEST_TEXT = 400
QUOTED = 60


@dataclass(frozen=True, slots=True)
class Finding:
    """One row: why it was rejected, or what is odd about it although it was taken."""

    kind: str
    file: str
    line: int
    code: str
    text: str


class Findings:
    """All findings of a run, in the order in which they were made."""

    def __init__(self) -> None:
        self.all: list[Finding] = []
        self._stored = 0

    def reject(self, file: str, line: int, code: str, text: str) -> None:
        self._add(ImportFinding.Kind.REJECTED, file, line, code, text)

    def odd(self, file: str, line: int, code: str, text: str) -> None:
        self._add(ImportFinding.Kind.ODD, file, line, code, text)

    def by_code(self) -> dict[tuple[str, str], int]:
        """How often each code came up, by kind and code."""
        counted = Counter((finding.kind, finding.code) for finding in self.all)
        return dict(sorted(counted.items()))

    def store(self, run: ImportRun) -> None:
        """Write the findings that are not written yet."""
        new = self.all[self._stored :]
        ImportFinding.objects.bulk_create(
            ImportFinding(run=run, kind=each.kind, file=each.file, line=each.line, code=each.code, text=each.text) for each in new
        )
        self._stored = len(self.all)

    def write_csv(self, path: Path) -> None:
        """Write the report; no cell of it can act as a formula in a spreadsheet."""
        with path.open("w", encoding="utf-8-sig", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["kind", "file", "line", "code", "reason"])
            for each in sorted(self.all, key=lambda finding: (finding.file, finding.line)):
                writer.writerow([each.kind, guard_cell(each.file), each.line, each.code, guard_cell(each.text)])

    def _add(self, kind: str, file: str, line: int, code: str, text: str) -> None:
        self.all.append(Finding(kind, file, line, code, text[:LONGEST_TEXT]))


def quote(text: str) -> str:
    """A short, harmless picture of what stood in a cell."""
    shown = text if len(text) <= QUOTED else f"{text[:QUOTED]}…"
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in shown)
