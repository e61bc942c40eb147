"""Where files that were made for people lie until they are fetched: a folder of their own, which no backup needs."""

import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.conf import settings

from analytics.models import ListExport


def path_of(export: ListExport) -> Path:
    """Each try has a file of its own, so that a worker that comes back late writes into nobody's."""
    return settings.BIHUAN_EXPORTS / f"{export.key}-{export.fence}"


def keep_file(export: ListExport, pieces: Iterable[bytes]) -> int:
    """Write a file and see it safely on disk; returns how many bytes it has."""
    path = path_of(export)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("wb") as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
        return file.tell()


def forget_files(*, before: datetime) -> int:
    """Delete files that were finished, or given up half-written, before a moment; returns how many."""
    folder = settings.BIHUAN_EXPORTS
    old = [path for path in folder.iterdir() if _is_older(path, before)] if folder.is_dir() else []
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _is_older(path: Path, before: datetime) -> bool:
    try:
        return path.stat().st_mtime < before.timestamp()
    except FileNotFoundError:
        return False
