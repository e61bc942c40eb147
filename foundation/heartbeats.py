"""Signs of life of long-running processes, as rows: a process that is up but does no work falls silent here."""

from datetime import timedelta

from django.db.models.functions import Now

from foundation.leases import worker_name
from foundation.models import Heartbeat


def beat(kind: str) -> None:
    """Note that this process ("sweeper", "worker:mail") has just done a round of work."""
    row = Heartbeat(name=f"{kind}@{worker_name()}", kind=kind, beaten_at=Now())
    Heartbeat.objects.bulk_create([row], update_conflicts=True, unique_fields=["name"], update_fields=["beaten_at"])


def forget_heartbeats(*, after: timedelta = timedelta(days=1)) -> int:
    """Drop rows of processes that are long gone; returns how many."""
    return Heartbeat.objects.filter(beaten_at__lt=Now() - after).delete()[0]
