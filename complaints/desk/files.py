"""Files on the desk: uploads of a reply that is being written, and evidence to look at."""

from django.http import FileResponse, Http404, HttpRequest
from django.utils.http import content_disposition_header

from accounts.models import AccessLog, User
from accounts.services import record_access
from complaints import access
from complaints.desk.doors import desk_view
from complaints.intake.uploads import MOST_FILES, Refusal, new_attachment, store_files, too_many
from complaints.models import Attachment
from foundation.files import delete_file, file_path

LONGEST_KEY = 43
INLINE = {"preview": "image/jpeg", "thumb": "image/jpeg"}


def take_uploads(request: HttpRequest, name: str = "files") -> tuple[list[Attachment], list[Refusal]]:
    """The files of a form: those uploaded while it was written and those that come with it now. Unsent, nobody else sees them."""
    kept = list(waiting_uploads(request.POST.getlist("attachments"), by=request.user))
    stored, refusals = store_files(request.FILES.getlist(name))
    room = MOST_FILES - len(kept)
    for each in stored[room:]:
        delete_file(each.id)
        refusals.append(too_many(each.name))
    rows = [new_attachment(each, uploaded_by=request.user) for each in stored[:room]]
    return [*kept, *(Attachment.objects.bulk_create(rows) if rows else [])], refusals


def waiting_uploads(keys: list[str], *, by: User):
    """Own uploads that belong to no complaint yet."""
    wanted = [key for key in keys[:MOST_FILES] if 0 < len(key) <= LONGEST_KEY]
    if not wanted:
        return []
    return Attachment.objects.filter(key__in=wanted, uploaded_by=by, complaint__isnull=True, draft__isnull=True).order_by("pk")


def forget_upload(key: str, *, by: User) -> bool:
    """Remove an own upload that was not sent."""
    removed, _rows = Attachment.objects.filter(key=key, uploaded_by=by, complaint__isnull=True, draft__isnull=True).delete()
    if removed:
        delete_file(key)
    return bool(removed)


@desk_view(permission="complaints.view_evidence")
def show_file(request, number, key, variant):
    """A file of a visible complaint, or an own upload not sent yet. Opening an original is written down."""
    complaint = access.complaint_for(request.user, number)
    file = access.files_of(complaint, is_staff=True).filter(key=key).first() or waiting_uploads([key], by=request.user).first()
    if file is None:
        raise Http404
    if variant == "original":
        record_access(AccessLog.Act.DOWNLOAD, file, by=request.user, field=file.name[:40], network=request.META.get("REMOTE_ADDR"))
    return _stream(file, variant)


def _stream(file: Attachment, variant: str) -> FileResponse:
    """Re-encoded copies are shown, originals are only handed out."""
    kept = {"preview": file.preview_path, "thumb": file.thumb_path, "original": file.path}[variant]
    path = file_path(kept, variant) if kept else None
    if path is None or not path.is_file():
        raise Http404
    response = FileResponse(path.open("rb"), content_type=INLINE.get(variant) or file.media_type)
    is_inline = variant in INLINE
    response.headers["Content-Disposition"] = content_disposition_header(not is_inline, file.name) or "inline"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
