"""People for the tests of log-in and roles."""

from datetime import UTC, datetime
from itertools import count

import pyotp

from accounts import services
from accounts.models import User

PASSWORD = "Sieben-Brücken-7"
_numbers = count(1)


def make_person(*roles: str, **overrides) -> User:
    """An account with these roles and a real password, made by the command line's right."""
    number = next(_numbers)
    fields = {"username": f"person{number}", "name": f"周{number}", "password": PASSWORD, **overrides}
    user = services.create_user(**fields, roles=roles, by=None)
    return User.objects.get(pk=user.pk)


def make_person_with_app(*roles: str) -> User:
    """An account whose second factor is in use; the code that confirmed it is spent."""
    user = services.begin_second_factor(make_person(*roles))
    assert services.confirm_second_factor(user, code_of(user))
    return User.objects.get(pk=user.pk)


def code_of(user: User, *, steps: int = 0) -> str:
    """What the app of this user shows now, or some steps of 30 s later."""
    step = int(datetime.now(UTC).timestamp()) // 30 + steps
    return pyotp.TOTP(User.objects.get(pk=user.pk).totp_secret).generate_otp(step)


def next_code(user: User) -> str:
    """The code of the next step: the present one may be spent, and one step of drift is allowed."""
    return code_of(user, steps=1)
