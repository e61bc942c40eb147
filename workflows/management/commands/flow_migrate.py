"""Move open cases to another published version of their procedure."""

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from foundation.exceptions import ReasonedError
from orders.imports.progress import ProgressBar
from workflows.flows.conditions import TYPES
from workflows.models import Case, FlowVersion
from workflows.services.flow_migration import cases_to_migrate, migrate_case, plan_of


class Command(BaseCommand):
    """Without --apply nothing is written, and the same checks run. Each case is moved in a transaction of its own."""

    help = "Move open cases of a type to a version: only where every open step has a place there, or --map names it."

    def add_arguments(self, parser):
        parser.add_argument("type", choices=TYPES)
        parser.add_argument("version", type=int, help="The number of the published version.")
        parser.add_argument("--case", action="append", default=[], metavar="NUMBER", help="Only these cases; may be repeated.")
        parser.add_argument("--map", action="append", default=[], metavar="PHASE.KEY=KEY", help="Where an open step goes; may be repeated.")
        parser.add_argument("--by", default="", help="The user name of the manager who decides it.")
        parser.add_argument("--reason", default="", help="Why; stands on the chain of every case.")
        parser.add_argument("--apply", action="store_true", help="Do it.")

    def handle(self, *args, type: str, version: int, case: list[str], map: list[str], by: str, reason: str, apply: bool, **options):
        target = FlowVersion.objects.filter(definition__type=type, number=version, published_at__isnull=False).first()
        if target is None:
            raise CommandError(f"There is no published version {version} of {type}.")
        mapping = dict(_split(entry) for entry in map)
        user = _find_user(by) if apply else None
        cases = list(cases_to_migrate(target, case))
        progress, refused = ProgressBar("cases", stream=self.stderr), 0
        for done, each in enumerate(cases, start=1):
            refused += not (self.move(each, target, mapping, user, reason) if apply else self.rehearse(each, target, mapping))
            progress(done, len(cases))
        self.stdout.write(f"{len(cases) - refused} {'moved' if apply else 'could be moved'}, {refused} not.")
        if refused:
            raise CommandError("Some cases have open steps without a place in that version.")

    def rehearse(self, case: Case, target: FlowVersion, mapping: dict[str, str]) -> bool:
        plan = plan_of(case, target, mapping)
        for refusal in plan.refusals:
            self.stdout.write(f"{case.number}: {refusal}")
        return not plan.refusals

    def move(self, case: Case, target: FlowVersion, mapping: dict[str, str], user: User, reason: str) -> bool:
        try:
            migrate_case(case, to=target, by=user, reason=reason, mapping=mapping)
        except ReasonedError as error:
            for each in error.reasons:
                self.stdout.write(f"{case.number}: {each.text}")
            return False
        return True


def _split(entry: str) -> tuple[str, str]:
    place, equals, key = entry.partition("=")
    if not equals or "." not in place or not key:
        raise CommandError(f"{entry!r} is not PHASE.KEY=KEY.")
    return place, key


def _find_user(username: str) -> User:
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise CommandError("Say with --by who decides it: the user name of a manager.")
    return user
