"""Which complaints have a case that waits for an agent: whatever opened the work, a state of the case or a step of its procedure."""

from django.db.models import Q

from workflows.models import Task

FOR_AGENTS = Q(pk__in=Task.objects.filter(role=Task.Role.AGENT, done_at__isnull=True).values("case__complaint_id"))
