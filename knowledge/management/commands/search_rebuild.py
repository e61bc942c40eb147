"""Index articles and canned replies: after an import, or when the way of indexing has changed."""

from django.core.management.base import BaseCommand

from knowledge.search.rebuilding import rebuild, sweep_out_dead
from orders.imports.progress import ProgressBar


class Command(BaseCommand):
    help = "Index articles and canned replies. Goes on where it was stopped; people may search and write meanwhile."

    def add_arguments(self, parser):
        parser.add_argument("--new", action="store_true", help="begin from the first article, whatever an earlier run has done")

    def handle(self, *, new: bool, verbosity: int, **_options):
        bar = ProgressBar("texts", stream=self.stderr) if verbosity else lambda done, total: None
        done = 0
        for done, total in rebuild(is_new=new):
            bar(done, total)
        self.stdout.write(f"{done} indexed, {sweep_out_dead()} old documents removed")
