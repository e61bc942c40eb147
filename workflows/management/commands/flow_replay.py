"""What a definition would have done with past cases."""

from django.core.management.base import BaseCommand, CommandError

from orders.imports.progress import ProgressBar
from workflows.flows.conditions import TYPES
from workflows.flows.files import read_body
from workflows.flows.parsing import DefinitionError, parse_definition
from workflows.flows.replay import Replayed, replay, unused_nodes

MOST_SHOWN = 20


class Command(BaseCommand):
    """Read past cases and say which routes, approvals and missed times would change. Writes nothing."""

    help = "Go through the last cases of a type with another definition."

    def add_arguments(self, parser):
        parser.add_argument("file", help="The definition, a JSON file, or a type whose live version is meant.")
        parser.add_argument("--type", default="", choices=("", *TYPES), help="The type, where the name of the file does not say it.")
        parser.add_argument("--last", type=int, default=100, help="How many cases, the newest first.")

    def handle(self, *args, file: str, type: str, last: int, **options):
        try:
            body, named = read_body(file)
            definition = parse_definition(body)
        except (DefinitionError, OSError) as error:
            raise CommandError(str(error)) from None
        case_type = type or named
        if not case_type:
            raise CommandError("Say which type it is for: --type.")
        rows = replay(definition, case_type, last=last, progress=ProgressBar("cases", stream=self.stderr))
        self.say(rows)
        for finding in unused_nodes(definition, rows):
            self.stdout.write(str(finding))

    def say(self, rows: list[Replayed]) -> None:
        changed = [row for row in rows if row.has_changed]
        self.stdout.write(f"{len(rows)} cases, {len(changed)} would go another way.")
        self.stdout.write(
            f"approvals: {sum(len(row.more_approvals) for row in rows)} more, {sum(len(row.fewer_approvals) for row in rows)} fewer"
        )
        before, after = sum(len(row.late_before) for row in rows), sum(len(row.late_after) for row in rows)
        self.stdout.write(f"late steps: {before} as they were, {after} with this definition")
        for row in changed[:MOST_SHOWN]:
            self.stdout.write(f"  {row.number}: {self.describe(row)}")
        if len(changed) > MOST_SHOWN:
            self.stdout.write(f"  … and {len(changed) - MOST_SHOWN} more")

    def describe(self, row: Replayed) -> str:
        parts = [f"{phase} {_keys(row.before, phase)} -> {_keys(row.after, phase)}" for phase in row.changed_phases]
        late = sorted(row.late_after ^ row.late_before)
        return "; ".join([*parts, *(f"late: {key}" for key in late)])


def _keys(routes: dict, phase: str) -> str:
    route = routes.get(phase)
    return ",".join(route.keys) if route and route.keys else "-"
