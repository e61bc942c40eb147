from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand
from django.db import connection, transaction

from config import SETUP_COMMANDS

APPEND_ONLY_TABLES = """SELECT DISTINCT t.tgrelid::regclass::text FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE p.proname = 'bihuan_append_only' ORDER BY 1"""


class Command(BaseCommand):
    """Migrate as the owner of the tables, load roles and shipped defaults, and give the application's role its rights.

    The application may read and write, but neither change nor delete what is append-only (events, access log). Safe to repeat.
    """

    help = "Bring the database up to date, for a deployment."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--grant-to", metavar="ROLE", help="the database role of web, workers and sweeper")

    def handle(self, *args, **options) -> None:
        call_command("migrate", interactive=False, verbosity=options["verbosity"])
        for name in SETUP_COMMANDS:
            if name in get_commands():
                call_command(name, verbosity=options["verbosity"])
        if options["grant_to"]:
            grant_rights(options["grant_to"])


@transaction.atomic
def grant_rights(role: str) -> None:
    """Give ``role`` exactly what the application needs on every table that exists now."""
    name = connection.ops.quote_name(role)
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {name}")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name}")
        cursor.execute(APPEND_ONLY_TABLES)
        for (table,) in cursor.fetchall():
            cursor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {name}")
        cursor.execute(f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {name}")
