"""The registry of personal data: the tables of every app, and of the libraries underneath. ``docs/personal-data.md`` is made from it."""

from django.apps import apps

from accounts import personal as accounts
from analytics import personal as analytics
from complaints import personal as complaints
from foundation.crypto import EncryptedTextField
from foundation.personal import PERSONAL, Kind, Table
from knowledge import personal as knowledge
from orders import personal as orders
from workflows import personal as workflows

LIBRARIES = (
    Table(
        label="admin.LogEntry",
        of="staff",
        why="who changed which configuration row",
        kept="with the configuration",
        none="id action_time user content_type object_id action_flag",
        content="object_repr change_message",
    ),
    Table(label="auth.Permission", why="rights", kept="configuration", none="id name content_type codename"),
    Table(label="auth.Group_permissions", why="rights of roles", kept="configuration", none="id group permission"),
    Table(label="auth.Group", why="roles", kept="configuration", none="id name"),
    Table(label="contenttypes.ContentType", why="names of tables", kept="configuration", none="id app_label model"),
    Table(
        label="sessions.Session",
        of="staff",
        why="log-in",
        kept="until they end (BIHUAN_SESSION_SECONDS)",
        none="expire_date",
        secret="session_key session_data",  # noqa: S106 - names of fields
    ),
)
FOUNDATION = (
    Table(
        label="foundation.RequestRecord",
        why="so that a double click counts once",
        kept="30 days",
        none="id subject_type subject_id verb actor_id fingerprint result_id recorded_at",
        secret="request_id",  # noqa: S106 - a name of a field
    ),
    Table(
        label="foundation.LimitCounter",
        why="limits per network or account, under a keyed hash",
        kept="until free again",
        none="full_at",
        secret="key",  # noqa: S106 - a name of a field
    ),
    Table(
        label="foundation.PeriodicJob",
        why="when jobs run",
        kept="the latest run",
        none="next_at claimed_by fence attempts name last_ok_at last_error",
    ),
    Table(label="foundation.Heartbeat", why="whether processes work", kept="the latest", none="name kind beaten_at"),
    Table(label="foundation.RestoreMarker", why="whether the database was set back", kept="the latest", none="id house at"),
    Table(
        label="foundation.Standstill",
        of="staff",
        why="when money and mail stood still after a restore, and who let them go on",
        kept="for ever; there are few",
        none="id since remembers_until file_at prepared_at released_at released_by",
        content="why reason",
    ),
)
TABLES = (
    *LIBRARIES,
    *FOUNDATION,
    *accounts.TABLES,
    *orders.TABLES,
    *workflows.TABLES,
    *knowledge.TABLES,
    *complaints.TABLES,
    *analytics.TABLES,
)
TARGET = "docs/personal-data.md"
HEAD = """\
# Personal data

The record of processing, made by `manage.py privacy_record` from the registry in the code; a test fails when it is not current.
Every field of every table has a class. *Encrypted* fields are kept under `BIHUAN_KEYS`; `*_index` fields are keyed hashes of them.
Names like `BIHUAN_KEEP_…` are periods that [operations.md](operations.md) explains.
"""
FOOT = """\
## Beside the database

| what | of | why | kept |
|--|--|--|--|
| files below `media/` | customers | evidence: the original, and copies without metadata | as their row in `complaints.Attachment` |
| `mailbox/` of a trial run | customers, staff | mail that was "sent" | `BIHUAN_KEEP_MAIL_DAYS` |
| `erasures.jsonl` | customers | numbers of erased complaints, to erase them again after a restore | for ever; it names nobody |
| `restore-marker.json` | nobody | a time, to notice that the database was set back | the latest |
| Valkey | nobody | hints with row numbers, counters under keyed hashes | minutes |
| logs | staff | row numbers and network addresses of failures | as the operator keeps logs |

Pages of the desk observe how long staff work on complaints, unless `BIHUAN_MEASURE_EFFORT` is off: which complaint was open in front, from
when to when, and when something was last touched, never what ([decisions/0021](decisions/0021-handling-time-is-observed.md)). The
stretches (`complaints.WorkStretch`) go the night after they are counted; sums per agent and contact stay in the events of the complaint.
People see and correct their own, leads those of their teams.

Nothing is sent to third parties: no fonts, maps, avatars or captchas of others. Mail goes through the operator's server; what the shop's
own systems read through the API is listed in [api.md](api.md).
"""


def describe_registry() -> str:
    """The record as Markdown."""
    personal = [table for table in TABLES if table.is_personal]
    others = ", ".join(f"`{table.label}`" for table in TABLES if not table.is_personal)
    parts = [HEAD, *(_describe(table) for table in personal), f"## Tables without personal data\n\n{others}\n", FOOT]
    return "\n".join(parts)


def _describe(table: Table) -> str:
    rows = [f"| {kind} | {_fields(table, kind)} |" for kind in PERSONAL if table.fields(kind)]
    about = f"Of {table.of}. " if table.of else ""
    lines = [f"## {table.label}", "", f"{about}Why: {table.why}. Kept: {table.kept}.", "", "| class | fields |", "|--|--|", *rows, ""]
    return "\n".join(lines)


def _fields(table: Table, kind: Kind) -> str:
    model = apps.get_model(table.label)
    encrypted = {field.name for field in model._meta.concrete_fields if isinstance(field, EncryptedTextField)}
    return ", ".join(f"`{name}`{' (encrypted)' if name in encrypted else ''}" for name in table.fields(kind))
