"""``manage.py erase``: carry out erasures that a manager has approved."""

from django.core.management.base import BaseCommand, CommandError

from complaints.models import PrivacyRequest
from complaints.privacy.erasure import carry_out
from foundation.exceptions import ReasonedError


class Command(BaseCommand):
    """Erase everything of the people behind approved requests. Exit code 0: all done; 1: something stands against one of them."""

    help = "Carry out approved erasures: all of them, or those whose numbers are given."

    def add_arguments(self, parser):
        parser.add_argument("requests", nargs="*", type=int, metavar="REQUEST", help="numbers of requests; none: every approved one")
        parser.add_argument("--dry-run", action="store_true", help="only list what would be done")

    def handle(self, *args, requests, dry_run, **options):
        approved = PrivacyRequest.objects.filter(kind=PrivacyRequest.Kind.ERASURE, status=PrivacyRequest.Status.APPROVED).order_by("pk")
        chosen = PrivacyRequest.objects.filter(pk__in=requests).order_by("pk") if requests else approved
        if len(requests) > chosen.count():
            raise CommandError("there is no such request", returncode=2)
        failed = [request for request in chosen.select_related("complaint") if not self._run(request, dry_run)]
        if failed:
            raise CommandError(f"{len(failed)} not carried out", returncode=1)

    def _run(self, request, dry_run) -> bool:
        if dry_run:
            self.stdout.write(f"{request.pk}: {request.complaint.number}, {request.get_status_display()}")
            return True
        try:
            self.stdout.write(f"{request.pk}: erased {', '.join(carry_out(request, by=None))}")
        except ReasonedError as error:
            self.stderr.write(f"{request.pk}: " + " ".join(f"{reason.text} {reason.cure}" for reason in error.reasons))
            return False
        return True
