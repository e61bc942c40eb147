"""A version of a calendar is what running promises were made with: nobody may change it."""

from django.db import migrations

from foundation.events import append_only_sql


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_presence_since"), ("foundation", "0002_database_objects")]

    operations = [migrations.RunSQL(*append_only_sql("accounts_calendarversion", erasable=False))]
