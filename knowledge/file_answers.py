"""A file of an article as an answer: the re-encoded copy of a picture, everything else as a download. Who may ask is settled before."""

from django.http import FileResponse, Http404

from foundation.files import file_path
from knowledge.models import ArticleFile

JPEG = "image/jpeg"
SANDBOX = "sandbox; default-src 'none'"


def answer_file(file: ArticleFile, *, size: str = "") -> FileResponse:
    """The file itself; ``size`` "thumb" is a small copy of a picture. Raises ``Http404`` where it is not on disk."""
    is_picture = file.media_type.startswith("image/")
    variant = "thumb" if size == "thumb" else "preview"
    try:
        content = file_path(file.key, variant if is_picture else "original").open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    kind = {"content_type": JPEG} if is_picture else {"content_type": file.media_type, "as_attachment": True, "filename": file.name}
    response = FileResponse(content, **kind)
    response.headers["Content-Security-Policy"] = SANDBOX
    return response
