"""Refusals that only complaints know."""

from django.utils.translation import gettext_lazy as _

from foundation.exceptions import Reason, RefusedError


class NewMessagesError(RefusedError):
    """Somebody wrote while the reply was being typed. HTTP 409; ``messages`` are the ones that the writer has not seen."""

    def __init__(self, messages: list) -> None:
        super().__init__([Reason("new_messages", _("There are new messages."), _("Read them, then send again."))])
        self.messages = messages
