"""Mail to staff. Customers' mail has its own way, with an outbox and templates."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from accounts.models import User


def send_password_link(user: User, *, token: str, is_invitation: bool) -> None:
    """Send the link to choose a password; its address comes from the settings, never from a request."""
    path = reverse("admin:password-choose", args=[urlsafe_base64_encode(force_bytes(user.pk)), token])
    with translation.override(user.language):
        subject = _("Choose your password") if is_invitation else _("Choose a new password")
        body = _write_letter(user, settings.BIHUAN_BASE_URL + path, is_invitation)
    EmailMessage(f"{settings.BIHUAN_SHOP_NAME} – {subject}", body, to=[user.email], headers={"Auto-Submitted": "auto-generated"}).send()


def _write_letter(user: User, url: str, is_invitation: bool) -> str:
    """Plain text, so nothing in a name can become more than text."""
    invited = _("An account with the user name %(username)s was made for you.") % {"username": user.username}
    forgot = _("Somebody, most likely you, asked for a new password.")
    paragraphs = [
        _("Hello %(name)s,") % {"name": user.name},
        invited if is_invitation else forgot,
        _("Choose it here within two hours. The link works once:") + "\n" + url,
        _("If this was not you, ignore this mail: nothing has changed."),
        settings.BIHUAN_SHOP_NAME,
    ]
    return "\n\n".join(paragraphs) + "\n"
