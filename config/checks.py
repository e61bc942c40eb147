"""What is wrong with an installation is said before the first request, with an id and a remedy."""

import ipaddress
from base64 import urlsafe_b64decode
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.db import DatabaseError, connection

OLDEST_POSTGRESQL = 140000
DEMO_DOMAIN = "demo.example"


@register()
def check_production(app_configs, **kwargs) -> list[Error]:
    """What a trial may do and a deployment must not."""
    if not settings.IS_PRODUCTION:
        return []
    faults = [
        (settings.DEBUG, "E001", "DEBUG is on in production.", "Unset DEBUG."),
        (len(settings.SECRET_KEY) < 50, "E002", "SECRET_KEY is shorter than 50 characters.", "Put a long random value there."),
        (settings.FAILPOINTS, "E003", "FAILPOINTS is set in production.", "Unset FAILPOINTS; it is for fault tests."),
        (not settings.IS_HTTPS, "E004", "BIHUAN_BASE_URL does not start with https://.", "Give the shop's public https address."),
        (
            not settings.HAS_SMTP,
            "E005",
            "EMAIL_URL is not set, so no customer would get mail.",
            "Set EMAIL_URL=smtp+tls://user:password@host:587.",
        ),
        (len(settings.BIHUAN_INDEX_KEY) < 32, "E006", "BIHUAN_INDEX_KEY is shorter than 32 characters.", "Put a random value there, once."),
        (settings.BIHUAN_SECOND_FACTOR != "required", "E013", "BIHUAN_SECOND_FACTOR does not require the second factor.", "Unset it."),
    ]
    return [Error(text, hint=remedy, id=f"config.{number}") for fault, number, text, remedy in faults if fault]


@register()
def check_keys(app_configs, **kwargs) -> list[Error]:
    """Keys that cannot encrypt are found now, not with the first customer."""
    if settings.BIHUAN_KEYS and all(_is_key(text) for text in settings.BIHUAN_KEYS):
        return []
    remedy = "Make one with: python3 -c 'import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())'"
    return [Error("BIHUAN_KEYS must list keys of 32 bytes in URL-safe base64.", hint=remedy, id="config.E007")]


@register()
def check_addresses(app_configs, **kwargs) -> list[Error]:
    """The base address and the proxies must be what they claim."""
    errors = []
    base = urlsplit(settings.BIHUAN_BASE_URL)
    if base.scheme not in {"http", "https"} or not base.hostname or base.path or base.query:
        remedy = "Give scheme and host only, as in https://help.shop.example."
        errors.append(Error(f"BIHUAN_BASE_URL={settings.BIHUAN_BASE_URL!r} is no web address.", hint=remedy, id="config.E008"))
    for name in settings.BIHUAN_TRUSTED_PROXIES:
        if not _is_network(name):
            text = f"BIHUAN_TRUSTED_PROXIES lists {name!r}, which is no network."
            errors.append(Error(text, hint="Use addresses or networks, as in 10.0.0.0/8.", id="config.E009"))
    return errors


@register()
def check_engine(app_configs, **kwargs) -> list[Error]:
    """PostgreSQL is the only database."""
    if connection.vendor == "postgresql":
        return []
    remedy = "Set DATABASE_URL=postgres://user:password@host:5432/name."
    return [Error(f"DATABASE_URL names {connection.vendor}, but only PostgreSQL 14 or later works.", hint=remedy, id="config.E010")]


@register(Tags.database)
def check_server(app_configs, databases=None, **kwargs) -> list[Error]:
    """Looked at where a database is at hand (migrate, check --database default)."""
    if not databases or connection.vendor != "postgresql":
        return []
    try:
        version, is_owner = connection.pg_version, _owns_tables()
    except DatabaseError:
        return []
    errors = []
    if version < OLDEST_POSTGRESQL:
        errors.append(Error("PostgreSQL is older than 14.", hint="Upgrade the server.", id="config.E011"))
    if settings.IS_PRODUCTION and settings.BIHUAN_PROCESS != "command" and is_owner:
        remedy = "Run web and workers as the role without ownership; see docs/operations.md."
        errors.append(Error("The application logs in as the owner of its tables.", hint=remedy, id="config.E012"))
    return errors


@register(Tags.database)
def check_chat_calendar(app_configs, databases=None, **kwargs) -> list[Error]:
    """A name that no calendar has would mean that somebody is there day and night."""
    code = settings.BIHUAN_CHAT_CALENDAR
    if not databases or not code:
        return []
    from accounts.models import Calendar  # the models are not loaded when checks are registered

    try:
        codes = list(Calendar.objects.order_by("code").values_list("code", flat=True))
    except DatabaseError:
        return []
    if not codes or code in codes:
        return []
    text = f"BIHUAN_CHAT_CALENDAR={code!r} names no calendar."
    return [Error(text, hint=f"Use one of {', '.join(codes)}, or leave it empty for day and night.", id="config.E014")]


def _owns_tables() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT exists(SELECT 1 FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user)")
        return cursor.fetchone()[0]


def _is_key(text: str) -> bool:
    try:
        return len(urlsafe_b64decode(text)) == 32
    except ValueError:
        return False


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True
