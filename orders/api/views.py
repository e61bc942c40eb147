"""One view per table: list and read with ``orders:read``, bulk upsert with ``orders:write``. A token sees its own shop only."""

from collections.abc import Callable

from django.db import transaction
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view, inline_serializer
from rest_framework import exceptions, mixins, serializers, viewsets
from rest_framework.fields import DateTimeField
from rest_framework.response import Response

from accounts.models import AccessLog
from accounts.services import record_accesses
from foundation.rest import claim_key
from orders import access
from orders.models import ApiToken
from orders.services import (
    Outcome,
    RowResult,
    count_outcomes,
    upsert_customers,
    upsert_orders,
    upsert_payments,
    upsert_shipments,
    upsert_warehouses,
)

from . import read, written

Scope = ApiToken.Scope
READ = {"list": Scope.ORDERS_READ, "retrieve": Scope.ORDERS_READ}
WRITE = {**READ, "create": Scope.ORDERS_WRITE}
UPDATED_SINCE = OpenApiParameter("updated_since", str, description="Only rows that a sync changed at or after this time (ISO 8601).")
ORDER = OpenApiParameter("order", str, description="Only rows of the order with this external id.")


class ShopViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """Rows of the token's shop."""

    scopes = READ
    keyset_order = ("synced_at", "id")
    has_synced_at = True
    has_order = False
    # The name under which a full reading of a row is written down; empty for tables without personal data.
    personal = ""

    def get_queryset(self):
        return self.scoped(self.request.auth.merchant)

    def filter_queryset(self, queryset):
        since = self.request.query_params.get("updated_since")
        if since and self.has_synced_at:
            queryset = queryset.filter(synced_at__gte=_read_time(since))
        order = self.request.query_params.get("order")
        return queryset.filter(order__external_id=order) if order and self.has_order else queryset

    @property
    def sees_personal(self) -> bool:
        token = getattr(self.request, "auth", None) if self.request else None
        return token is not None and Scope.PII in token.scopes

    def get_serializer_context(self):
        return {**super().get_serializer_context(), "sees_personal": self.sees_personal}

    def list(self, request, *args, **kwargs):
        response = super().list(request, *args, **kwargs)
        self.note_reading(self.paginator.page.rows)
        return response

    def note_reading(self, rows) -> None:
        """Whoever reads personal data in full leaves a row for each, a machine like a person."""
        if self.personal and self.sees_personal:
            network = self.request.META.get("REMOTE_ADDR")
            record_accesses(AccessLog.Act.REVEAL, rows, by=self.request.user, field=self.personal, reason="API", network=network)


class ReadOneMixin(mixins.RetrieveModelMixin):
    """One row by its external id."""

    lookup_field = "external_id"
    lookup_value_regex = "[^/]+"

    def get_object(self):
        row = super().get_object()
        self.note_reading([row])
        return row


class SyncViewSet(ShopViewSet):
    """Rows that are also written in bulk."""

    scopes = WRITE
    write_serializer: type[serializers.Serializer]
    upsert: Callable

    def create(self, request):
        rows = _read_envelope(request.data)
        with transaction.atomic():
            claim_key(request)
            results = self._upsert(rows)
        return Response(_show_results(results))

    def _upsert(self, rows: list) -> list[RowResult]:
        """Rows that cannot even be read are rejected here, the others by the service where it must."""
        results: list[RowResult | None] = [None] * len(rows)
        good = []
        for index, values in enumerate(rows):
            serializer = self.write_serializer(data=values)
            if serializer.is_valid():
                good.append((index, self.write_serializer.row(serializer.validated_data)))
            else:
                results[index] = RowResult(_id_of(values), Outcome.REJECTED, written.flatten_errors(serializer.errors))
        outcomes = type(self).upsert(self.request.auth.merchant, [row for _index, row in good])
        for (index, _row), result in zip(good, outcomes, strict=True):
            results[index] = result
        return results


