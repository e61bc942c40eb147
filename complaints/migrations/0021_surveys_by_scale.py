import django.contrib.postgres.fields
from django.conf import settings
from django.db import migrations, models

# Whoever answered had the question before them. What ended when its complaint was opened again says so now; what only ran out of time is
# found by the sweep, which notes it.
CATCH_UP = """
    UPDATE complaints_survey SET delivered_at = answered_at WHERE answered_at IS NOT NULL;
    UPDATE complaints_survey AS survey SET expired_at = LEAST(survey.expires_at, now())
    FROM complaints_complaint AS complaint
    WHERE complaint.id = survey.complaint_id AND (complaint.cycle > survey.cycle OR complaint.resolved_at IS NULL);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("complaints", "0020_calls_by_kind"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="survey",
            name="complaints_survey_score_1_to_5",
        ),
        migrations.AddField(
            model_name="survey",
            name="delivered_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="survey",
            name="expired_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="survey",
            name="helper_ids",
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, default=list, size=None),
        ),
        migrations.AddField(
            model_name="survey",
            name="scale",
            field=models.CharField(
                choices=[
                    ("csat", "Satisfaction"),
                    ("ces", "Customer effort"),
                    ("nps", "Recommendation"),
                    ("nps_tx", "Recommendation after service"),
                ],
                default="csat",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="survey",
            name="wording",
            field=models.PositiveSmallIntegerField(default=1, help_text="The version of the question's words."),
        ),
        migrations.RunSQL(CATCH_UP, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="followup",
            name="kind",
            field=models.CharField(
                choices=[
                    ("callback", "Call the customer"),
                    ("breach", "A promise was missed"),
                    ("risk", "The customer is about to escalate"),
                    ("no_reply", "The customer did not answer"),
                    ("promise", "Promised in a reply"),
                    ("low_score", "The customer gave a low score"),
                ],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="survey",
            name="suppressed_by",
            field=models.CharField(
                blank=True,
                choices=[
                    ("cap", "asked less than 14 days ago"),
                    ("no_consent", "the customer does not agree"),
                    ("no_response", "the customer was not reached"),
                    ("merged", "joined with another complaint"),
                    ("external", "also before an authority or on a platform"),
                    ("no_contact", "no e-mail address"),
                    ("safety", "a person may be in danger"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddIndex(
            model_name="survey",
            index=models.Index(
                condition=models.Q(("answered_at__isnull", True), ("expired_at__isnull", True), ("suppressed_by", "")),
                fields=["expires_at", "id"],
                name="complaints_survey_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="survey",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("score__isnull", True),
                    models.Q(("scale", "csat"), ("score__gte", 1), ("score__lte", 5)),
                    models.Q(("scale", "ces"), ("score__gte", 1), ("score__lte", 7)),
                    models.Q(("scale", "nps"), ("score__gte", 0), ("score__lte", 10)),
                    models.Q(("scale", "nps_tx"), ("score__gte", 0), ("score__lte", 10)),
                    _connector="OR",
                ),
                name="complaints_survey_score_in_scale",
            ),
        ),
        migrations.AddConstraint(
            model_name="survey",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cycle", 0), ("scale", "nps")),
                    models.Q(models.Q(("scale", "nps"), _negated=True), ("cycle__gte", 1)),
                    _connector="OR",
                ),
                name="complaints_survey_shop_has_no_cycle",
            ),
        ),
        migrations.AddConstraint(
            model_name="survey",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("suppressed_by", ""), models.Q(("delivered_at__isnull", True), ("score__isnull", True)), _connector="OR"
                ),
                name="complaints_survey_suppressed_is_silent",
            ),
        ),
        migrations.AddConstraint(
            model_name="survey",
            constraint=models.CheckConstraint(
                condition=models.Q(("score__isnull", True), ("delivered_at__isnull", False), _connector="OR"),
                name="complaints_survey_answered_was_delivered",
            ),
        ),
    ]
