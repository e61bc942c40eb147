"""Files on the desk: uploads of a reply that is being written, and evidence to look at."""

from django.http import FileResponse, Http404, HttpRequest
from django.utils.http import content_disposition_header

from accounts.models import AccessLog
from accounts.services import record_access
from complaints import access
from complaints.desk.doors import desk_view
from complaints.intake.reply_files import keep_uploads
from complaints.intake.uploads import Refusal
from complaints.models import Attachment
from foundation.files import file_path

INLINE = {"preview": "image/jpeg", "thumb": "image/jpeg"}


def take_uploads(request: HttpRequest, name: str = "files") -> tuple[list[Attachment], list[Refusal]]:
    """The files of a form: those uploaded while it was written and those that come with it now."""
    return keep_uploads(request.FILES.getlist(name), by=request.user, keys=request.POST.getlist("attachments"))


@desk_view(permission="complaints.view_evidence")
def show_file(request, number, key, variant):
    """A file of a visible complaint, or an own upload not sent yet. Opening an original is written down."""
    complaint = access.complaint_for(request.user, number)
    file = access.files_of(complaint, is_staff=True).filter(key=key).first() or access.waiting_uploads(request.user, [key]).first()
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
