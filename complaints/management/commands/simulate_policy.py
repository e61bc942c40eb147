"""Say what another set of promises would have kept and missed."""

from datetime import timedelta

from django.core.management.base import BaseCommand
from django.utils import timezone

from complaints.models import Complaint
from complaints.services.policies import newest_policies
from complaints.sla.history import read_history
from complaints.sla.policies import read_policies
from complaints.sla.presets import PRESETS, drafts_of
from complaints.sla.samples import with_drafts
from complaints.sla.simulator import simulate


class Command(BaseCommand):
    """Compare the policies in force with a preset on the clocks of the last days; writes nothing."""

    help = "Say how many promises a preset would have kept and missed on the clocks of the last days. Changes nothing."

    def add_arguments(self, parser):
        parser.add_argument("preset", choices=list(PRESETS))
        parser.add_argument("--days", type=int, default=30)

    def handle(self, *args, preset, days, **options):
        until, before = timezone.now(), read_policies()
        history = read_history(Complaint.objects.all(), since=until - timedelta(days=days), until=until)
        found = simulate(history.clocks, before=before, after=with_drafts(before, drafts_of(preset, list(newest_policies().values()))))
        if history.step > 1:
            self.stdout.write(f"sampled: every {history.step}th of {history.total} clocks")
        for kind in sorted(found.before):
            was, would = found.before[kind], found.after[kind]
            self.stdout.write(f"{kind}: kept {was.percent} % -> {would.percent} %, missed {was.missed} -> {would.missed}")
        self.stdout.write(f"complaints: {len(found.worse)} worse, {len(found.better)} better")
