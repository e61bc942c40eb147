"""Who saw what, and how much authority was given when: rows that nobody may change."""

from django.db import migrations

from foundation.events import append_only_sql

TABLES = ("accounts_accesslog", "accounts_authoritylimit")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("foundation", "0002_database_objects")]

    operations = [migrations.RunSQL(*append_only_sql(table, erasable=False)) for table in TABLES]
