"""Check flow definitions as publication does."""

from django.core.management.base import BaseCommand, CommandError

from workflows.flows.conditions import TYPES
from workflows.flows.files import read_body
from workflows.flows.house import house_of
from workflows.flows.lint import lint
from workflows.flows.parsing import DefinitionError, parse_definition


class Command(BaseCommand):
    """Print every finding with its node. Fails when there is one, so that it can stand in a pipeline."""

    help = "Check the live definitions, or one type, or one file. Writes nothing."

    def add_arguments(self, parser):
        parser.add_argument("given", nargs="?", default="", help="A type of after-sale or a file; default: every type.")
        parser.add_argument("--type", default="", choices=("", *TYPES), help="The type that a file is meant for.")

    def handle(self, *args, given: str, type: str, **options):
        count = sum(self.check(each, type) for each in ([given] if given else TYPES))
        if count:
            raise CommandError(f"{count} to correct.")
        self.stdout.write("Nothing to correct.")

    def check(self, given: str, wanted: str) -> int:
        try:
            body, case_type = read_body(given)
            found = lint(parse_definition(body), house_of(wanted or case_type or TYPES[0]))
        except DefinitionError as error:
            found = error.errors
        except OSError as error:
            raise CommandError(str(error)) from None
        for each in found:
            self.stdout.write(f"{given}: {each}")
        return len(found)
