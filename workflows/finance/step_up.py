"""Above the authority limit an open desk is not enough: the password once more, good for five minutes in this session."""

from time import time

from django.http import HttpRequest

from foundation.limits import forgive, hit

GOOD_FOR, TRIES, PER_SECONDS = 300, 5, 300
KEY = "password_at"


def is_fresh(request: HttpRequest) -> bool:
    """Whether the password was entered within the last five minutes."""
    return time() - request.session.get(KEY, 0) < GOOD_FOR


def confirm(request: HttpRequest, password: str) -> bool:
    """Check the password and remember when; a guesser is slowed down."""
    tries = f"step-up:{request.user.pk}"
    if not hit(tries, TRIES, PER_SECONDS) or not request.user.check_password(password):
        return False
    forgive(tries)
    request.session[KEY] = time()
    return True
