"""Who saw what, and how much authority was given when: rows that nobody may change."""

from django.db import migrations

from foundation.events import append_only_sql

# The least that the law asks for stands here, so that no setting and no mistake takes younger rows.
FORGET = """
CREATE FUNCTION accounts_accesslog_forget(ids bigint[]) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
    SET search_path FROM CURRENT AS $$
DECLARE forgotten integer;
BEGIN
    PERFORM set_config('bihuan.forgetting', 'accounts_accesslog', true);
    DELETE FROM accounts_accesslog WHERE id = ANY(ids) AND at < now() - interval '180 days';
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    PERFORM set_config('bihuan.forgetting', '', true);
    RETURN forgotten;
END $$;
"""
TABLES = ("accounts_accesslog", "accounts_authoritylimit")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("foundation", "0002_database_objects")]

    operations = [
        *(migrations.RunSQL(*append_only_sql(table, erasable=False)) for table in TABLES),
        migrations.RunSQL(FORGET, "DROP FUNCTION accounts_accesslog_forget(bigint[])"),
    ]
