"""After a restore the database has forgotten what was sent since: money and mail stand still until people have looked.

Each minute a marker is committed to the database and then written to a file beside it, which no restore of the database touches. A file
that is ahead of the database was written by a later life of this same database, and that life is lost.
"""

import json
import logging
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from foundation.leases import worker_name
from foundation.models import Standstill

logger = logging.getLogger(__name__)
NAME = "restore-marker.json"
MOST_AHEAD = timedelta(minutes=2)
_writing = Lock()  # the threads of a process write under one name
SET_BACK = "the database is older than the file beside it"
LOOK = """SELECT (SELECT at FROM foundation_restoremarker WHERE id = 1), (SELECT house::text FROM foundation_restoremarker WHERE id = 1),
    EXISTS (SELECT FROM foundation_standstill WHERE released_at IS NULL)"""
# It never goes back, so that the file is never ahead of it, not even when a clock is put right.
ADVANCE = """INSERT INTO foundation_restoremarker AS marker (id, house, at)
    VALUES (1, gen_random_uuid(), greatest(statement_timestamp(), %s))
    ON CONFLICT (id) DO UPDATE SET at = greatest(marker.at, EXCLUDED.at) RETURNING at, house::text"""


@dataclass(frozen=True)
class Marker:
    """Until when a database is known to have gone on. ``house`` is drawn once for each new database and comes back with its backups."""

    at: datetime
    house: str


def is_standing_still() -> bool:
    """Whether nothing that leaves the house may be sent. Looks at the file each time, so it also holds before the first sweep."""
    marker, is_open = _look()
    return is_open or _is_set_back(marker, read_file())


def keep_marker() -> int:
    """Move the marker on, in the database and then in the file; or notice that the database was set back. A standstill keeps it."""
    if open_standstill() is not None:
        return 0
    _write_file(_advance())
    return 1


def open_standstill() -> Standstill | None:
    """What holds now, begun here where nobody has noticed yet that the database was set back."""
    marker, is_open = _look()
    file = read_file()
    if not is_open and not _is_set_back(marker, file):
        return None
    return stand_still(SET_BACK, remembers_until=marker and marker.at, file_at=file and file.at)


def stand_still(why: str, *, remembers_until: datetime | None = None, file_at: datetime | None = None) -> Standstill:
    """Stop money and mail, or return the standstill that holds already. Told to the log once."""
    marker, _is_open = _look()
    until = remembers_until or (marker.at if marker else timezone.now())
    values = {"why": why[:200], "remembers_until": until, "file_at": file_at}
    standstill, is_new = Standstill.objects.get_or_create(released_at=None, defaults=values)
    if is_new:
        logger.critical("money and mail stand still: %s. It remembers until %s; see manage.py after_restore", why, until)
    return standstill


@transaction.atomic
def end_standstill(standstill: Standstill, *, by_id: int, reason: str) -> None:
    """Let money and mail go on. The marker is moved past the file first, or the file would stop them again."""
    file = read_file()
    marker = _advance(not_before=file and file.at)
    open_rows = Standstill.objects.filter(pk=standstill.pk, released_at=None)
    open_rows.update(released_at=Now(), released_by=by_id, reason=reason[:200])
    transaction.on_commit(lambda: _write_file(marker))
    logger.warning("money and mail go on after the standstill since %s", standstill.since)


def marker_path() -> Path:
    return Path(settings.DATA_DIR) / NAME


def read_file() -> Marker | None:
    """What the file says; None before it was ever written. One that cannot be read stops whoever asks, which is safe."""
    try:
        told = json.loads(marker_path().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return Marker(datetime.fromisoformat(told["at"]), told["house"])


def _is_set_back(marker: Marker | None, file: Marker | None) -> bool:
    """A database without a marker is new, a folder without a file too, and the file of another database says nothing of this one."""
    return marker is not None and file is not None and file.house == marker.house and file.at - marker.at > MOST_AHEAD


def _look() -> tuple[Marker | None, bool]:
    with connection.cursor() as cursor:
        cursor.execute(LOOK)
        at, house, is_open = cursor.fetchone()
    return (Marker(at, house) if at else None), is_open


def _advance(*, not_before: datetime | None = None) -> Marker:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ADVANCE, [not_before])
        return Marker(*cursor.fetchone())


def _write_file(marker: Marker) -> None:
    """Beside its place, synced, then moved there: a reader sees the old one or the new one."""
    path = marker_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{NAME}.{worker_name()}")
    with _writing:
        with unfinished.open("w", encoding="utf-8") as target:
            json.dump({"at": marker.at.isoformat(), "house": marker.house}, target)
            target.flush()
            os.fsync(target.fileno())
        unfinished.replace(path)
