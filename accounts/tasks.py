"""Doorways for workers: ids in, a service called."""

from celery import shared_task

from accounts import services
from accounts.models import AccessLog
from accounts.services.access_log import forget_accesses
from foundation.retention import keep
from foundation.sweeps import sweep


@shared_task(name="accounts.send_password_mails")
def send_password_mails() -> int:
    """A hint that somebody waits for a password mail."""
    return services.send_password_mails()


@sweep("accounts.password_mails", every=5)
def sweep_password_mails() -> int:
    """Find the mails whose hint was lost."""
    return services.send_password_mails()


@keep("accounts.access_log", period="ACCESS_LOG", forget=forget_accesses)
def old_accesses(before):
    """Who saw what, past its period."""
    return AccessLog.objects.filter(at__lt=before).order_by("at")
