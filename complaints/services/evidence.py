"""Files: they come in by a draft or an agent's upload and belong to a complaint from then on."""

from collections.abc import Collection
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from complaints.models import Attachment, Complaint, Draft, Message
from complaints.services.act import Act
from foundation.exceptions import Reason, RefusedError

LOST_FILES = Reason("files_gone", _("A file is no longer there."), _("Add it again."))


def claim_files(
    complaint: Complaint,
    *,
    message: Message | None = None,
    ids: Collection[int] = (),
    draft: Draft | None = None,
    by: Any = None,
    is_internal=False,
) -> list[Attachment]:
    """Give waiting files to a complaint: all of a draft's, or the listed ones that this draft or this uploader brought.

    ``by`` is the account that uploaded them, None for a customer without one; nobody's files are taken for anybody else.
    """
    if not ids and draft is None:
        return []
    waiting = Attachment.objects.filter(complaint__isnull=True)
    owned = Q(draft=draft) if draft is not None else Q(draft__isnull=True, uploaded_by=by)
    chosen = waiting.filter(owned, pk__in=ids) if ids else waiting.filter(owned)
    files = list(chosen.select_for_update(no_key=True).order_by("pk"))
    if ids and len(files) != len(set(ids)):
        raise RefusedError([LOST_FILES])
    if files:
        Attachment.objects.filter(pk__in=[file.pk for file in files]).update(
            draft=None, complaint=complaint, message=message, is_internal=is_internal
        )
    return files


def file_codes(files: list[Attachment]) -> dict[str, Any]:
    """What the chain keeps of files for ever: numbers and the hashes of the originals."""
    return {"files": [{"id": file.pk, "sha256": file.sha256, "size": file.size} for file in files]}


def note_files(act: Act, files: list[Attachment]) -> None:
    if files:
        act.note("evidence.added", codes=file_codes(files))


def forget_stale_drafts(limit: int = 500) -> int:
    """Delete drafts past their seven days with the rows of their files; the files themselves go by their own sweep."""
    stale = list(Draft.objects.filter(expires_at__lt=timezone.now()).order_by("expires_at").values_list("pk", flat=True)[:limit])
    Draft.objects.filter(pk__in=stale).delete()
    return len(stale)
