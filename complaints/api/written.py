"""What the API takes in. Every field is named here; anything else is refused."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from rest_framework import serializers

from accounts.models import User
from complaints.intake.catalogue import NothingOfferedError, catalogue
from complaints.intake.questions import PREFIX, question_fields, stored_answers
from complaints.models import Complaint
from foundation.rest import StrictSerializer

MOST_FILES = 9
LONGEST_TEXT = 8000


def words(**options) -> serializers.CharField:
    return serializers.CharField(max_length=LONGEST_TEXT, **options)


def file_keys(**options) -> serializers.ListField:
    return serializers.ListField(child=serializers.CharField(max_length=43), max_length=MOST_FILES, required=False, **options)


class ContactWrite(StrictSerializer):
    """How to reach the customer. Left empty, the order's own contact stands in."""

    name = serializers.CharField(max_length=60, required=False, allow_blank=True)
    phone = serializers.CharField(max_length=40, required=False, allow_blank=True)
    email = serializers.EmailField(max_length=254, required=False, allow_blank=True)
    hours = serializers.CharField(max_length=40, required=False, allow_blank=True)


class ComplaintWrite(StrictSerializer):
    """A complaint filed for a customer. ``order`` is the order's external id or number; an unknown one is kept and matched by staff."""

    category = serializers.CharField(max_length=40)
    subject = serializers.CharField(max_length=120, required=False, allow_blank=True)
    description = words(required=False, allow_blank=True)
    wish = serializers.ChoiceField(Complaint.Wish.choices, required=False)
    answers = serializers.DictField(required=False)
    happened_on = serializers.DateField(required=False)
    order = serializers.CharField(max_length=120, required=False, allow_blank=True)
    lines = serializers.ListField(child=serializers.CharField(max_length=80), max_length=100, required=False)
    contact = ContactWrite(required=False)
    language = serializers.ChoiceField(User.Language.choices, required=False)
    attachments = file_keys()

    def validate_category(self, code: str):
        category = _offered().get(code)
        if category is None:
            raise serializers.ValidationError(_("There is no such category."))
        return category

    def validate(self, values: dict) -> dict:
        form = catalogue().forms[values["category"].code]
        values["answers"] = _read_answers(form, values.get("answers", {}))
        return {**values, "form": form}


class VersionWrite(StrictSerializer):
    """The version of the complaint that the caller has read; somebody else's change since then answers 409."""

    expected_version = serializers.IntegerField(min_value=1)


class ReplyWrite(VersionWrite):
    """A message to the customer. It leaves ten seconds later; answering an unassigned complaint takes it."""

    body = words()
    attachments = file_keys()


class NoteWrite(StrictSerializer):
    """An internal note. It never leaves the house."""

    body = words()
    attachments = file_keys()


class CustomerMessageWrite(StrictSerializer):
    """What the customer wrote elsewhere."""

    body = words(required=False, allow_blank=True, default="")
    attachments = file_keys()


class SummaryWrite(VersionWrite):
    summary = words()


class ReasonWrite(VersionWrite):
    reason = serializers.CharField(max_length=400)


class HandOverWrite(VersionWrite):
    department = serializers.ChoiceField(Complaint.Department.choices)
    owner = serializers.CharField(max_length=60)
    expected_on = serializers.DateField()


class SnoozeWrite(ReasonWrite):
    until = serializers.DateTimeField()


class ResolveWrite(VersionWrite):
    """``liability`` gives shares in percent by party, together 100."""

    resolution = words()
    reason_code = serializers.CharField(max_length=40)
    liability = serializers.DictField(child=serializers.IntegerField(min_value=0, max_value=100))


class PriorityWrite(VersionWrite):
    priority = serializers.ChoiceField(Complaint.Priority.choices)


class TagsWrite(VersionWrite):
    names = serializers.ListField(child=serializers.CharField(max_length=40), max_length=20)


class BindOrderWrite(VersionWrite):
    """The order's external id or number in this shop."""

    order = serializers.CharField(max_length=120)


def _offered() -> dict:
    try:
        return catalogue().categories
    except NothingOfferedError:
        return {}


def _read_answers(form, answers: dict) -> dict:
    """Check the given answers as the form itself would; none is demanded, because a gap is asked for later and never blocks filing."""
    fields = question_fields(form)
    errors, cleaned = {}, {}
    for key, value in answers.items():
        if PREFIX + key not in fields:
            errors[str(key)[:60]] = [_("The form of this category does not ask this.")]
            continue
        try:
            cleaned[PREFIX + key] = fields[PREFIX + key].clean(value if isinstance(value, str) else str(value))
        except ValidationError as error:
            errors[key] = error.messages
    if errors:
        raise serializers.ValidationError({"answers": errors})
    return stored_answers(form, cleaned)
