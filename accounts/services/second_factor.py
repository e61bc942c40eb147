"""The second factor: a code from an app (TOTP, RFC 6238), or a recovery code. Each works once."""

import hmac
import secrets
from datetime import datetime

import pyotp
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import roles
from accounts.access import may_configure
from accounts.models import RecoveryCode, User
from foundation.crypto import blind_index
from foundation.exceptions import Forbidden, Reason
from foundation.limits import forgive, hit
from foundation.verbs import lock, require

STEP_SECONDS = 30
DRIFT_STEPS = (0, -1, 1)
TRIES, TRY_SECONDS = 5, 300
RECOVERY_CODES = 10
# Without letters and digits that look alike on paper.
RECOVERY_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


@transaction.atomic
def begin_second_factor(user: User) -> User:
    """Make the secret that the app will scan, unless the second factor is in use or one is waiting to be confirmed."""
    user = lock(user)
    if not user.totp_secret:
        user.totp_secret = pyotp.random_base32()
        user.save(update_fields=["totp_secret"])
    return user


@transaction.atomic
def confirm_second_factor(user: User, code: str) -> list[str] | None:
    """Switch the second factor on when the code is right; returns fresh recovery codes, which are shown this once, else None."""
    user = lock(user)
    if user.has_second_factor or not user.totp_secret or not _spend_totp(user, code, at=timezone.now()):
        return None
    user.totp_confirmed_at = timezone.now()
    user.save(update_fields=["totp_confirmed_at"])
    return make_recovery_codes(user)


def pass_second_factor(user: User, code: str) -> bool | None:
    """Check a code from the app or a recovery code at log-in; None when there were too many tries.

    The try counts before it is looked at, and a right code is spent by one conditional update, so a replay and a race both fail.
    """
    key = f"second-factor:{user.pk}"
    if not hit(key, TRIES, TRY_SECONDS):
        return None
    if not (_spend_totp(user, code, at=timezone.now()) or _spend_recovery(user, code)):
        return False
    forgive(key)
    return True


@transaction.atomic
def make_recovery_codes(user: User) -> list[str]:
    """Replace the recovery codes; the returned ones are shown once and stored as keyed digests."""
    codes = [_random_code() for _number in range(RECOVERY_CODES)]
    user.recovery_codes.all().delete()
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, digest=_digest(user, code)) for code in codes)
    return codes


@transaction.atomic
def remove_second_factor(user: User, *, by: User) -> User:
    """Switch the second factor off, for instance after a lost phone. Only an administrator does it for somebody else."""
    user = lock(user)
    require(_against_removing(user, by))
    user.totp_secret, user.totp_confirmed_at = "", None
    user.session_epoch += 1
    user.save(update_fields=["totp_secret", "totp_confirmed_at", "session_epoch"])
    user.recovery_codes.all().delete()
    return user


def provisioning_uri(user: User) -> str:
    """What the app reads from the QR code."""
    return pyotp.TOTP(user.totp_secret).provisioning_uri(name=user.username, issuer_name=settings.BIHUAN_SHOP_NAME)


def _spend_totp(user: User, code: str, *, at: datetime) -> bool:
    code = "".join(code.split())
    if not user.totp_secret or len(code) != 6:
        return False
    step = int(at.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(user.totp_secret)
    right = [step + drift for drift in DRIFT_STEPS if hmac.compare_digest(totp.generate_otp(step + drift).encode(), code.encode())]
    return bool(right) and User.objects.filter(pk=user.pk, totp_last_step__lt=right[0]).update(totp_last_step=right[0]) == 1


def _spend_recovery(user: User, code: str) -> bool:
    unused = user.recovery_codes.filter(digest=_digest(user, code), used_at__isnull=True)
    return bool(code.strip()) and user.has_second_factor and unused.update(used_at=timezone.now()) == 1


def _digest(user: User, code: str) -> str:
    plain = "".join(letter for letter in code.lower() if letter.isalnum())
    return blind_index(f"{user.pk}:{plain}", purpose="recovery")


def _random_code() -> str:
    letters = [secrets.choice(RECOVERY_ALPHABET) for _number in range(10)]
    return f"{''.join(letters[:5])}-{''.join(letters[5:])}"


def _against_removing(user: User, by: User) -> list[Reason]:
    if by.pk != user.pk:
        return [] if may_configure(by) else [Forbidden("may_not_configure", _("Only an administrator does this for others."))]
    if settings.BIHUAN_SECOND_FACTOR == "required" and user.role_names & roles.SECOND_FACTOR_REQUIRED:
        return [Reason("factor_required", _("Your role needs the second factor."))]
    return []
