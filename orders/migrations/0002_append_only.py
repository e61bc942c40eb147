"""Events of orders cannot be changed or removed; only their texts can be erased."""

from django.db import migrations

from foundation.events import append_only_sql


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial"), ("foundation", "0002_database_objects")]

    operations = [migrations.RunSQL(*append_only_sql("orders_orderevent"))]
