"""The demo gateway's own book of facts: a file that only grows, one JSON line per fact, on the disk before anybody is told.

A kill at any moment leaves whole lines and at most one torn last line. That one was never confirmed to anybody: readers ignore it,
and the next writer cuts it off.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from typing import Any

Fact = dict[str, Any]


class LedgerError(Exception):
    """The ledger cannot be used: another process writes it, or somebody changed its lines."""


class Ledger:
    """The one writer of a ledger file, safe between threads. ``facts`` is everything written so far, in order.

    Facts are numbered by ``seq`` from 1 on without a gap. Raises ``LedgerError`` when another process has the file open for writing.
    """

    def __init__(self, path: Path):
        self._lock = Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            self._claim(path)
            self.facts = list(read_facts(path))
            self._cut_torn_line(path)
        except BaseException:
            os.close(self._file)
            raise

    def append(self, **fact: Any) -> Fact:
        """Write one fact and return it when it is on the disk. When that fails, nothing of it stays in the file."""
        with self._lock:
            fact = {"seq": len(self.facts) + 1, **fact}
            line = json.dumps(fact, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
            try:
                self._write(line)
            except OSError:
                os.ftruncate(self._file, self._size)
                raise
            self._size += len(line)
            self.facts.append(fact)
            return fact

    def close(self) -> None:
        """Let go of the file. The lock goes with it."""
        with self._lock:
            os.close(self._file)
            self._file = -1

    def _write(self, line: bytes) -> None:
        rest = line
        while rest:
            rest = rest[os.write(self._file, rest) :]
        os.fsync(self._file)

    def _claim(self, path: Path) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LedgerError(f"{path} is written by another process") from None

    def _cut_torn_line(self, path: Path) -> None:
        """Without this the next fact would be written behind the torn one and both be lost."""
        whole = path.read_bytes()
        self._size = whole.rfind(b"\n") + 1
        if self._size < len(whole):
            os.ftruncate(self._file, self._size)
        os.fsync(self._file)
        sync_folder(path.parent)


def read_facts(path: Path) -> Iterator[Fact]:
    """Every whole line of a ledger, also while another process writes it. Raises ``LedgerError`` for a line that is no fact in order."""
    *lines, _torn = path.read_bytes().split(b"\n")
    for number, line in enumerate(lines, start=1):
        try:
            fact = json.loads(line)
            seq = fact["seq"]
        except (ValueError, TypeError, KeyError):
            seq = None
        if seq != number:
            raise LedgerError(f"{path}: line {number} is no fact")
        yield fact


def sync_folder(folder: Path) -> None:
    """A new file is there after a power cut only when its folder is on the disk too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
