"""Form fields for what strangers type: long enough, one language of signs, and an error in words where something cannot be kept."""

import re
import unicodedata

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from ui.normalise import normalise_phone, normalise_text

# Signs that turn the reading direction round or cannot be seen: they make one text look like another.
DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\ufeff]")
# What neither a database nor a page can hold.
IMPOSSIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
PHONE = re.compile(r"\+?\d{5,15}(?:(?:#|转|EXT|X)\d{1,6})?", re.IGNORECASE)

TOO_LONG = ngettext_lazy(
    "Please use at most %(limit_value)d character. You wrote %(show_value)d.",
    "Please use at most %(limit_value)d characters. You wrote %(show_value)d.",
    "limit_value",
)


def without_odd_signs(text: str) -> str:
    """The text as it can be kept and shown."""
    return IMPOSSIBLE.sub("", DIRECTION.sub("", text))


class TextField(forms.CharField):
    """Text of several lines. Signs that cannot be kept are an error, and gone when the page shows the text again."""

    widget = forms.Textarea
    default_error_messages = {"impossible": _("The text holds signs that cannot be kept. We took them out; please check and send again.")}

    def __init__(self, **options):
        super().__init__(**options)
        self.validators = [each for each in self.validators if type(each).__name__ != "ProhibitNullCharactersValidator"]
        for each in self.validators:
            if getattr(each, "code", "") == "max_length":
                each.message = TOO_LONG

    def to_python(self, value):
        text = super().to_python(value)
        return DIRECTION.sub("", text).replace("\r\n", "\n").replace("\r", "\n") if text else text

    def validate(self, value):
        super().validate(value)
        if value and IMPOSSIBLE.search(value):
            raise ValidationError(self.error_messages["impossible"], code="impossible")

    def prepare_value(self, value):
        return without_odd_signs(value) if isinstance(value, str) else value


class LineField(TextField):
    """Text of one line; spaces and full-width letters are brought to one form."""

    widget = forms.TextInput

    def to_python(self, value):
        text = super().to_python(value)
        return normalise_text(text) if text and not IMPOSSIBLE.search(text) else text


class PhoneField(LineField):
    """A phone number as people paste it; what is returned is what they typed, so that they recognise it."""

    widget = forms.TelInput
    default_error_messages = {"phone": _("This does not look like a phone number. Please check it.")}

    def validate(self, value):
        super().validate(value)
        if value and not PHONE.fullmatch(normalise_phone(value)):
            raise ValidationError(self.error_messages["phone"], code="phone")


class MailField(LineField):
    """An e-mail address."""

    widget = forms.EmailInput
    default_error_messages = {"invalid": _("This does not look like an e-mail address. Please check it.")}

    def validate(self, value):
        super().validate(value)
        if value:
            forms.EmailField(error_messages={"invalid": self.error_messages["invalid"]}).clean(unicodedata.normalize("NFKC", value))


def typed_input(widget, input_type: str):
    """The widget with another ``type``, as browsers offer a calendar for ``date``."""
    widget.input_type = input_type
    return widget
