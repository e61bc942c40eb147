"""What Django's models cannot say: the trigger function of event tables, and a table without write-ahead log."""

from django.db import migrations

APPEND_ONLY = """
CREATE FUNCTION bihuan_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('bihuan.erasure', true) = 'on' THEN
        IF (to_jsonb(NEW) - 'payload' - 'salt') = (to_jsonb(OLD) - 'payload' - 'salt')
                AND to_jsonb(NEW) ->> 'payload' IS NULL AND to_jsonb(NEW) ->> 'salt' IS NULL THEN
            RETURN NEW;
        END IF;
    END IF;
    -- Only a function of the owner deletes, and only from the table that it names: what the law lets go with age.
    IF TG_OP = 'DELETE' AND current_setting('bihuan.forgetting', true) = TG_TABLE_NAME THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("foundation", "0001_initial")]

    operations = [
        migrations.RunSQL(APPEND_ONLY, "DROP FUNCTION bihuan_append_only()"),
        migrations.RunSQL("ALTER TABLE foundation_limitcounter SET UNLOGGED", "ALTER TABLE foundation_limitcounter SET LOGGED"),
    ]
