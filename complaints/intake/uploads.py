"""Evidence on its way in: each file checked and stored, its row added to a visitor's draft, and the words for those refused."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from complaints.models import Attachment, Draft
from complaints.registry import kept_above
from foundation.failpoints import failpoint
from foundation.files import MEGABYTE, StoredFile, UploadRefusedError, accept_upload, delete_file, list_orphans
from knowledge.access import kept_files

MOST_FILES = 9
MOST_BYTES = 300 * MEGABYTE
UNCLAIMED_FOR = timedelta(hours=24)


@dataclass(frozen=True)
class Refusal:
    """A file that was not taken, and why."""

    name: str
    text: str

    def __str__(self) -> str:
        return f"{self.name}: {self.text}" if self.name else self.text


def store_files(files: Iterable[UploadedFile]) -> tuple[list[StoredFile], list[Refusal]]:
    """Check and store files; one that is refused harms none of the others. Touches no table."""
    stored, refusals = [], []
    for file in files:
        if len(stored) >= MOST_FILES:
            refusals.append(too_many(file.name))
            continue
        try:
            stored.append(accept_upload(file))
        except UploadRefusedError as error:
            refusals.append(Refusal(file.name, str(error.text)))
    return stored, refusals


def new_attachment(stored: StoredFile, **owner) -> Attachment:
    """An unsaved row for a stored file; ``owner`` says whose it is (draft, complaint, message, uploaded_by, is_internal)."""
    copies = stored.id if stored.is_image else ""
    return Attachment(
        key=stored.id,
        kind=Attachment.Kind.IMAGE if stored.is_image else Attachment.Kind.VIDEO,
        name=stored.name,
        media_type=stored.content_type,
        size=stored.size,
        sha256=stored.sha256,
        path=stored.id,
        preview_path=copies,
        thumb_path=copies,
        width=stored.width,
        height=stored.height,
        taken_at=stored.captured_at,
        **owner,
    )


def add_to_draft(draft: Draft, files: Iterable[UploadedFile]) -> tuple[list[Attachment], list[Refusal]]:
    """Store files and add them to a draft, as many as it may hold."""
    stored, refusals = store_files(files)
    with transaction.atomic():
        Draft.objects.select_for_update().get(pk=draft.pk)
        held = list(Attachment.objects.filter(draft=draft).values_list("size", flat=True))
        kept, left_over = _within_limits(stored, count=len(held), size=sum(held))
        rows = Attachment.objects.bulk_create([new_attachment(each, draft=draft) for each in kept])
    failpoint("evidence.after_commit")
    for each in left_over:
        delete_file(each.id)
        refusals.append(too_many(each.name))
    return rows, refusals


def remove_from_draft(draft: Draft, key: str) -> bool:
    """Take a file out of a draft and off the disk; False when this draft has no such file."""
    removed, _rows = Attachment.objects.filter(draft=draft, key=key).delete()
    if removed:
        delete_file(key)
    return bool(removed)


def keep_waiting(stored: list[StoredFile]) -> list[Attachment]:
    """Rows for files of a customer's message that is not sent yet; a day later they are forgotten."""
    return Attachment.objects.bulk_create([new_attachment(each) for each in stored]) if stored else []


def waiting_files(ids: list[int]) -> list[Attachment]:
    """Those of these files that still wait for their message."""
    if not ids:
        return []
    return list(Attachment.objects.filter(pk__in=ids, complaint__isnull=True, draft__isnull=True, uploaded_by__isnull=True).order_by("pk"))


def forget_unclaimed_files() -> int:
    """Delete rows that no draft and no complaint has claimed for a day, and then files on disk without a row; returns how many."""
    late = timezone.now() - UNCLAIMED_FOR
    Attachment.objects.filter(complaint__isnull=True, draft__isnull=True, created_at__lt=late).delete()
    lost = list(list_orphans(known_files, older_than=UNCLAIMED_FOR))
    for key in lost:
        delete_file(key)
    return len(lost)


def known_files(paths: list[str]) -> set[str]:
    """Those of these files that a row needs; a file may belong to several rows, which then have names of their own."""
    return set(Attachment.objects.filter(path__in=paths).values_list("path", flat=True)) | kept_files(paths) | kept_above(paths)


def delete_unshared(path: str) -> None:
    """Remove a file that no row needs any more."""
    if not known_files([path]):
        delete_file(path)


def too_many(name: str) -> Refusal:
    return Refusal(
        name, _("Not added. At most %(count)d files, %(size)d MB together.") % {"count": MOST_FILES, "size": MOST_BYTES // MEGABYTE}
    )


def _within_limits(stored: list[StoredFile], *, count: int, size: int) -> tuple[list[StoredFile], list[StoredFile]]:
    kept, left_over = [], []
    for each in stored:
        fits = count < MOST_FILES and size + each.size <= MOST_BYTES
        (kept if fits else left_over).append(each)
        count, size = count + fits, size + each.size * fits
    return kept, left_over
