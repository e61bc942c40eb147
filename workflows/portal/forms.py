"""What customers type about a return: an application, a waybill, and words for an act."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from complaints.intake.fields import LineField, TextField
from orders.models import Carrier
from ui.controls import CardLabel
from ui.localize import localized
from workflows.cases.waybills import is_plausible, normalise_waybill
from workflows.portal.offers import Goods, Offer

LONGEST_WORDS = 2000
UNLIKE_CARRIER = _("This does not look like a number of this carrier. Please check both.")
UNLIKE_ANY = _("This does not look like a waybill. Please check it.")


class ApplyForm(forms.Form):
    """How many pieces of what, which type, and why. Each type asks for a reason of its own, so that only the chosen one counts."""

    error_css_class = ""
    kind = forms.ChoiceField(
        label=_("What would you like?"), widget=forms.RadioSelect, error_messages={"required": _("Choose what you would like.")}
    )
    words = TextField(
        label=_("Anything we should know?"), max_length=LONGEST_WORDS, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args, offers: Sequence[Offer], goods: Sequence[Goods], **options):
        super().__init__(*args, auto_id="%s", **options)
        self.offers, self.goods = {offer.type: offer for offer in offers if offer.is_open}, goods
        # What this shop has no rules for is not spoken of.
        self.closed = [offer for offer in offers if not offer.is_open and offer.policy is not None]
        self.fields["kind"].choices = [(offer.type, CardLabel(offer.name)) for offer in self.offers.values()]
        for offer in self.offers.values():
            self.fields[reason_field(offer)] = _reason_of(offer)
        for each in goods:
            self.fields[quantity_field(each)] = _quantity_of(each)

    def rows(self) -> list[tuple[Goods, Any]]:
        """Each line of goods with its field."""
        return [(each, self[quantity_field(each)]) for each in self.goods]

    def kinds(self) -> list[tuple[Offer, Any, bool]]:
        """Each type with the field of its reasons, and whether it is the chosen one."""
        chosen = self["kind"].value()
        return [(offer, self[reason_field(offer)], offer.type == chosen) for offer in self.offers.values()]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        cleaned["quantities"] = self.quantities(cleaned)
        if not cleaned["quantities"] and not any(name.startswith("pieces-") for name in self.errors):
            where = quantity_field(self.goods[0]) if self.goods else None
            self.add_error(where, ValidationError(_("Choose at least one piece."), code="no_quantity"))
        offer = self.offers.get(cleaned.get("kind", ""))
        if offer is not None:
            self._clean_reason(offer, cleaned)
        return cleaned

    def _clean_reason(self, offer: Offer, cleaned: dict[str, Any]) -> None:
        code = offer.reasons[0].code if len(offer.reasons) == 1 else cleaned.get(reason_field(offer), "")
        cleaned["reason"] = code
        if not code:
            self.add_error(reason_field(offer), ValidationError(_("Choose why."), code="no_reason"))

    def quantities(self, values: Mapping[str, Any]) -> dict[int, int]:
        """So many pieces of each line, those without any left out."""
        return {each.id: int(values.get(quantity_field(each)) or 0) for each in self.goods if values.get(quantity_field(each))}


def reason_field(offer: Offer) -> str:
    return f"reason-{offer.type}"


def quantity_field(goods: Goods) -> str:
    return f"pieces-{goods.id}"


def _reason_of(offer: Offer) -> forms.ChoiceField:
    choices = [(reason.code, CardLabel(reason.name)) for reason in offer.reasons]
    return forms.ChoiceField(label=_("Why?"), choices=choices, widget=forms.RadioSelect, required=False)


def _quantity_of(goods: Goods) -> forms.IntegerField:
    attributes = {"inputmode": "numeric", "class": "stepper__count"}
    words = {
        "max_value": _("There are only %(limit_value)s of this."),
        "min_value": _("Enter 0 or more."),
        "invalid": _("Enter a number of pieces."),
    }
    most = len(goods.free)
    return forms.IntegerField(
        label=goods.title, min_value=0, max_value=most, required=False, error_messages=words, widget=forms.NumberInput(attrs=attributes)
    )


class WaybillForm(forms.Form):
    """The number on the label of a parcel that goes back, and who carries it."""

    error_css_class = ""
    waybill = LineField(
        label=_("Waybill number"),
        max_length=120,
        help_text=_("Paste or type it; spaces do not matter."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}),
        error_messages={"required": _("Enter the number on the label.")},
    )
    carrier = forms.ChoiceField(label=_("Carrier"), required=False)

    def __init__(self, *args, carriers: Sequence[Carrier], **options):
        super().__init__(*args, auto_id="%s", **options)
        self.carriers = {each.code: each for each in carriers}
        names = [(each.code, localized(each, "name")) for each in carriers]
        self.fields["carrier"].choices = [("", _("I do not know")), *names]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        waybill, code = normalise_waybill(cleaned.get("waybill", "")), cleaned.get("carrier", "")
        if cleaned.get("waybill") and not is_plausible(waybill, carrier_code=code):
            self.add_error("waybill", ValidationError(UNLIKE_CARRIER if code else UNLIKE_ANY, code="malformed"))
        return cleaned | {"waybill": waybill, "carrier": self.carriers.get(code)}


class WordsForm(forms.Form):
    """The customer's words for an act, such as an appeal."""

    error_css_class = ""
    words = TextField(
        label=_("Why do you object?"),
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": _("Say why, in a few words.")},
    )

    def __init__(self, *args, is_required: bool = True, **options):
        super().__init__(*args, auto_id="%s", **options)
        self.fields["words"].required = is_required

    def require_words(self) -> None:
        self.add_error("words", ValidationError(_("Write a few words, or add a photo."), code="empty"))
