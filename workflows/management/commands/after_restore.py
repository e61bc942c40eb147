"""``manage.py after_restore``: what must happen after a backup was restored, before money and mail go on."""

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from foundation.exceptions import ReasonedError
from foundation.models import Standstill
from foundation.standstill import open_standstill
from workflows.models import Anomaly
from workflows.services.restoring import missing_statements, open_anomalies, prepare, release_standstill

MOST_NAMED = 50
LOOK_AT = "at /admin/refunds/reconcile/anomalies/: count what only the provider knows as refunded elsewhere, explain the rest"


class Command(BaseCommand):
    """Prepare, or with ``--release`` end, the standstill that holds. Safe to repeat; run it again to see what is left."""

    help = "After a restore: erase again, park old mail, ask for statements, tell what is left; --release lets money and mail go on."

    def add_arguments(self, parser):
        parser.add_argument("--release", action="store_true", help="let money and mail go on")
        parser.add_argument("--by", metavar="USERNAME", help="who of finance has looked")
        parser.add_argument("--reason", default="")

    def handle(self, *args, release, by, reason, **options):
        standstill = open_standstill()
        if standstill is None:
            raise CommandError("nothing stands still; after a restore that was not noticed, first: manage.py stand_still --why TEXT")
        if release:
            self._release(standstill, by, reason)
        else:
            self._prepare(standstill)

    def _prepare(self, standstill: Standstill) -> None:
        self.stdout.write(f"{standstill.why}; it remembers until {standstill.remembers_until:%Y-%m-%d %H:%M} UTC")
        for line in prepare(standstill):
            self.stdout.write(line)
        self._tell_what_is_left(standstill)

    def _tell_what_is_left(self, standstill: Standstill) -> None:
        missing, anomalies = missing_statements(standstill), open_anomalies(standstill)
        many = anomalies.count()
        self.stdout.write(f"left for finance: {len(missing)} statements, {many} anomalies {LOOK_AT if many else ''}".rstrip())
        for anomaly in anomalies[:MOST_NAMED]:
            self.stdout.write(f"  {describe(anomaly)}")

    def _release(self, standstill: Standstill, username: str | None, reason: str) -> None:
        user = User.objects.filter(username=username or "", is_active=True).first()
        if user is None:
            raise CommandError("--by must name somebody of finance who can log in")
        try:
            release_standstill(standstill, reason=reason, by=user)
        except ReasonedError as error:
            raise CommandError("\n".join(f"{each.text} {each.cure}".strip() for each in error.reasons)) from None
        self.stdout.write("money and mail go on")


def describe(anomaly: Anomaly) -> str:
    """One line for finance: numbers and amounts in fen, nothing about the customer."""
    payment = anomaly.balance.payment.external_id if anomaly.balance else "unknown"
    codes = anomaly.codes
    return f"{anomaly.kind} {codes.get('key')}: payment {payment}, theirs {codes.get('theirs')}, ours {codes.get('ours')}"
