"""Files of a reply that is being written: kept for their writer until the reply is sent, seen by nobody else."""

from collections.abc import Iterable, Sequence

from django.core.files.uploadedfile import UploadedFile

from accounts.models import User
from complaints.access import waiting_uploads
from complaints.intake.uploads import MOST_FILES, Refusal, new_attachment, store_files, too_many
from complaints.models import Attachment
from foundation.files import delete_file

LONGEST_KEY = 43


def keep_uploads(files: Iterable[UploadedFile], *, by: User, keys: Sequence[str] = ()) -> tuple[list[Attachment], list[Refusal]]:
    """Store files for a writer beside those already kept under ``keys``; returns all of them and the words for what was refused."""
    wanted = [key for key in keys[:MOST_FILES] if 0 < len(key) <= LONGEST_KEY]
    kept = list(waiting_uploads(by, wanted)) if wanted else []
    stored, refusals = store_files(files)
    room = MOST_FILES - len(kept)
    for each in stored[room:]:
        delete_file(each.id)
        refusals.append(too_many(each.name))
    rows = [new_attachment(each, uploaded_by=by) for each in stored[:room]]
    return [*kept, *(Attachment.objects.bulk_create(rows) if rows else [])], refusals


def forget_upload(key: str, *, by: User) -> bool:
    """Remove an own file that was not sent; False when there is none."""
    removed, _rows = waiting_uploads(by, [key]).delete()
    if removed:
        delete_file(key)
    return bool(removed)
