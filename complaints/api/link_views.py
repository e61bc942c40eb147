"""The link that a shop puts beside an order: whoever follows it files without typing a number."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from complaints.api.access import order_of
from complaints.api.base import Scope, TokenContext
from complaints.api.views import REFUSALS
from complaints.intake.matching import LINK_SECONDS, filing_url
from foundation.rest import StrictSerializer


class FilingLinkWrite(StrictSerializer):
    """``order`` is the order's external id or number."""

    order = serializers.CharField(max_length=120)


class FilingLinkRead(serializers.Serializer):
    """Addresses of the form in both languages, with the order already proven."""

    url_zh = serializers.URLField()
    url_en = serializers.URLField()
    expires_at = serializers.DateTimeField()


class FilingLinksView(TokenContext, APIView):
    """Makes a signed link to the form for one order. Give it to the buyer only: whoever holds it is taken for the buyer."""

    scopes = {"post": Scope.COMPLAINTS_CREATE}

    @extend_schema(request=FilingLinkWrite, responses={201: FilingLinkRead, **REFUSALS})
    def post(self, request):
        order = order_of(request.auth.merchant, self.take_in(FilingLinkWrite)["order"])
        if order is None:
            raise exceptions.ValidationError({"order": [_("No such order.")]})
        links = {"url_zh": filing_url(order, "zh-hans"), "url_en": filing_url(order, "en")}
        links["expires_at"] = timezone.now() + timedelta(seconds=LINK_SECONDS)
        return Response(FilingLinkRead(links).data, status=201)
