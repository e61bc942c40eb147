"""Files of the public pages: adding to a draft, taking out of it, and showing what somebody may see."""

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from complaints.access import file_for
from complaints.intake import drafts, submission
from complaints.intake.links import opened_links
from complaints.intake.uploads import add_to_draft, remove_from_draft
from complaints.models import Attachment
from complaints.portal.answers import is_flooding, see_other
from foundation.crypto import digest_token
from foundation.files import file_path

UPLOADS_PER_NETWORK = 300
JPEG = "image/jpeg"
SANDBOX = "sandbox; default-src 'none'"


@require_POST
def upload_file(request: HttpRequest) -> HttpResponse:
    """One file for the draft, sent by scripts as soon as it is chosen."""
    token = drafts.draft_token(request) or drafts.new_token()
    if is_flooding(request, "upload", UPLOADS_PER_NETWORK):
        return JsonResponse({"error": _("Many files came from your network. Please try again in ten minutes.")}, status=429)
    if drafts.save_draft(token, {}) is None:
        token = drafts.new_token()
        drafts.save_draft(token, {})
    rows, refusals = add_to_draft(drafts.find_draft(token), request.FILES.getlist("file")[:1])
    response = JsonResponse(_uploaded(rows[0]), status=201) if rows else JsonResponse({"error": _why(refusals)}, status=422)
    drafts.keep_token(response, token)
    return response


def _uploaded(file: Attachment) -> dict[str, str]:
    thumb = f"{reverse('complaints:file', args=[file.key])}?size=thumb" if file.thumb_path else ""
    return {"id": file.key, "thumb_url": thumb, "remove_url": reverse("complaints:filing-file-remove", args=[file.key])}


def _why(refusals: list) -> str:
    return refusals[0].text if refusals else _("No file arrived. Please choose it again.")


@require_POST
def remove_file(request: HttpRequest, key: str) -> HttpResponse:
    """Take a file out of the draft. Without scripts the whole page comes along, and what it holds is kept."""
    token = drafts.draft_token(request)
    draft = drafts.find_draft(token)
    if draft is None or not remove_from_draft(draft, key):
        raise Http404
    drafts.save_draft(token, submission.raw_answers(request.POST))
    return see_other(reverse("complaints:filing") + "#evidence-field")


@require_POST
def save_draft(request: HttpRequest) -> HttpResponse:
    """What page one holds right now, sent by scripts while somebody types."""
    token = drafts.draft_token(request)
    if not token or is_flooding(request, "draft", UPLOADS_PER_NETWORK * 4):
        return HttpResponse(status=204 if not token else 429)
    drafts.save_draft(token, submission.raw_answers(request.POST))
    return HttpResponse(status=204)


@require_http_methods(["GET", "HEAD"])
def show_file(request: HttpRequest, key: str) -> HttpResponse:
    """A file for its customer: re-encoded copies in the page, originals only as a download. Staff have their own address."""
    token = drafts.draft_token(request)
    file = file_for(key, link_ids=opened_links(request), draft_digest=digest_token(token) if token else "")
    size = request.GET.get("size", "preview")
    if size in ("preview", "thumb") and file.preview_path:
        return protected(FileResponse(_open(file, size), content_type=JPEG))
    return protected(FileResponse(_open(file, "original"), as_attachment=True, filename=file.name, content_type=file.media_type))


def _open(file: Attachment, variant: str):
    try:
        return file_path(file.path, variant).open("rb")
    except FileNotFoundError as error:
        raise Http404 from error


def protected(response: HttpResponse) -> HttpResponse:
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
