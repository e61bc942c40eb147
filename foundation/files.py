"""Taking in strangers' files: limits before anything is decoded, copies to serve, and the untouched original as evidence.

Each file is a folder ``MEDIA_ROOT/ab/cd/<id>/`` with ``original``, and for pictures ``preview`` and ``thumb`` (both JPEG). The id
is random; the visitor's file name is kept as text only. A folder is filled elsewhere, synced, and moved into place by one rename.
"""

import hashlib
import logging
import os
import re
import secrets
import shutil
import time
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.failpoints import failpoint
from foundation.image_pool import ImageChildError, reencode_image

logger = logging.getLogger(__name__)
MEGABYTE = 1024**2
LONGEST_NAME = 120
VARIANTS = ("original", "preview", "thumb")
FILE_ID = re.compile(r"[0-9a-f]{32}")
WINDOWS_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


class UploadRefusedError(Exception):
    """A file that is not taken; ``text`` tells the visitor why and what to do. HTTP 422."""

    status_code = 422

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


@dataclass(frozen=True)
class FileType:
    """A type that is taken in."""

    label: str
    content_type: str
    extensions: tuple[str, ...]

    @property
    def is_image(self) -> bool:
        return self.content_type.startswith("image/")


@dataclass(frozen=True)
class StoredFile:
    """What is known about a file that is safely on disk. ``name`` is text for people and never part of a path."""

    id: str
    name: str
    content_type: str
    size: int
    sha256: str
    width: int | None = None
    height: int | None = None
    captured_at: datetime | None = None

    @property
    def is_image(self) -> bool:
        return self.content_type.startswith("image/")


JPEG = FileType("JPEG", "image/jpeg", ("jpg", "jpeg", "jpe", "jfif"))
PNG = FileType("PNG", "image/png", ("png",))
GIF = FileType("GIF", "image/gif", ("gif",))
WEBP = FileType("WebP", "image/webp", ("webp",))
AVIF = FileType("AVIF", "image/avif", ("avif",))
HEIC = FileType("HEIC", "image/heic", ("heic", "heif"))
MP4 = FileType("MP4", "video/mp4", ("mp4", "m4v"))

MAGIC = ((b"\xff\xd8\xff", JPEG), (b"\x89PNG\r\n\x1a\n", PNG), (b"GIF87a", GIF), (b"GIF89a", GIF))
# Brands of ISO base media files (AVIF, HEIC and MP4 share one container), as the type's own specification registers them.
BRANDS = (
    (AVIF, {b"avif", b"avis"}),
    (HEIC, {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}),
    (MP4, {b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"M4VH", b"M4VP", b"MSNV", b"dash"}),
)


def accept_upload(file: File) -> StoredFile:
    """Check a file, store its original and the copies to serve, and return what is known of it.

    Does file input and output, so call it outside a transaction and save the row afterwards; a folder without a row is found
    by ``list_orphans``. Raises ``UploadRefusedError`` with words for the visitor.
    """
    found = _recognise(file)
    name = _require_true_name(clean_name(file.name or ""), found)
    _refuse_size(file, found)
    unfinished = Path(settings.MEDIA_ROOT) / "unfinished" / secrets.token_hex(16)
    try:
        stored = _store(file, found, name, unfinished)
    except OSError as error:
        logger.exception("a file could not be stored")
        raise _refuse("not_stored") from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    failpoint("evidence.after_file")
    return stored


def file_path(file_id: str, variant: str = "original") -> Path:
    """Where a stored file is; ``variant`` is original, preview or thumb."""
    if not FILE_ID.fullmatch(file_id) or variant not in VARIANTS:
        raise ValueError("no such file")
    return Path(settings.MEDIA_ROOT) / file_id[:2] / file_id[2:4] / file_id / variant


def delete_file(file_id: str) -> None:
    """Remove the original and its copies for good; a file that is already gone is fine."""
    shutil.rmtree(file_path(file_id).parent, ignore_errors=True)


def list_orphans(known_ids: Callable[[list[str]], set[str]], *, older_than: timedelta = timedelta(hours=24)) -> Iterator[str]:
    """Ids of stored files that no row claims. ``known_ids`` gets up to 500 ids and returns those that have a row.

    Young files are left out: their form may still be open, or their transaction not yet committed.
    """
    latest = time.time() - older_than.total_seconds()
    for shelf in sorted(Path(settings.MEDIA_ROOT).glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]")):
        ids = [folder.name for folder in shelf.iterdir() if FILE_ID.fullmatch(folder.name) and _is_older(folder, latest)]
        for start in range(0, len(ids), 500):
            batch = ids[start : start + 500]
            yield from sorted(set(batch) - known_ids(batch))


def forget_unfinished_files(*, older_than: timedelta = timedelta(hours=24)) -> int:
    """Remove what a killed process left half-written; returns how many folders."""
    latest = time.time() - older_than.total_seconds()
    left_over = [folder for folder in Path(settings.MEDIA_ROOT).glob("unfinished/*") if _is_older(folder, latest)]
    for folder in left_over:
        shutil.rmtree(folder, ignore_errors=True)
    return len(left_over)


def _is_older(folder: Path, latest: float) -> bool:
    """Whether a folder was last changed before a moment; one that somebody has just removed or moved on is nobody's any more."""
    try:
        return folder.stat().st_mtime <= latest
    except FileNotFoundError:
        return False


