from django.db import migrations, models
from django.db.models import Q

KINDS = [
    ("requested", "asked for by the customer"),
    ("promised", "promised by an agent"),
    ("supervisor", "promised by a lead"),
    ("after_resolution", "a day after the result"),
]
# Until now every call was one that the customer asked for. Of several that joined complaints brought together the newest one stands:
# it is the one that the customer's page shows.
GIVE_KIND = """
    UPDATE complaints_followup SET callback_kind = 'requested' WHERE kind = 'callback';
    WITH doubled AS (
        UPDATE complaints_followup AS call SET done_at = now(), outcome = 'cancelled'
        WHERE kind = 'callback' AND done_at IS NULL AND EXISTS (
            SELECT 1 FROM complaints_followup AS newer
            WHERE newer.complaint_id = call.complaint_id AND newer.kind = 'callback' AND newer.done_at IS NULL AND newer.id > call.id)
        RETURNING run_id
    ), ended AS (
        UPDATE complaints_clockrun SET state = CASE WHEN missed_at IS NULL THEN 'cancelled' ELSE 'missed' END, ended_at = now()
        WHERE id IN (SELECT run_id FROM doubled) AND ended_at IS NULL
        RETURNING id
    )
    UPDATE complaints_clock SET due_at = NULL WHERE run_id IN (SELECT id FROM ended) AND fired_at IS NULL;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("complaints", "0019_effort"),
    ]

    operations = [
        migrations.AddField(
            model_name="clockrun",
            name="is_promised",
            field=models.BooleanField(db_default=True, default=True, help_text="The customer was told of it."),
        ),
        migrations.AddField(
            model_name="followup",
            name="callback_kind",
            field=models.CharField(blank=True, choices=KINDS, db_default="", default="", max_length=20),
        ),
        migrations.RunSQL(GIVE_KIND, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="followup",
            constraint=models.CheckConstraint(
                condition=Q(kind="callback") & ~Q(callback_kind="") | ~Q(kind="callback") & Q(callback_kind=""),
                name="complaints_followup_calls_have_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=models.UniqueConstraint(
                condition=Q(kind="callback", done_at__isnull=True),
                fields=["complaint", "callback_kind"],
                name="complaints_followup_one_call",
            ),
        ),
    ]
