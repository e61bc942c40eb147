"""Records of a log file, whatever its format: where each stands and what its columns hold."""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

# Under this name a reader hands out what happened, where several columns together say it.
CLASSIFIED = "\x00classified"
CHUNK = 1 << 20
# Packed text of a log is some 20 to 60 times smaller; what is much smaller still was made to fill a disk.
MOST_RATIO = 400
SMALL = 1 << 28


class LogError(Exception):
    """The file cannot be read at all; the text says why."""


@dataclass(frozen=True, slots=True)
class Record:
    """One event or row as it stands in the file. ``fault`` is the code of what is wrong with it; ``place`` the number of its trace."""

    line: int
    cells: Mapping[str, str] = field(default_factory=dict)
    fault: str = ""
    place: int = 0


class LogFile:
    """A file that is read once from its beginning, packed or not, and knows how far it is."""

    def __init__(self, path: Path) -> None:
        self.path, self.size = path, path.stat().st_size
        self._raw = path.open("rb")
        self.is_packed = self._raw.read(2) == b"\x1f\x8b"
        self._raw.seek(0)
        self.stream: BinaryIO = _Guarded(self._raw) if self.is_packed else self._raw

    def __enter__(self) -> "LogFile":
        return self

    def __exit__(self, *error: object) -> None:
        self._raw.close()

    @property
    def done(self) -> int:
        """Bytes of the file that have been read."""
        return self._raw.tell()


class _Guarded(gzip.GzipFile):
    """Unpacks, and refuses what unpacks to far more than any log does."""

    def __init__(self, raw: BinaryIO) -> None:
        super().__init__(fileobj=raw, mode="rb")
        self._raw_file, self._unpacked = raw, 0

    def read(self, size: int = -1) -> bytes:
        found = super().read(size)
        self._unpacked += len(found)
        if self._unpacked > SMALL and self._unpacked > MOST_RATIO * self._raw_file.tell():
            raise LogError(f"The file unpacks to more than {MOST_RATIO} times its size.")
        return found


def digest_of(path: Path) -> str:
    """The SHA-256 of a file."""
    found = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            found.update(chunk)
    return found.hexdigest()
