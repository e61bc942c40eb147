"""The smallest set of tables that an app with events has; they exist only while the tests of foundation/ run."""

from django.db import connection, models

from foundation.crypto import EncryptedTextField
from foundation.events import ChainedEvent, ChainSubject, FeedCursor, FeedEntry, PendingEvent, append_only_sql
from foundation.leases import LeasedRow

LABEL = "ledgertests"


class Account(ChainSubject):
    name = models.CharField(max_length=40, default="")
    version = models.PositiveIntegerField(default=1)
    parent = models.ForeignKey("self", models.CASCADE, null=True)
    due_at = models.DateTimeField(null=True)

    class Meta:
        app_label = LABEL
        indexes = [models.Index(fields=["name", "id"], name="ledgertests_by_name")]


class EntryPending(PendingEvent):
    class Meta:
        app_label = LABEL


class Entry(ChainedEvent):
    account = models.ForeignKey(Account, models.PROTECT, related_name="events")
    subject_field = "account"
    pending_model = EntryPending

    class Meta:
        app_label = LABEL
        constraints = [models.UniqueConstraint(fields=["account", "seq"], name="ledgertests_entry_seq_once")]


class EntryFeed(FeedEntry):
    class Meta:
        app_label = LABEL


class Cursor(FeedCursor):
    class Meta(FeedCursor.Meta):
        app_label = LABEL


class Errand(LeasedRow):
    state = models.CharField(max_length=10, default="queued")

    class Meta:
        app_label = LABEL


class Secret(models.Model):
    phone = EncryptedTextField(blank=True, default="")
    note = EncryptedTextField(null=True)

    class Meta:
        app_label = LABEL

    def __str__(self):
        return str(self.pk)


TABLES = [Account, EntryPending, Entry, EntryFeed, Cursor, Errand, Secret]


def create_tables() -> None:
    with connection.schema_editor() as editor:
        for model in TABLES:
            editor.create_model(model)
    with connection.cursor() as cursor:
        cursor.execute(append_only_sql(Entry._meta.db_table)[0])


def drop_tables() -> None:
    names = ", ".join(model._meta.db_table for model in TABLES)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {names} CASCADE")
        cursor.execute(f"DROP FUNCTION IF EXISTS {Entry._meta.db_table}_erase(bigint[])")


def empty_tables() -> None:
    names = ", ".join(model._meta.db_table for model in TABLES)
    with connection.cursor() as cursor:
        cursor.execute(f"SET session_replication_role = replica; TRUNCATE {names}; SET session_replication_role = DEFAULT")
