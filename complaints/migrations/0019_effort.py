import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("complaints", "0018_promises_in_replies"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="chatsession",
            index=models.Index(
                condition=models.Q(("accepted_at__isnull", False)),
                fields=["agent", "accepted_at"],
                name="complaints_chatsession_talks",
            ),
        ),
        migrations.CreateModel(
            name="EffortMark",
            fields=[
                (
                    "agent",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="effort_mark",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("settled_to", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="WorkStretch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("page", models.UUIDField(help_text="One loaded page of the desk.")),
                ("number", models.PositiveIntegerField(help_text="Of the stretch within its page.")),
                ("is_call", models.BooleanField(default=False)),
                ("started_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField()),
                ("input_at", models.DateTimeField()),
                ("received_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "agent",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "complaint",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="complaints.complaint",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["agent", "ended_at"], name="complaints_workstretch_settle")],
                "constraints": [
                    models.UniqueConstraint(fields=("agent", "page", "number"), name="complaints_workstretch_once"),
                    models.CheckConstraint(
                        condition=models.Q(("ended_at__gt", models.F("started_at"))),
                        name="complaints_workstretch_has_length",
                    ),
                ],
            },
        ),
    ]
