"""What somebody who asks about their data fills in, on the customer's page and on the desk."""

from django import forms
from django.utils.translation import gettext_lazy as _

from complaints.intake.fields import LineField, MailField, PhoneField, TextField
from complaints.models import PrivacyRequest

Kind = PrivacyRequest.Kind
LONGEST_WORDS = 1000


class WishForm(forms.Form):
    """A wish in words; ``kind`` names it."""

    kind = Kind.COPY
    words = TextField(
        label=_("Anything we should know?"), max_length=LONGEST_WORDS, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args, **options):
        super().__init__(*args, auto_id=f"{self.kind}-%s", **options)

    def wanted(self) -> dict[str, str]:
        """Corrected contact fields by their name in the complaint."""
        return {}


class ErasureForm(WishForm):
    kind = Kind.ERASURE


class CorrectionForm(WishForm):
    """What is right; a field that stays empty stays as it is."""

    kind = Kind.CORRECTION
    name = LineField(label=_("Name"), max_length=60, required=False)
    phone = PhoneField(label=_("Phone"), max_length=40, required=False, widget=forms.TelInput())
    email = MailField(label=_("E-mail"), max_length=254, required=False, widget=forms.EmailInput())
    words = TextField(label=_("What else is wrong?"), max_length=LONGEST_WORDS, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    field_order = ("name", "phone", "email", "words")

    def wanted(self) -> dict[str, str]:
        return {f"contact_{name}": self.cleaned_data[name] for name in ("name", "phone", "email") if self.cleaned_data.get(name)}


FORMS: dict[str, type[WishForm]] = {form.kind: form for form in (WishForm, CorrectionForm, ErasureForm)}
