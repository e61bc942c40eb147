"""What the API answers about cases. Nothing of it is personal: who the customer is stands on the complaint and the order."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from complaints.api.read import VerbRead
from workflows.models import Case, CaseUnit, InspectionLine, Parcel


class CaseRead(serializers.ModelSerializer):
    """A case in a list."""

    complaint = serializers.CharField(source="complaint.number", read_only=True)
    order = serializers.CharField(source="order.external_id", read_only=True)
    warehouse = serializers.CharField(source="warehouse.code", default=None, read_only=True)
    parent = serializers.CharField(source="parent.number", default=None, read_only=True)
    type = serializers.CharField(source="policy.type", read_only=True)
    state = serializers.CharField(read_only=True)

    class Meta:
        model = Case
        fields = [
            "number", "version", "state", "type", "reason", "complaint", "order", "warehouse", "parent", "currency",
            "submitted_at", "since", "ended_at",
        ]  # fmt: skip
        read_only_fields = fields


class PieceResultRead(serializers.ModelSerializer):
    """What the warehouse found of one piece."""

    id = serializers.IntegerField(read_only=True)
    state = serializers.CharField(read_only=True)

    class Meta:
        model = InspectionLine
        fields = ["id", "version", "round", "state", "graded", "fault", "disposition", "serial", "inspected_at"]
        read_only_fields = fields


class PieceRead(serializers.ModelSerializer):
    """One piece that the case claims. ``unit`` names it in results and when a case is split."""

    unit = serializers.IntegerField(source="unit_id", read_only=True)
    line = serializers.CharField(source="unit.line.external_id", default=None, read_only=True)
    sku = serializers.CharField(source="unit.line.sku", default="", read_only=True)
    verdict = serializers.CharField(read_only=True)
    results = PieceResultRead(source="inspections", many=True, read_only=True)

    class Meta:
        model = CaseUnit
        fields = ["unit", "line", "sku", "is_approved", "received_at", "verdict", "results"]
        read_only_fields = fields


class ParcelRead(serializers.ModelSerializer):
    """A parcel on its way back."""

    carrier = serializers.CharField(source="carrier.code", default=None, read_only=True)
    warehouse = serializers.CharField(source="warehouse.code", read_only=True)
    state = serializers.CharField(read_only=True)

    class Meta:
        model = Parcel
        fields = ["waybill", "carrier", "warehouse", "state", "signed_at", "scanned_at", "weight_g"]
        read_only_fields = fields


class CaseDetailRead(CaseRead):
    """A case with its pieces and parcels."""

    pieces = serializers.SerializerMethodField()
    parcels = serializers.SerializerMethodField()

    class Meta(CaseRead.Meta):
        fields = [*CaseRead.Meta.fields, "pieces", "parcels"]
        read_only_fields = fields

    @extend_schema_field(PieceRead(many=True))
    def get_pieces(self, case: Case) -> list[dict]:
        rows = case.units.select_related("unit__line").prefetch_related("inspections").order_by("pk")
        return PieceRead(rows, many=True).data

    @extend_schema_field(ParcelRead(many=True))
    def get_parcels(self, case: Case) -> list[dict]:
        return ParcelRead(case.parcels.select_related("carrier", "warehouse").order_by("pk"), many=True).data


class CaseVerbRead(VerbRead):
    """A verb of a case. ``in_state`` is false where the state alone rules it out; ``needs`` are the arguments that it takes."""

    help = serializers.CharField()
    in_state = serializers.BooleanField()
    needs = serializers.ListField(child=serializers.CharField())
    adverse = serializers.BooleanField()
    money = serializers.BooleanField()
