"""Doorways for workers: ids in, a service called."""

from celery import shared_task

from accounts import services
from foundation.sweeps import sweep


@shared_task(name="accounts.send_password_mails")
def send_password_mails() -> int:
    """A hint that somebody waits for a password mail."""
    return services.send_password_mails()


@sweep("accounts.password_mails", every=5)
def sweep_password_mails() -> int:
    """Find the mails whose hint was lost."""
    return services.send_password_mails()
