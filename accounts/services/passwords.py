"""Passwords: changing them, forgetting them, and the mail with the link to choose a new one."""

from datetime import timedelta

from django.contrib.auth.tokens import default_token_generator
from django.core.mail import BadHeaderError
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import may_configure
from accounts.emails import send_password_link
from accounts.models import PasswordMail, User
from foundation.exceptions import Forbidden, Reason
from foundation.hints import hint
from foundation.leases import claim, finish, give_back
from foundation.limits import hit
from foundation.verbs import lock, require

MAILS_PER_NETWORK, MAILS_PER_NAME, MAIL_SECONDS = 20, 3, 3600
KEEP = timedelta(days=1)


@transaction.atomic
def change_password(user: User, *, old: str, new: str, by: User) -> User:
    """Replace one's own password; every other session of the user ends. The caller renews the session it was asked from."""
    user = lock(user)
    wrong = Reason("wrong_password", _("This is not your present password."))
    require([] if by.pk == user.pk and user.check_password(old) else [wrong])
    return _set_password(user, new)


@transaction.atomic
def reset_password(user: User, *, token: str, new: str) -> User:
    """Set a password with the token of a mail, which that ends: it depends on the old password and dies with it."""
    user = lock(user)
    stale = Reason("stale_link", _("This link was used or is too old."), _("Ask for a new one."))
    require([] if user.is_active and default_token_generator.check_token(user, token) else [stale])
    return _set_password(user, new)


def ask_for_password_mail(name: str, *, network: str) -> None:
    """Note that somebody forgot a password. Tells nobody whether the name is known: both ways write one row and send nothing yet.

    ``name`` is a user name or an e-mail address; the mail goes to the address in the account, never to a typed one.
    """
    wanted = name.strip().casefold()
    limits = {f"password-mail:network:{network}": MAILS_PER_NETWORK, f"password-mail:name:{wanted}": MAILS_PER_NAME}
    if not all(hit(key, limit, MAIL_SECONDS) for key, limit in limits.items()):
        return
    known = User.objects.filter(Q(username__iexact=wanted) | Q(email__iexact=wanted), is_active=True, is_staff=True).exclude(email="")
    ask_for_mail_to(known.only("id").order_by("id").first())


def mail_password_link(user: User, *, by: User | None) -> None:
    """Send somebody a link to choose a password, as an administrator."""
    require([] if may_configure(by) else [Forbidden("may_not_configure", _("Only an administrator does this for others."))])
    ask_for_mail_to(user)


def ask_for_mail_to(user: User | None, *, is_invitation: bool = False) -> None:
    PasswordMail.objects.create(user=user, is_invitation=is_invitation)
    hint("accounts.send_password_mails")


def send_password_mails(*, limit: int = 20) -> int:
    """Send what is owed and forget what is a day old; returns how many rows were worked. A failed mail is tried again each minute."""
    PasswordMail.objects.filter(asked_at__lt=timezone.now() - KEEP).delete()
    rows = claim(PasswordMail.objects.filter(sent_at__isnull=True), seconds=60, limit=limit)
    for row in rows:
        _send(row)
    return len(rows)


def _send(row: PasswordMail) -> None:
    user = row.user
    try:
        if user is not None and user.is_active and user.email:
            send_password_link(user, token=default_token_generator.make_token(user), is_invitation=row.is_invitation)
    except BadHeaderError:
        pass  # an address that cannot stand in a mail will not improve by waiting
    except OSError:
        give_back(row, delay=timedelta(minutes=1))
        return
    finish(row, sent_at=timezone.now())


def _set_password(user: User, new: str) -> User:
    user.set_password(new)
    user.session_epoch = F("session_epoch") + 1
    user.save(update_fields=["password", "session_epoch"])
    user.refresh_from_db(fields=["session_epoch"])
    return user