def sync_schema(name: str, write: type[serializers.Serializer], *parameters: OpenApiParameter) -> Callable:
    """Describe list and bulk upsert of one table."""
    body = inline_serializer(f"{name}Sync", {"rows": write(many=True)})
    return extend_schema_view(
        list=extend_schema(parameters=list(parameters)), create=extend_schema(request=body, responses={200: written.SyncRead})
    )


class MerchantViewSet(ShopViewSet):
    """The shop of the token."""

    serializer_class = read.MerchantRead
    keyset_order = ("code", "id")
    has_synced_at = False
    scoped = staticmethod(access.shop_of)


@sync_schema("Customer", written.CustomerWrite, UPDATED_SINCE)
class CustomerViewSet(ReadOneMixin, SyncViewSet):
    """Customers of the shop by external id."""

    serializer_class = read.CustomerRead
    write_serializer = written.CustomerWrite
    upsert = staticmethod(upsert_customers)
    personal = "contact"
    scoped = staticmethod(access.customers_of)


@sync_schema("Order", written.OrderWrite, UPDATED_SINCE)
class OrderViewSet(ReadOneMixin, SyncViewSet):
    """Orders of the shop with lines, payments and shipments by external id."""

    serializer_class = read.OrderRead
    write_serializer = written.OrderWrite
    upsert = staticmethod(upsert_orders)
    personal = "receiver"
    scoped = staticmethod(access.orders_with_parts)


@sync_schema("Payment", written.PaymentPartWrite, UPDATED_SINCE, ORDER)
class PaymentViewSet(SyncViewSet):
    """Payments of the shop's orders."""

    serializer_class = read.PaymentRead
    write_serializer = written.PaymentPartWrite
    upsert = staticmethod(upsert_payments)
    has_order = True
    scoped = staticmethod(access.payments_of)


@sync_schema("Shipment", written.ShipmentPartWrite, UPDATED_SINCE, ORDER)
class ShipmentViewSet(SyncViewSet):
    """Shipments of the shop's orders, with their scans."""

    serializer_class = read.ShipmentRead
    write_serializer = written.ShipmentPartWrite
    upsert = staticmethod(upsert_shipments)
    has_order = True
    scoped = staticmethod(access.shipments_of)


@sync_schema("Warehouse", written.WarehouseWrite)
class WarehouseViewSet(SyncViewSet):
    """Warehouses of the shop by code."""

    serializer_class = read.WarehouseRead
    write_serializer = written.WarehouseWrite
    upsert = staticmethod(upsert_warehouses)
    keyset_order = ("code", "id")
    has_synced_at = False
    scoped = staticmethod(access.warehouses_of)


def _read_envelope(body) -> list:
    rows = body.get("rows") if isinstance(body, dict) else None
    if not isinstance(rows, list):
        raise exceptions.ValidationError({"rows": [_("Send an object with a list of rows.")]})
    if len(rows) > written.MOST_ROWS:
        raise exceptions.ValidationError({"rows": [_("At most %(most)d rows at once.") % {"most": written.MOST_ROWS}]})
    unknown = sorted(body.keys() - {"rows"})
    if unknown:
        raise exceptions.ValidationError({name: [_("There is no such field to write.")] for name in unknown[:20]})
    return rows


def _read_time(text: str):
    try:
        return DateTimeField().to_internal_value(text)
    except exceptions.ValidationError as error:
        raise exceptions.ValidationError({"updated_since": error.detail}) from None


def _id_of(values) -> str:
    found = (values.get("external_id") or values.get("code")) if isinstance(values, dict) else ""
    return found[:80] if isinstance(found, str) else ""


def _show_results(results: list[RowResult]) -> dict:
    shown = [
        {"index": index, "external_id": each.external_id, "outcome": str(each.outcome), "errors": each.errors}
        for index, each in enumerate(results)
    ]
    return {"counts": count_outcomes(results), "results": shown}
