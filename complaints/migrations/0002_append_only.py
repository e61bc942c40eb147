"""Events can be added, never changed."""

from django.db import migrations

from foundation.events import append_only_sql


class Migration(migrations.Migration):
    dependencies = [("complaints", "0001_initial"), ("foundation", "0002_database_objects")]

    operations = [migrations.RunSQL(*append_only_sql("complaints_event"))]
