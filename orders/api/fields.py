"""Personal fields of answers: masked unless the token has the scope ``pii``."""

from collections.abc import Callable

from rest_framework import serializers

from ui.masking import mask_address, mask_email, mask_name, mask_phone, mask_text

MASKS: dict[str, Callable[[str], str]] = {
    "name": mask_name,
    "phone": mask_phone,
    "email": mask_email,
    "address": mask_address,
    "text": mask_text,
}


class PersonalField(serializers.CharField):
    """Text that only a token with the scope ``pii`` reads in full."""

    def __init__(self, kind: str, **kwargs) -> None:
        super().__init__(read_only=True, **kwargs)
        self.kind = kind

    def to_representation(self, value: str) -> str:
        return value if not value or self.context.get("sees_personal") else MASKS[self.kind](value)
