"""Views of cases for machines: access → input → service → answer. Another shop's case does not exist (404)."""

from django.db import transaction
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from complaints.access import find_or_404, of_merchant
from complaints.api.read import ProblemRead
from complaints.api.views import KEY, REFUSALS
from foundation.rest import claim_key
from workflows.access import of_shop
from workflows.api import read, written
from workflows.api.base import READERS, SHOWN_WITH, CaseContext, Scope
from workflows.api.opening import quantities_of
from workflows.cases.explain import explain_case
from workflows.machines.spine import CaseState
from workflows.services.intake import open_case

FILTERS = [
    OpenApiParameter("state", str, enum=[state for state in CaseState.values if state != CaseState.DRAFT]),
    OpenApiParameter("complaint", str, description="Number of the complaint."),
    OpenApiParameter("order", str, description="External id of the order."),
    OpenApiParameter("warehouse", str, description="Code of the warehouse."),
]
COLUMNS = {"state": "state", "complaint": "complaint__number", "order": "order__external_id", "warehouse": "warehouse__code"}


class CaseViewSet(CaseContext, mixins.ListModelMixin, viewsets.GenericViewSet):
    """After-sales cases of the token's shop, newest first."""

    serializer_class = read.CaseRead
    lookup_field = "number"
    lookup_value_regex = "[^/]+"
    keyset_order = ("-id",)
    scopes = {"list": READERS, "retrieve": READERS, "verbs": READERS, "create": Scope.CASES_CREATE}

    def get_queryset(self):
        return of_shop(self.request.auth.merchant).select_related(*SHOWN_WITH)

    def filter_queryset(self, rows):
        asked = self.request.query_params
        return rows.filter(**{column: asked[name] for name, column in COLUMNS.items() if asked.get(name)})

    @extend_schema(parameters=FILTERS, responses={200: read.CaseRead(many=True), 400: ProblemRead})
    def list(self, request, *args, **kwargs):
        return super().list(request, *args, **kwargs)

    @extend_schema(responses={200: read.CaseDetailRead, 404: ProblemRead})
    def retrieve(self, request, number):
        return self.show_case(self.find_case(number))

    @extend_schema(parameters=[KEY], request=written.CaseWrite, responses={201: read.CaseDetailRead, **REFUSALS})
    def create(self, request):
        values = self.take_in(written.CaseWrite)
        complaint = find_or_404(of_merchant(request.auth.merchant), values.pop("complaint"), "order")
        quantities = quantities_of(complaint, values.pop("lines"))
        with transaction.atomic():
            key = claim_key(request)
            case = open_case(complaint, **values, quantities=quantities, by=request.user, request_id=key.id)
        return self.show_case(case, status=201)

    @extend_schema(responses={200: read.CaseVerbRead(many=True), 404: ProblemRead})
    @action(detail=True, pagination_class=None)
    def verbs(self, request, number):
        explained = explain_case(self.find_case(number), request.user)
        return Response(read.CaseVerbRead([each.as_row() for each in explained], many=True).data)
