"""The questions of a category as form fields, and their answers as words."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from complaints.intake.fields import LineField, TextField, typed_input
from complaints.models import Form
from ui.localize import is_english
from ui.money import format_money
from ui.timefmt import absolute

EARLIEST = date(2000, 1, 1)
LONGEST_AHEAD = timedelta(days=730)
PREFIX = "q_"
DAYS = ("date", "datetime")


def question_fields(form: Form) -> dict[str, forms.Field]:
    """One form field for each question, by its name on the page."""
    return {PREFIX + question["key"]: _field(question) for question in form.fields}


def asks_when(form: Form) -> bool:
    """Whether the questions already ask for a day, so that the form need not ask again when it happened."""
    return any(question["type"] in DAYS for question in form.fields)


def stored_answers(form: Form, cleaned: dict[str, Any]) -> dict[str, Any]:
    """Cleaned values as they are kept with the complaint: codes, ISO dates, fen; what was left empty is left out."""
    pairs = ((question["key"], _stored(question, cleaned.get(PREFIX + question["key"]))) for question in form.fields)
    return {key: value for key, value in pairs if value not in (None, "")}


def initial_answers(form: Form, answers: dict[str, Any]) -> dict[str, Any]:
    """Kept answers as the form shows them again."""
    return {PREFIX + question["key"]: _shown(question, answers.get(question["key"])) for question in form.fields}


def answer_words(form: Form, answers: dict[str, Any], currency: str = "CNY") -> list[tuple[str, str]]:
    """Each answered question with its answer, in the active language."""
    language = "en" if is_english() else "zh"
    answered = [question for question in form.fields if answers.get(question["key"]) not in (None, "")]
    return [(question[f"label_{language}"], _word(question, answers[question["key"]], language, currency)) for question in answered]


def when_it_happened(form: Form, answers: dict[str, Any]) -> date | None:
    """The first day that the answers name and that is not in the future."""
    for question in form.fields:
        if question["type"] in DAYS and question["key"] in answers:
            day = date.fromisoformat(answers[question["key"]][:10])
            if day <= timezone.localdate():
                return day
    return None


def _field(question: dict) -> forms.Field:
    language = "en" if is_english() else "zh"
    about = {
        "label": question[f"label_{language}"],
        "help_text": question.get(f"hint_{language}", ""),
        "required": bool(question.get("required")),
    }
    about["error_messages"] = {"required": _("Please answer: %(question)s") % {"question": about["label"]}}
    return FIELDS[question["type"]](question, about)


def _choice(question: dict, about: dict) -> forms.Field:
    language = "en" if is_english() else "zh"
    choices = [(option["code"], option[language]) for option in question["options"]]
    return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **about)


def _text(question: dict, about: dict) -> forms.Field:
    return LineField(max_length=200, **about)


def _long(question: dict, about: dict) -> forms.Field:
    return TextField(max_length=2000, widget=forms.Textarea(attrs={"rows": 3}), **about)


def _day(question: dict, about: dict) -> forms.Field:
    return forms.DateField(
        widget=typed_input(forms.DateInput(format="%Y-%m-%d"), "date"), validators=[believable_day], **_with_invalid(about)
    )


def _moment(question: dict, about: dict) -> forms.Field:
    widget = typed_input(forms.DateTimeInput(format="%Y-%m-%dT%H:%M"), "datetime-local")
    return forms.DateTimeField(widget=widget, validators=[believable_moment], **_with_invalid(about))


def _number(question: dict, about: dict) -> forms.Field:
    return forms.IntegerField(min_value=0, max_value=9999, widget=forms.NumberInput(attrs={"inputmode": "numeric"}), **about)


def _money(question: dict, about: dict) -> forms.Field:
    return forms.DecimalField(
        max_digits=9,
        decimal_places=2,
        validators=[MinValueValidator(0), MaxValueValidator(9_999_999)],
        widget=forms.NumberInput(attrs={"step": "0.01", "inputmode": "decimal"}),
        **about,
    )


def _with_invalid(about: dict) -> dict:
    words = _("“%(question)s” needs a date, for example 2025-11-14.") % {"question": about["label"]}
    return about | {"error_messages": about["error_messages"] | {"invalid": words}}


FIELDS = {"choice": _choice, "text": _text, "long": _long, "date": _day, "datetime": _moment, "number": _number, "money": _money}


def believable_day(day: date) -> None:
    if not EARLIEST <= day <= timezone.localdate() + LONGEST_AHEAD:
        raise ValidationError(_("Please check the year."), code="unbelievable")


def believable_moment(moment: datetime) -> None:
    believable_day(moment.date())


def _stored(question: dict, value: Any) -> Any:
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    return int(value * 100) if isinstance(value, Decimal) else value


def _shown(question: dict, value: Any) -> Any:
    if value in (None, ""):
        return None
    if question["type"] == "money":
        return f"{value // 100}.{value % 100:02}"
    return datetime.fromisoformat(value).strftime("%Y-%m-%dT%H:%M") if question["type"] == "datetime" else value


def _word(question: dict, value: Any, language: str, currency: str) -> str:
    if question["type"] == "choice":
        return next((option[language] for option in question["options"] if option["code"] == value), str(value))
    if question["type"] == "money":
        return format_money(value, currency)
    return absolute(_read_moment(value)) if question["type"] == "datetime" else str(value)


def _read_moment(text: str) -> datetime:
    """A stored moment. Our form writes the offset; answers that came another way may lack it and mean the shop's time."""
    moment = datetime.fromisoformat(text)
    return timezone.make_aware(moment) if timezone.is_naive(moment) else moment
