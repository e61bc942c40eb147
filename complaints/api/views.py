"""Views of the API: access → input → service → answer. Another shop's complaint does not exist (404)."""

from django.db import transaction
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, mixins, viewsets
from rest_framework.decorators import action
from rest_framework.fields import DateTimeField
from rest_framework.response import Response

from complaints import services
from complaints.access import files_of, thread_of
from complaints.api import read, written
from complaints.api.access import complaints_of, filed_before, order_of
from complaints.api.base import Scope, TokenContext
from complaints.api.filing import filing_of
from complaints.api.uploads import own_uploads
from complaints.api.verbs import VERBS
from complaints.lifecycle import Status
from complaints.models import Complaint, Message
from foundation.rest import RequestKey, claim_key

KEY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER, description="Repeats of one act carry one key; another body with it answers 409."
)
REFUSALS = dict.fromkeys((400, 403, 404, 409), read.ProblemRead)
FILTERS = [
    OpenApiParameter("status", str, enum=Status.values),
    OpenApiParameter("category", str, description="Code of the category."),
    OpenApiParameter("order", str, description="External id or number of the order."),
    OpenApiParameter("filed_since", OpenApiTypes.DATETIME),
]


class ComplaintViewSet(TokenContext, mixins.ListModelMixin, viewsets.GenericViewSet):
    """Complaints of the token's shop, newest first."""

    serializer_class = read.ComplaintRead
    lookup_field = "number"
    lookup_value_regex = "[^/]+"
    keyset_order = ("-id",)
    scopes = {
        "list": Scope.COMPLAINTS_READ,
        "retrieve": Scope.COMPLAINTS_READ,
        "create": Scope.COMPLAINTS_CREATE,
        "verbs": Scope.COMPLAINTS_READ,
        "messages": Scope.COMPLAINTS_READ,
        "reply": Scope.COMPLAINTS_WRITE,
        "note": Scope.NOTES,
        "customer_message": Scope.COMPLAINTS_CREATE,
        "attachments": Scope.COMPLAINTS_READ,
    }

    def get_queryset(self):
        return complaints_of(self.request.auth)

    def filter_queryset(self, rows):
        asked = self.request.query_params
        if asked.get("status"):
            rows = rows.filter(status=asked["status"])
        if asked.get("category"):
            rows = rows.filter(category__code=asked["category"])
        if asked.get("order"):
            order = order_of(self.request.auth.merchant, asked["order"])
            rows = rows.filter(order=order) if order else rows.none()
        return rows.filter(filed_at__gte=_read_time(asked["filed_since"])) if asked.get("filed_since") else rows

    @extend_schema(parameters=FILTERS, responses={200: read.ComplaintRead(many=True), 400: read.ProblemRead})
    def list(self, request, *args, **kwargs):
        response = super().list(request, *args, **kwargs)
        self.note_reading(self.paginator.page.rows)
        return response

    @extend_schema(responses={200: read.ComplaintRead, 404: read.ProblemRead})
    def retrieve(self, request, number):
        return self.show(self.find(number))

    @extend_schema(parameters=[KEY], request=written.ComplaintWrite, responses={201: read.ComplaintRead, **REFUSALS})
    def create(self, request):
        values = self.take_in(written.ComplaintWrite)
        with transaction.atomic():
            key = claim_key(request)
            complaint = self._filed_before(key) or self._file(values, key)
        return self.show(complaint, status=201)

    @extend_schema(responses={200: read.VerbRead(many=True), 404: read.ProblemRead})
    @action(detail=True, pagination_class=None)
    def verbs(self, request, number):
        explained = services.explain_verbs(self.find(number, "order", "category"), request.user)
        return Response(read.VerbRead([each for each in explained if each["verb"] in VERBS], many=True).data)

    @extend_schema(responses={200: read.MessageRead(many=True), 404: read.ProblemRead})
    @action(detail=True, pagination_class=None)
    def messages(self, request, number):
        complaint = self.find(number)
        sees_notes = Scope.NOTES in request.auth.scopes
        thread = thread_of(complaint, is_staff=True).select_related("author").prefetch_related("attachments")
        shown = thread if sees_notes else thread.exclude(kind=Message.Kind.NOTE)
        self.note_reading([complaint])
        return Response(read.MessageRead(shown, many=True, context=self.get_serializer_context()).data)

    @extend_schema(parameters=[KEY], request=written.ReplyWrite, responses={201: read.MessageRead, **REFUSALS})
    @messages.mapping.post
    def reply(self, request, number):
        return self._write(number, written.ReplyWrite, services.post_reply)

    @extend_schema(parameters=[KEY], request=written.NoteWrite, responses={201: read.MessageRead, **REFUSALS})
    @action(detail=True, methods=["post"], url_path="notes")
    def note(self, request, number):
        return self._write(number, written.NoteWrite, services.post_note)

    @extend_schema(parameters=[KEY], request=written.CustomerMessageWrite, responses={201: read.MessageRead, **REFUSALS})
    @action(detail=True, methods=["post"], url_path="customer-messages")
    def customer_message(self, request, number):
        return self._write(number, written.CustomerMessageWrite, _post_for_customer)

    @extend_schema(responses={200: read.AttachmentRead(many=True), 404: read.ProblemRead})
    @action(detail=True, pagination_class=None)
    def attachments(self, request, number):
        files = files_of(self.find(number), is_staff=Scope.NOTES in request.auth.scopes)
        return Response(read.AttachmentRead(files, many=True).data)

    def _write(self, number: str, takes, service) -> Response:
        complaint = self.find(number)
        values = self.take_in(takes)
        keys = values.pop("attachments", ())
        with transaction.atomic():
            key = claim_key(self.request)
            files = [] if key.is_repeat else own_uploads(keys, by=self.request.user)
            message = service(complaint, by=self.request.user, attachments=files, request_id=key.id, **values)
        return Response(read.MessageRead(message, context=self.get_serializer_context()).data, status=201)

    def _filed_before(self, key: RequestKey) -> Complaint | None:
        return filed_before(self.request.user, key.id) if key.is_repeat else None

    def _file(self, values: dict, key: RequestKey) -> Complaint:
        return services.file_complaint(filing_of(values, token=self.request.auth), by=self.request.user, request_id=key.id)


def _post_for_customer(complaint: Complaint, *, by, **words) -> Message:
    return services.post_customer_message(complaint, channel=Complaint.Channel.API, uploaded_by=by, **words)


def _read_time(text: str):
    try:
        return DateTimeField().to_internal_value(text)
    except exceptions.ValidationError as error:
        raise exceptions.ValidationError({"filed_since": error.detail}) from None
