"""What this floor does by itself from time to time."""

from datetime import timedelta

from django.db.models.functions import Now

from foundation.files import forget_unfinished_files
from foundation.heartbeats import forget_heartbeats
from foundation.jobs import periodic, run_due_jobs
from foundation.limits import forget_limits
from foundation.models import RequestRecord
from foundation.standstill import keep_marker
from foundation.sweeps import sweep

REQUESTS_KEPT = timedelta(days=30)

sweep("jobs", every=10)(run_due_jobs)
sweep("restore-marker", every=60)(keep_marker)
periodic("foundation.forget_limits", every=timedelta(hours=1))(forget_limits)
periodic("foundation.forget_heartbeats", every=timedelta(hours=6))(forget_heartbeats)
periodic("foundation.forget_unfinished_files", every=timedelta(hours=6))(forget_unfinished_files)


@periodic("foundation.forget_requests", every=timedelta(hours=6))
def forget_requests() -> int:
    """Forget request ids older than thirty days; nobody repeats a request that late."""
    return RequestRecord.objects.filter(recorded_at__lt=Now() - REQUESTS_KEPT).delete()[0]
