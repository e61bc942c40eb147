"""Logs of another help desk: their events as codes and moments, folded into facts whose ``source`` is the log."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ImportedLog(models.Model):
    """One imported event log. Its key is the ``source`` of the facts that are folded from it; 0 is this house.

    ``read_to``, ``folded_to`` and ``state`` are how far the import has come: one that was stopped goes on from there.
    """

    class Format(models.TextChoices):
        XES = "xes", "XES"
        CSV = "csv", "CSV"

    class State(models.TextChoices):
        READING = "reading", _("being read")
        FOLDING = "folding", _("being folded into figures")
        DONE = "done", _("imported")
        LEAVING = "leaving", _("being deleted")

    name = models.CharField(_("name"), max_length=120)
    file_name = models.CharField(_("file"), max_length=200)
    file_bytes = models.PositiveBigIntegerField(_("size"), default=0)
    sha256 = models.CharField(max_length=64)
    format = models.CharField(_("format"), max_length=4, choices=Format)
    mapping_name = models.CharField(_("mapping"), max_length=60)
    mapping = models.JSONField(_("mapping"), default=dict)
    mapping_digest = models.CharField(max_length=64)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.READING)
    read_to = models.PositiveBigIntegerField(default=0, help_text="Records of the file that are stored.")
    folded_to = models.CharField(max_length=200, blank=True, default="", help_text="The last case whose facts are stored.")
    counts = models.JSONField(_("counts"), default=dict)
    activities = models.JSONField(_("activities"), default=list, help_text="Name, kind and count of each, the most frequent first.")
    words = models.JSONField(default=dict, help_text="Names of teams by the number that stands for them in facts.")
    statistics = models.JSONField(_("statistics"), default=dict)
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("started by"))

    class Meta:
        verbose_name = _("imported log")
        verbose_name_plural = _("imported logs")
        constraints = [models.UniqueConstraint(fields=["sha256", "mapping_digest"], name="analytics_log_once")]

    def __str__(self) -> str:
        return self.name


class ImportedEvent(models.Model):
    """One event of an imported log. People are numbers in the order in which the log names them; their names are not kept."""

    class Kind(models.TextChoices):
        FILED = "filed", pgettext_lazy("event of a log", "filed")
        CUSTOMER_MESSAGE = "customer_message", pgettext_lazy("event of a log", "message of the customer")
        HUMAN_MESSAGE = "human_message", pgettext_lazy("event of a log", "message of a person of the house")
        BOT_MESSAGE = "bot_message", pgettext_lazy("event of a log", "message of a machine")
        ASSIGNED = "assigned", pgettext_lazy("event of a log", "assigned")
        TEAM_CHANGED = "team_changed", pgettext_lazy("event of a log", "given to another team")
        WORKED = "worked", pgettext_lazy("event of a log", "worked on")
        WAITING_US = "waiting_us", pgettext_lazy("event of a log", "waiting for us")
        WAITING_CUSTOMER = "waiting_customer", pgettext_lazy("event of a log", "waiting for the customer")
        WAITING_WAREHOUSE = "waiting_warehouse", pgettext_lazy("event of a log", "waiting for the warehouse")
        WAITING_FINANCE = "waiting_finance", pgettext_lazy("event of a log", "waiting for finance")
        WAITING_CARRIER = "waiting_carrier", pgettext_lazy("event of a log", "waiting for the carrier")
        WAITING_SUPPLIER = "waiting_supplier", pgettext_lazy("event of a log", "waiting for the supplier")
        RESOLVED = "resolved", pgettext_lazy("event of a log", "resolved")
        DECLINED = "declined", pgettext_lazy("event of a log", "not upheld")
        NO_RESPONSE = "no_response", pgettext_lazy("event of a log", "ended, the customer was silent")
        CLOSED = "closed", pgettext_lazy("event of a log", "closed")
        REOPENED = "reopened", pgettext_lazy("event of a log", "taken up again")
        WITHDRAWN = "withdrawn", pgettext_lazy("event of a log", "withdrawn")
        OTHER = "other", pgettext_lazy("event of a log", "other")

    pk = models.CompositePrimaryKey("log", "position")
    log = models.ForeignKey(ImportedLog, on_delete=models.CASCADE, related_name="events", db_index=False)
    position = models.PositiveBigIntegerField(help_text="Which event of the file it is.")
    line = models.PositiveBigIntegerField()
    case_key = models.CharField(max_length=200, db_collation="C")
    at = models.DateTimeField()
    kind = models.CharField(max_length=20, choices=Kind)
    activity = models.CharField(max_length=200)
    actor = models.PositiveIntegerField(default=0)
    team = models.PositiveIntegerField(default=0)
    codes = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["log", "case_key", "at", "position"], name="analytics_imported_case")]

    def __str__(self) -> str:
        return f"{self.log_id}:{self.position} {self.kind}"


class ImportedFinding(models.Model):
    """A record of a log that could not be taken, or is odd. What stood there is not kept: it may be about a person."""

    class Code(models.TextChoices):
        BROKEN_FILE = "broken_file", _("The file breaks off here; what stands before it is taken.")
        UNREADABLE = "unreadable", _("The row cannot be read.")
        OPEN_QUOTE = "open_quote", _("A quotation mark is opened here and closed much later or never.")
        WRONG_WIDTH = "wrong_width", _("The row has more or fewer cells than the header.")
        BAD_ENCODING = "bad_encoding", _("The row contains bytes that cannot be read.")
        TOO_LONG = "too_long", _("A value is too long.")
        NO_CASE = "no_case", _("It is not said to which case the event belongs.")
        NO_ACTIVITY = "no_activity", _("It is not said what happened.")
        NO_TIME = "no_time", _("It is not said when it happened.")
        BAD_TIME = "bad_time", _("The time cannot be read.")
        UNNAMED_CASE = "unnamed_case", _("The case has no name and is called by its place in the file.")
        FUTURE = "future", _("The time lies in the future.")
        DUPLICATE = "duplicate", _("The same event stands in the file more than once; each is counted.")

    # These are taken and counted all the same.
    ODD = frozenset({Code.UNNAMED_CASE, Code.FUTURE, Code.DUPLICATE})

    log = models.ForeignKey(ImportedLog, on_delete=models.CASCADE, related_name="findings", db_index=False)
    line = models.PositiveBigIntegerField(_("line"))
    code = models.CharField(_("reason"), max_length=20, choices=Code)

    class Meta:
        indexes = [models.Index(fields=["log", "line", "id"], name="analytics_imported_finding")]

    def __str__(self) -> str:
        return f"{self.line} {self.code}"

    @property
    def is_odd(self) -> bool:
        return self.code in self.ODD
