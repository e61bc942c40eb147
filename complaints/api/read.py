"""What the API answers about complaints. Personal data is masked unless the token has the scope ``pii``."""

from rest_framework import serializers

from complaints.models import Attachment, Complaint, Message
from orders.api.fields import MASKS, PersonalField


class ContactRead(serializers.Serializer):
    """How the customer can be reached."""

    name = PersonalField("name", source="contact_name")
    phone = PersonalField("phone", source="contact_phone")
    email = PersonalField("email", source="contact_email")
    hours = serializers.CharField(source="contact_hours", read_only=True)
    is_proven = serializers.BooleanField(read_only=True)


class AnswersField(serializers.DictField):
    """Answers to the form's questions: free text is masked like any other, and an address as an address."""

    def to_representation(self, value: dict) -> dict:
        if self.context.get("sees_personal"):
            return value
        return {key: self._masked(key, answer) for key, answer in value.items()}

    @staticmethod
    def _masked(key: str, answer):
        mask = MASKS["address" if "address" in key else "text"]
        return mask(answer) if isinstance(answer, str) else answer


class ComplaintRead(serializers.ModelSerializer):
    category = serializers.CharField(source="category.code", read_only=True)
    team = serializers.CharField(source="team.code", read_only=True)
    assignee = serializers.CharField(source="assignee.name", default=None, read_only=True)
    order = serializers.CharField(source="order.external_id", default=None, read_only=True)
    customer = serializers.CharField(source="customer.external_id", default=None, read_only=True)
    stage = serializers.CharField(read_only=True)
    subject = PersonalField("text")
    description = PersonalField("text")
    resolution = PersonalField("text")
    answers = AnswersField(read_only=True)
    contact = ContactRead(source="*", read_only=True)
    tags = serializers.SerializerMethodField()
    merged_into = serializers.CharField(source="merged_into.number", default=None, read_only=True)

    class Meta:
        model = Complaint
        fields = [
            "number", "version", "status", "stage", "outcome", "category", "priority", "channel", "origin", "language", "subject",
            "description", "wish", "answers", "happened_on", "amount_fen", "currency", "order", "order_text", "customer", "contact",
            "team", "assignee", "waiting_on", "waiting_until", "cycle", "resolution", "reason_code", "tags", "needs_reply",
            "merged_into", "filed_at", "promise_at", "due_at", "first_reply_at", "last_message_at", "resolved_at", "closed_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_tags(self, complaint) -> list[str]:
        return [tag.name for tag in complaint.tags.all()]


class AttachmentRead(serializers.ModelSerializer):
    id = serializers.CharField(source="key", read_only=True)

    class Meta:
        model = Attachment
        fields = ["id", "kind", "name", "media_type", "size", "sha256", "width", "height", "is_internal", "created_at"]
        read_only_fields = fields


class MessageRead(serializers.ModelSerializer):
    author = serializers.CharField(source="author.name", default=None, read_only=True)
    body = serializers.SerializerMethodField()
    attachments = AttachmentRead(many=True, read_only=True)

    class Meta:
        model = Message
        fields = ["id", "kind", "author_kind", "author", "body", "language", "attachments", "created_at", "leaves_at", "retracted_at"]
        read_only_fields = fields

    def get_body(self, message) -> str:
        if message.retracted_at is not None:
            return ""
        return message.body if self.context.get("sees_personal") else MASKS["text"](message.body)


class ReasonRead(serializers.Serializer):
    """Why a verb is closed, and who can open it."""

    code = serializers.CharField()
    text = serializers.CharField()
    cure = serializers.CharField()


class VerbRead(serializers.Serializer):
    """A verb, and whether this token could use it now."""

    verb = serializers.CharField()
    label = serializers.CharField()
    allowed = serializers.BooleanField()
    reasons = ReasonRead(many=True)


class ProblemRead(serializers.Serializer):
    """A refusal (RFC 9457)."""

    status = serializers.IntegerField()
    code = serializers.CharField()
    title = serializers.CharField()
    reasons = ReasonRead(many=True, required=False)
    errors = serializers.DictField(required=False)
    current_version = serializers.IntegerField(required=False)
