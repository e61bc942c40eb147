"""Published wordings and the news about articles never change; postings are read by parts, so they are kept as they are."""

from django.db import migrations

from foundation.events import append_only_sql

STANDS = """
CREATE FUNCTION knowledge_published_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status = 'published' AND (
        (NEW.article_id, NEW.number, NEW.status, NEW.title_zh, NEW.title_en, NEW.body_zh, NEW.body_en, NEW.published_at, NEW.effective_from,
         NEW.effective_until) IS DISTINCT FROM
        (OLD.article_id, OLD.number, OLD.status, OLD.title_zh, OLD.title_en, OLD.body_zh, OLD.body_en, OLD.published_at, OLD.effective_from,
         OLD.effective_until)
    ) THEN
        RAISE EXCEPTION 'what was published stays as it is' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER knowledge_articleversion_stands BEFORE UPDATE ON knowledge_articleversion
    FOR EACH ROW EXECUTE FUNCTION knowledge_published_stands();
CREATE FUNCTION knowledge_published_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status = 'published' THEN
        RAISE EXCEPTION 'what was published stays' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER knowledge_articleversion_stays BEFORE DELETE ON knowledge_articleversion
    FOR EACH ROW EXECUTE FUNCTION knowledge_published_stays();
"""
STANDS_REVERSE = """
DROP TRIGGER knowledge_articleversion_stays ON knowledge_articleversion;
DROP FUNCTION knowledge_published_stays();
DROP TRIGGER knowledge_articleversion_stands ON knowledge_articleversion;
DROP FUNCTION knowledge_published_stands();
"""
# Uncompressed, so that the beginning of a long value is read without the rest.
EXTERNAL = """
ALTER TABLE knowledge_posting ALTER COLUMN documents SET STORAGE EXTERNAL;
ALTER TABLE knowledge_posting ALTER COLUMN impacts SET STORAGE EXTERNAL;
"""


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0002_articles_and_search"), ("foundation", "0002_database_objects")]

    operations = [
        migrations.RunSQL(*append_only_sql("knowledge_articleevent")),
        migrations.RunSQL(STANDS, STANDS_REVERSE),
        migrations.RunSQL(EXTERNAL, migrations.RunSQL.noop),
    ]
