"""What an inspector says about one piece: large choices first, typing last."""

from django import forms
from django.utils.translation import gettext_lazy as _

from workflows.models import InspectionLine

Grade, Fault, Disposition = InspectionLine.Grade, InspectionLine.Fault, InspectionLine.Disposition
AS_NEW, OPENED = "as_new", "opened"
# Each condition with the grade and the fault that it means.
CONDITIONS = {
    AS_NEW: (_("As new"), Grade.A, ""),
    OPENED: (_("Opened, complete"), Grade.B, ""),
    **{fault.value: (fault.label, Grade.C, fault.value) for fault in Fault},
}
ACCESSORIES = [
    ("box", _("Original box")),
    ("manual", _("Manual")),
    ("parts", _("Parts and cables")),
    ("tags", _("Tags and seals")),
    ("gift", _("Free gift")),
]
# Said at the touch of a finger; written down in the inspector's language.
PHRASES = [
    _("Box damaged"),
    _("Seal broken"),
    _("Signs of use"),
    _("Scratches"),
    _("Does not switch on"),
    _("Parts missing"),
    _("Different item in the box"),
]
LONGEST_NOTE = 200


class PieceForm(forms.Form):
    """One piece. The rules themselves (photos of what failed, another serial) are those of the service."""

    condition = forms.ChoiceField(
        label=_("Condition"),
        choices=[(code, label) for code, (label, _grade, _fault) in CONDITIONS.items()],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the condition.")},
    )
    accessories = forms.MultipleChoiceField(
        label=_("What is there"), choices=ACCESSORIES, required=False, widget=forms.CheckboxSelectMultiple
    )
    disposition = forms.ChoiceField(
        label=_("Where it goes"),
        choices=[("", _("As usual for its condition")), *Disposition.choices],
        required=False,
    )
    serial = forms.CharField(label=_("Serial number"), max_length=80, required=False)
    phrases = forms.MultipleChoiceField(
        label=_("What you saw"),
        choices=lambda: [(str(phrase), phrase) for phrase in PHRASES],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    note = forms.CharField(label=_("Note"), max_length=LONGEST_NOTE, required=False)

    def finding(self) -> dict:
        """What ``record_line`` takes."""
        given = self.cleaned_data
        _label, grade, fault = CONDITIONS[given["condition"]]
        words = [*given["phrases"], given["note"].strip()]
        return {
            "graded": grade,
            "fault": fault,
            "accessories": given["accessories"],
            "disposition": given["disposition"] or (Disposition.HOLD if fault else ""),
            "serial": given["serial"],
            "note": "; ".join(filter(None, words))[:LONGEST_NOTE],
        }


# What one touch of “as new, complete” says.
GOOD = {"graded": Grade.A, "accessories": [code for code, _label in ACCESSORIES]}
