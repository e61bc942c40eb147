"""Pictures for the warehouse: those of the customer and of the inspectors, re-encoded and never the original."""

from django.http import FileResponse, Http404

from complaints import access as complaints
from foundation.files import file_path
from workflows.access import case_for
from workflows.scan.doors import scan_view
from workflows.services.unclaimed import unclaimed_for


@scan_view()
def show_photo(request, number, key, variant):
    """A picture of a case whose goods come to a warehouse of theirs, or one that they have just uploaded themselves."""
    case = case_for(request.user, number, "complaint")
    shown = complaints.files_of(case.complaint, is_staff=False).filter(key=key).first()
    file = shown or complaints.waiting_uploads(request.user, [key]).first()
    if file is None:
        raise Http404
    return picture_of(file.preview_path if variant == "preview" else file.thumb_path, variant)


@scan_view()
def show_unclaimed(request, parcel_id, key, variant):
    row = unclaimed_for(request.user).filter(pk=parcel_id).first()
    if row is None or key not in {photo["id"] for photo in row.photos}:
        raise Http404
    return picture_of(key, variant)


def picture_of(kept: str, variant: str) -> FileResponse:
    """A re-encoded copy, or 404."""
    path = file_path(kept, variant) if kept else None
    if path is None or not path.is_file():
        raise Http404
    response = FileResponse(path.open("rb"), content_type="image/jpeg")
    response.headers["Content-Disposition"] = "inline"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
