"""What is never changed: facts about money and parcels, published policies and flows, the number of a refund. And books that balance."""

from django.db import migrations

from foundation.events import append_only_sql

FACTS = (
    "workflows_refundevent",
    "workflows_ledgerentry",
    "workflows_trackevent",
    "workflows_authorityuse",
    "workflows_statementact",
    "workflows_anomalyact",
)
PUBLISHED = ("workflows_casepolicy", "workflows_flowversion")

STANDS = """
CREATE FUNCTION workflows_published_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.published_at IS NOT NULL THEN
        RAISE EXCEPTION 'what was published stays as it is' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$;
"""
STANDS_ON = """
CREATE TRIGGER {table}_stands BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION workflows_published_stands();
"""
# One key for ever; and an amount that was sent is never another one. (trust.md 4.11, M4)
ONE_KEY = """
CREATE FUNCTION workflows_refund_one_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.out_refund_no <> OLD.out_refund_no OR NEW.case_id <> OLD.case_id OR NEW.balance_id <> OLD.balance_id
        OR NEW.currency <> OLD.currency OR NEW.purpose <> OLD.purpose THEN
        RAISE EXCEPTION 'a refund keeps its number, its case and its payment' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.amount_fen <> OLD.amount_fen AND OLD.state NOT IN ('pending_approval', 'armed') THEN
        RAISE EXCEPTION 'a refund that was released keeps its amount' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER workflows_refund_one_key BEFORE UPDATE ON workflows_refund FOR EACH ROW EXECUTE FUNCTION workflows_refund_one_key();
"""
# The legs of a posting add up to zero when its transaction ends, in each currency. (M15)
BALANCED = """
CREATE FUNCTION workflows_ledger_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM workflows_ledgerentry WHERE posting = NEW.posting GROUP BY currency HAVING sum(amount_fen) <> 0) THEN
        RAISE EXCEPTION 'the legs of posting % do not add up to zero', NEW.posting USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER workflows_ledger_balances AFTER INSERT ON workflows_ledgerentry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION workflows_ledger_balances();
"""


class Migration(migrations.Migration):
    dependencies = [("workflows", "0001_initial"), ("foundation", "0002_database_objects")]

    operations = [
        *(migrations.RunSQL(*append_only_sql(table, erasable=False)) for table in FACTS),
        migrations.RunSQL(STANDS, "DROP FUNCTION workflows_published_stands()"),
        *(migrations.RunSQL(STANDS_ON.format(table=table), f"DROP TRIGGER {table}_stands ON {table}") for table in PUBLISHED),
        migrations.RunSQL(ONE_KEY, "DROP TRIGGER workflows_refund_one_key ON workflows_refund; DROP FUNCTION workflows_refund_one_key()"),
        migrations.RunSQL(
            BALANCED, "DROP TRIGGER workflows_ledger_balances ON workflows_ledgerentry; DROP FUNCTION workflows_ledger_balances()"
        ),
    ]