def clean_name(name: str) -> str:
    """A file name as harmless text: one line, no path, no invisible or direction-changing signs, at most 120 characters."""
    name = unicodedata.normalize("NFKC", name)
    name = "".join(sign for sign in name if unicodedata.category(sign)[0] != "C")
    name = re.split(r"[/\\]", name)[-1].lstrip(". ").rstrip(". ")
    if WINDOWS_DEVICE.match(name):
        name = "_" + name
    stem, dot, extension = name.rpartition(".")
    if dot and len(extension) <= 10:
        name = stem[: LONGEST_NAME - len(extension) - 1] + dot + extension
    return name[:LONGEST_NAME] or "file"


def _recognise(file: File) -> FileType:
    if not file.size:
        raise _refuse("empty")
    file.seek(0)
    head = file.read(64)
    file.seek(0)
    found = sniff(head)
    if found is None:
        raise _refuse("type")
    return found


def sniff(head: bytes) -> FileType | None:
    """The type that the first 64 bytes prove, if it is one that is taken in."""
    for magic, found in MAGIC:
        if head.startswith(magic):
            return found
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head[4:8] != b"ftyp":
        return None
    length = min(int.from_bytes(head[:4], "big"), len(head))
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, length, 4))]
    if brands[0] == b"qt  ":
        return None
    return next((found for found, known in BRANDS if known & set(brands)), None)


def _require_true_name(name: str, found: FileType) -> str:
    """The extension must agree with the content; a name without one gets it."""
    stem, dot, extension = name.rpartition(".")
    if not dot or not stem:
        return f"{name[: LONGEST_NAME - 5]}.{found.extensions[0]}"
    if extension.lower() not in found.extensions:
        raise _refuse("mismatch", extension=extension[:10], type=found.label)
    return name


def _refuse_size(file: File, found: FileType) -> None:
    if file.size > (most := _most_bytes(found)):
        raise _refuse("too_large", size=f"{file.size / MEGABYTE:.0f}", most=most // MEGABYTE)


def _most_bytes(found: FileType) -> int:
    if found.is_image:
        return getattr(settings, "UPLOAD_IMAGE_BYTES", 20 * MEGABYTE)
    return getattr(settings, "UPLOAD_VIDEO_BYTES", 100 * MEGABYTE)


def _store(file: File, found: FileType, name: str, unfinished: Path) -> StoredFile:
    unfinished.mkdir(parents=True)
    size, sha256 = _write_original(file, found, unfinished / "original")
    facts = _make_copies(unfinished) if found.is_image else {}
    final = file_path(unfinished.name).parent
    final.parent.mkdir(parents=True, exist_ok=True)
    _sync_folder(unfinished)
    unfinished.rename(final)
    _sync_folder(final.parent)
    return StoredFile(unfinished.name, name, found.content_type, size, sha256, **facts)


def _write_original(file: File, found: FileType, path: Path) -> tuple[int, str]:
    digest, size, most = hashlib.sha256(), 0, _most_bytes(found)
    with path.open("xb") as target:
        for chunk in file.chunks():
            size += len(chunk)
            if size > most:  # the declared size was a lie
                raise _refuse("too_large", size=f"{size / MEGABYTE:.0f}", most=most // MEGABYTE)
            digest.update(chunk)
            target.write(chunk)
        target.flush()
        os.fsync(target.fileno())
    return size, digest.hexdigest()


def _make_copies(folder: Path) -> dict:
    order = {
        "source": str(folder / "original"),
        "preview": str(folder / "preview"),
        "thumb": str(folder / "thumb"),
        "most_pixels": getattr(settings, "UPLOAD_IMAGE_PIXELS", 40_000_000),
        "most_frames": getattr(settings, "UPLOAD_IMAGE_FRAMES", 100),
    }
    try:
        answer = reencode_image(order)
    except ImageChildError as error:
        raise _refuse(error.code) from error
    if "refused" in answer:
        raise _refuse(answer["refused"], pixels=order["most_pixels"] // 1_000_000, frames=order["most_frames"])
    return {"width": answer["width"], "height": answer["height"], "captured_at": _read_instant(answer["taken_at"])}


def _read_instant(text: str) -> datetime | None:
    """The capture time of a camera; without an offset it is taken as the shop's time, and nonsense as none."""
    for pattern in ("%Y:%m:%d %H:%M:%S%z", "%Y:%m:%d %H:%M:%S"):
        try:
            instant = datetime.strptime(text.strip("\0 "), pattern)
        except ValueError:
            continue
        instant = timezone.make_aware(instant) if timezone.is_naive(instant) else instant
        return instant if instant.year >= 1990 else None
    return None


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refuse(code: str, **values: object) -> UploadRefusedError:
    return UploadRefusedError(code, _refusal_text(code) % values)


def _refusal_text(code: str) -> str:
    texts = {
        "empty": _("This file is empty. Choose it again."),
        "type": _("This type of file cannot be added. Pictures (JPEG, PNG, WebP, GIF, AVIF, HEIC) and MP4 videos can."),
        "mismatch": _("The name ends in .%(extension)s, but the content is %(type)s. Save it again as what it is."),
        "too_large": _("This file has %(size)s MB; up to %(most)s MB are possible."),
        "too_many_pixels": _("This picture is too big: up to %(pixels)s million pixels are possible. Send a smaller one."),
        "too_many_frames": _("This animation is too long: up to %(frames)s frames are possible. Send a picture or a short video."),
        "too_complex": _("This picture cannot be read. Send a screenshot of it instead."),
        "damaged": _("This picture is damaged or incomplete. Choose it again or send a screenshot of it."),
        "busy": _("Many pictures are arriving at the moment. Please add this one again."),
        "not_stored": _("The file could not be saved. Please add it again."),
    }
    return texts[code]
