import json
from datetime import datetime, timedelta

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from accounts.models import AccessLog, User
from complaints.models import Complaint
from complaints.numbers import parse_number


class Command(BaseCommand):
    """Who saw which personal field, file or export (PIPL 51, 54; GDPR 33): one line each, never the value itself."""

    help = "List from the access log who saw what."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--actor", metavar="USER", help="user name")
        parser.add_argument("--complaint", metavar="NUMBER", help="only accesses to this complaint")
        parser.add_argument("--from", dest="since", metavar="TIME", help="a day or a moment, in the shop's zone unless it says otherwise")
        parser.add_argument("--to", dest="until", metavar="TIME", help="a day (to its end) or a moment")
        parser.add_argument("--json", action="store_true", help="one JSON object a line")

    def handle(self, *args, actor, complaint, since, until, **options) -> None:
        rows = AccessLog.objects.select_related("actor").order_by("at", "pk")
        if actor:
            if not User.objects.filter(username=actor).exists():
                raise CommandError(f"there is no user {actor}", returncode=2)
            rows = rows.filter(actor__username=actor)
        if complaint:
            rows = rows.filter(subject_type="complaints.complaint", subject_id=_complaint_id(complaint))
        if since:
            rows = rows.filter(at__gte=_moment(since))
        if until:
            rows = rows.filter(at__lt=_moment(until, is_end=True))
        for row in rows.iterator():
            self.stdout.write(json.dumps(_told(row), ensure_ascii=False) if options["json"] else "  ".join(map(str, _told(row).values())))


def _told(row: AccessLog) -> dict[str, str]:
    return {
        "at": timezone.localtime(row.at).isoformat(timespec="seconds"),
        "actor": row.actor.username if row.actor else "",
        "act": row.act,
        "subject": f"{row.subject_type} {row.subject_id}",
        "field": row.field,
        "network": row.network or "",
        "reason": row.reason,
    }


def _complaint_id(number: str) -> int:
    found = Complaint.objects.filter(number=parse_number(number)).values_list("pk", flat=True).first()
    if found is None:
        raise CommandError(f"there is no complaint {number}", returncode=2)
    return found


def _moment(text: str, *, is_end: bool = False) -> datetime:
    day = parse_date(text) if len(text) == len("2026-01-31") else None
    if day:
        start = timezone.make_aware(datetime(day.year, day.month, day.day))  # noqa: DTZ001 - made aware at once
        return start + timedelta(days=1) if is_end else start
    moment = parse_datetime(text)
    if moment is None:
        raise CommandError(f"{text} is neither a day nor a moment", returncode=2)
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
