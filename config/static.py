"""Collects static files only when one of them changed, so that a second start loses no time on it."""

import fcntl
import hashlib
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

STAMP = ".collected"


def collect_stale() -> bool:
    """Collect, hash and compress the static files unless they are as they were; returns whether there was anything to do."""
    stamp = Path(settings.STATIC_ROOT) / STAMP
    stamp.parent.mkdir(parents=True, exist_ok=True)
    with stamp.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        fingerprint = fingerprint_static()
        if stamp.exists() and stamp.read_text() == fingerprint:
            return False
        forget_copies()
        call_command("collectstatic", interactive=False, verbosity=0)
        stamp.write_text(fingerprint)
    return True


def forget_copies() -> None:
    """Remove the copies under their plain names, or files of the same second would pass for unchanged.

    Hashed names stay: they never change, and another house may be serving them.
    """
    for path, _ in static_sources():
        (Path(settings.STATIC_ROOT) / path).unlink(missing_ok=True)


def fingerprint_static() -> str:
    """A digest over path, size and time of every static file, without reading any."""
    digest = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for path, source in static_sources():
        facts = source.stat()
        digest.update(f"{path}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def static_sources() -> Iterator[tuple[str, Path]]:
    for finder in get_finders():
        for path, storage in finder.list([]):
            yield path, Path(storage.path(path))
