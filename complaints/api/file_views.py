"""Files for machines: upload first, then name the id in a complaint or message; read them back."""

from django.http import FileResponse, Http404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import exceptions, parsers, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import AccessLog
from accounts.services import record_access
from complaints.api import read
from complaints.api.access import file_of
from complaints.api.base import Scope, TokenContext
from complaints.api.uploads import store_upload
from complaints.api.views import REFUSALS
from complaints.models import Attachment
from foundation.files import file_path

SANDBOX = "sandbox; default-src 'none'"
UPLOAD = inline_serializer("AttachmentWrite", {"file": serializers.FileField()})


class AttachmentsView(TokenContext, APIView):
    """Uploads one image or video. What no complaint takes within a day is deleted."""

    parser_classes = [parsers.MultiPartParser]
    scopes = {"post": (Scope.COMPLAINTS_CREATE, Scope.COMPLAINTS_WRITE, Scope.NOTES, Scope.WMS)}

    @extend_schema(request={"multipart/form-data": UPLOAD}, responses={201: read.AttachmentRead, **REFUSALS})
    def post(self, request):
        file = request.FILES.get("file")
        if file is None or len(request.FILES) > 1:
            raise exceptions.ValidationError({"file": [_("Send one file in the field file.")]})
        attachment, refusals = store_upload(file, by=request.user)
        if attachment is None:
            raise exceptions.ValidationError({"file": [refusal.text for refusal in refusals]})
        return Response(read.AttachmentRead(attachment).data, status=201)


class AttachmentView(TokenContext, APIView):
    """What is known of a file."""

    scopes = {"get": Scope.COMPLAINTS_READ}

    @extend_schema(responses={200: read.AttachmentRead, 404: read.ProblemRead})
    def get(self, request, key):
        return Response(read.AttachmentRead(self.attachment(key)).data)

    def attachment(self, key: str) -> Attachment:
        file = file_of(self.request.auth, key, sees_internal=Scope.NOTES in self.request.auth.scopes)
        if file is None:
            raise Http404
        return file


class AttachmentContentView(AttachmentView):
    """The re-encoded picture; with the scope `pii` the original, which may carry place and owner, and that is written down."""

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, 403: read.ProblemRead, 404: read.ProblemRead})
    def get(self, request, key):
        file = self.attachment(key)
        if self.sees_personal:
            network = request.META.get("REMOTE_ADDR")
            record_access(AccessLog.Act.DOWNLOAD, file, by=request.user, field="original", reason="API", network=network)
            return _send(file, "original", file.media_type)
        if not file.preview_path:
            raise exceptions.PermissionDenied(_("This file has no re-encoded copy; the original needs the scope pii."))
        return _send(file, "preview", "image/jpeg")


def _send(file: Attachment, variant: str, media_type: str) -> FileResponse:
    try:
        content = file_path(file.path, variant).open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(content, as_attachment=True, filename=file.name, content_type=media_type)
    response.headers["Content-Security-Policy"] = SANDBOX
    return response
