"""What the API takes in about cases. Every field is named here; anything else is refused."""

from django.utils.translation import gettext as _
from rest_framework import serializers

from complaints.api.written import VersionWrite, file_keys
from foundation.rest import StrictSerializer
from workflows.models import CasePolicy, InspectionLine
from workflows.services.splitting import FAILED, SHORT

MOST_LINES, MOST_PIECES = 100, 500


class CaseLineWrite(StrictSerializer):
    """So many pieces of one line of the order, by the line's external id."""

    line = serializers.CharField(max_length=80)
    quantity = serializers.IntegerField(min_value=1, max_value=9999)


class CaseWrite(StrictSerializer):
    """A case for a complaint. ``request`` says how the customer asked for it: nobody claims in their name unasked."""

    complaint = serializers.CharField(max_length=40)
    type = serializers.ChoiceField(CasePolicy.Type.choices)
    reason = serializers.CharField(max_length=40)
    lines = serializers.ListField(child=CaseLineWrite(), min_length=1, max_length=MOST_LINES)
    request = serializers.CharField(max_length=200)

    def validate_lines(self, rows: list[dict]) -> dict[str, int]:
        wanted = {row["line"]: row["quantity"] for row in rows}
        if len(wanted) != len(rows):
            raise serializers.ValidationError(_("Name each line once."))
        return wanted


class ResultWrite(StrictSerializer):
    """What was found of one piece. A piece with a ``fault`` needs a photo; ``missing`` needs no grade."""

    unit = serializers.IntegerField(min_value=1)
    graded = serializers.ChoiceField(InspectionLine.Grade.choices, required=False, allow_blank=True)
    fault = serializers.ChoiceField(InspectionLine.Fault.choices, required=False, allow_blank=True)
    serial = serializers.CharField(max_length=80, required=False, allow_blank=True)
    accessories = serializers.ListField(child=serializers.CharField(max_length=40), max_length=20, required=False)
    disposition = serializers.ChoiceField(InspectionLine.Disposition.choices, required=False, allow_blank=True)
    note = serializers.CharField(max_length=200, required=False, allow_blank=True)
    photos = file_keys()


class ResultsWrite(VersionWrite):
    """Results of pieces, each written down before the verb itself."""

    results = serializers.ListField(child=ResultWrite(), max_length=MOST_PIECES, required=False)


class RecordWrite(ResultsWrite):
    """Results of some pieces; the inspection goes on."""

    results = serializers.ListField(child=ResultWrite(), min_length=1, max_length=MOST_PIECES)


class FailWrite(ResultsWrite):
    """What is wrong, in words for the lead."""

    words = serializers.CharField(max_length=400, required=False, allow_blank=True)


class ScanInWrite(VersionWrite):
    """A parcel at the door of the warehouse. ``waybill`` may stay away where the case expects one parcel only."""

    waybill = serializers.CharField(max_length=60, required=False, allow_blank=True)
    weight_g = serializers.IntegerField(min_value=1, max_value=1_000_000, required=False)
    serials = serializers.ListField(child=serializers.CharField(max_length=80), max_length=MOST_PIECES, required=False)


class SplitWrite(VersionWrite):
    """Pieces that become a case of their own: ``short`` ones did not come, about ``failed`` ones a lead decides."""

    units = serializers.ListField(child=serializers.IntegerField(min_value=1), min_length=1, max_length=MOST_PIECES)
    kind = serializers.ChoiceField([(SHORT, SHORT), (FAILED, FAILED)])
