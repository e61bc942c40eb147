"""The list of erasures, outside the database: after a restore it says what must be erased again.

One JSON object a line in ``erasures.jsonl`` of the data folder: numbers of complaints and rows of customers, which name nobody.
"""

import json
import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils import timezone

NAME = "erasures.jsonl"


@dataclass(frozen=True)
class Erasure:
    """One line of the list."""

    at: str
    complaints: tuple[str, ...]
    customers: tuple[int, ...]


def list_path() -> Path:
    return Path(settings.DATA_DIR) / NAME


def note_erasure(complaints: Collection[str], customers: Collection[int]) -> None:
    """Append a line and wait until it is on disk."""
    line = json.dumps({"at": timezone.now().isoformat(), "complaints": list(complaints), "customers": list(customers)})
    list_path().parent.mkdir(parents=True, exist_ok=True)
    with list_path().open("a", encoding="utf-8") as target:
        target.write(line + "\n")
        target.flush()
        os.fsync(target.fileno())


def read_erasures() -> Iterator[Erasure]:
    """Every line, oldest first. A line that a crash cut short was never followed by its commit and is passed over."""
    if not list_path().is_file():
        return
    for line in list_path().read_text(encoding="utf-8").splitlines():
        try:
            known = json.loads(line)
        except json.JSONDecodeError:
            continue
        yield Erasure(known["at"], tuple(known["complaints"]), tuple(known["customers"]))
