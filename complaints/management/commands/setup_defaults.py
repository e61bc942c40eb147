"""Load what the product ships: teams, categories, forms, notice templates, canned replies, macros, articles, policies, deadlines."""

from django.core.management.base import BaseCommand

from complaints.channels.templates import load_template_defaults
from complaints.intake.defaults import load_catalogue_defaults
from complaints.services.macros import load_macro_defaults
from complaints.sla.defaults import load_sla_defaults
from knowledge.services import load_default_articles, load_default_synonyms
from knowledge.services import load_defaults as load_canned_replies


class Command(BaseCommand):
    """Add what is missing. Rows that exist are left as they are, so it is safe to run at every start."""

    help = __doc__

    def handle(self, *args, **options):
        added = (
            load_catalogue_defaults()
            | load_sla_defaults()
            | {
                "notice templates": load_template_defaults(),
                "canned replies": load_canned_replies(),
                "macros": load_macro_defaults(),
                "synonyms": load_default_synonyms(),
                "articles": load_default_articles(),
            }
        )
        for name, count in added.items():
            self.stdout.write(f"{name}: {count} added")
