"""What payment providers tell by themselves: notices as they came, and their statements of a day."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from foundation.leases import LeasedRow

from .money import Anomaly, PaymentBalance, Refund


class InboundNotification(LeasedRow):
    """A notice of a payment provider as it came. It decides nothing: it is kept, and the refund is asked about at once."""

    class State(models.TextChoices):
        STORED = "stored", _("to be read")
        READ = "read", _("read")
        REJECTED = "rejected", _("rejected")
        DEAD = "dead", _("given up")

    gateway = models.CharField(max_length=20)
    notify_id = models.CharField(max_length=120)
    out_refund_no = models.CharField(max_length=64, blank=True)
    raw = models.BinaryField()
    headers = models.JSONField(default=dict)
    received_at = models.DateTimeField(db_default=Now())
    state = models.CharField(max_length=10, choices=State, default=State.STORED)
    why = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["gateway", "notify_id"], name="workflows_notification_once")]
        indexes = [models.Index(fields=["next_at", "id"], name="workflows_notification_due", condition=models.Q(state="stored"))]

    def __str__(self):
        return f"{self.gateway} {self.notify_id}"


def _staff(**options) -> models.ForeignKey:
    return models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False, **options)


class Statement(models.Model):
    """A provider's statement of one day. Closing it is a signed act; opening it again needs a second person.

    ``seen_at`` is up to when our own books count: later bookings of a day that is not over were not known to the provider yet.
    Whoever took it in, closed it or opened it again, and what they saw, stands in its ``acts``.
    """

    gateway = models.CharField(_("payment provider"), max_length=20)
    day = models.DateField(_("day"))
    digest = models.CharField(max_length=64)
    name = models.CharField(_("file"), max_length=120, blank=True)
    has_total = models.BooleanField(default=False)
    uploaded_by = _staff()
    uploaded_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(db_default=Now())
    closed_by = _staff()
    closed_at = models.DateTimeField(null=True)
    reopened_by = _staff()
    reopened_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("statement")
        permissions = [
            ("read_money", "May read the totals of money paid back"),
            ("reconcile_money", "May reconcile statements of payment providers and lift freezes"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["gateway", "day"], name="workflows_statement_once"),
            models.CheckConstraint(
                condition=Q(reopened_by__isnull=True) | ~Q(reopened_by=F("closed_by")), name="workflows_statement_four_eyes"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True) | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="workflows_statement_signed",
            ),
            models.CheckConstraint(
                condition=Q(reopened_at__isnull=True, reopened_by__isnull=True)
                | Q(reopened_at__isnull=False, reopened_by__isnull=False, closed_at__isnull=False),
                name="workflows_statement_reopened",
            ),
        ]

    def __str__(self):
        return f"{self.gateway} {self.day}"

    @property
    def is_closed(self) -> bool:
        return self.closed_at is not None and self.reopened_at is None


class StatementAct(models.Model):
    """Who did what to a statement, and the digest of the lines that they saw. Append-only."""

    class Kind(models.TextChoices):
        TAKEN = "taken", _("taken in")
        MATCHED = "matched", _("matched again")
        CLOSED = "closed", _("signed and closed")
        REOPENED = "reopened", _("opened again")

    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="acts")
    kind = models.CharField(max_length=10, choices=Kind)
    by = _staff()
    at = models.DateTimeField(db_default=Now())
    digest = models.CharField(max_length=64)
    reason = models.CharField(max_length=200, blank=True)

    def __str__(self):
        return f"{self.statement_id} {self.kind}"


class StatementLine(models.Model):
    """One refund of a statement, and what our books say to it; or, without a ``position``, one that only our books have.

    ``listed_fen`` is what the file says, ``amount_fen`` what of it counts as paid, ``ours_fen`` what our books hold of it; all are
    negative for money that came back. ``booked_on`` is the day of our booking where it is another day.
    """

    class Match(models.TextChoices):
        MATCHED = "matched", _("matched")
        OTHER_AMOUNT = "other_amount", _("amount differs")
        ONLY_THERE = "only_there", _("theirs only")
        ONLY_HERE = "only_here", _("ours only")

    class Standing(models.TextChoices):
        PAID = "paid", _("paid")
        UNDER_WAY = "under_way", _("under way")
        NOTHING = "nothing", _("not paid")

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField(null=True)
    out_refund_no = models.CharField(max_length=64)
    payment_ref = models.CharField(max_length=80, blank=True)
    kind = models.CharField(max_length=40, blank=True)
    standing = models.CharField(max_length=10, choices=Standing, default=Standing.PAID)
    listed_fen = models.BigIntegerField(default=0)
    amount_fen = models.BigIntegerField()
    ours_fen = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    at = models.DateTimeField()
    booked_on = models.DateField(null=True)
    match = models.CharField(max_length=12, choices=Match)
    cause = models.CharField(max_length=20, blank=True)
    refund = models.ForeignKey(Refund, null=True, on_delete=models.PROTECT, related_name="statement_lines")
    suggested = models.ForeignKey(Refund, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    balance = models.ForeignKey(PaymentBalance, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    anomaly = models.ForeignKey(Anomaly, null=True, on_delete=models.PROTECT, related_name="statement_lines")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["statement", "out_refund_no"], condition=~Q(out_refund_no=""), name="workflows_statementline_once"
            ),
        ]

    def __str__(self):
        return self.out_refund_no

    @property
    def gap_fen(self) -> int:
        """What the provider has more than our books."""
        return self.amount_fen - self.ours_fen


class StatementPull(LeasedRow):
    """A wish to fetch the statement of a day from the provider itself, and how far that has come."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting to be fetched")
        ASKING = "asking", _("asking the provider")
        MATCHING = "matching", _("matching")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    gateway = models.CharField(_("payment provider"), max_length=20)
    day = models.DateField(_("day"))
    asked_by = _staff()
    asked_at = models.DateTimeField(db_default=Now())
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    line_count = models.PositiveIntegerField(null=True)
    why = models.CharField(max_length=40, blank=True)
    ended_at = models.DateTimeField(null=True)

    OPEN = (State.WAITING, State.ASKING, State.MATCHING)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["gateway", "day"], condition=Q(state__in=["waiting", "asking", "matching"]), name="workflows_pull_one_open"
            ),
        ]
        indexes = [
            models.Index(fields=["next_at", "id"], name="workflows_pull_due", condition=Q(state__in=["waiting", "asking", "matching"])),
        ]

    def __str__(self):
        return f"{self.gateway} {self.day}"


class AnomalyAct(models.Model):
    """What was said and done about an anomaly, by whom. Append-only."""

    class Kind(models.TextChoices):
        EXPLAINED = "explained", _("explained")
        COUNTED = "counted", _("counted as refunded elsewhere")
        CONFIRMED = "confirmed", _("confirmed by a second person")
        RETURNED = "returned", _("sent back by a second person")
        LIFTED = "lifted", _("freeze lifted")

    anomaly = models.ForeignKey(Anomaly, on_delete=models.PROTECT, related_name="acts")
    kind = models.CharField(max_length=10, choices=Kind)
    by = _staff()
    at = models.DateTimeField(db_default=Now())
    reason = models.CharField(max_length=200, blank=True)

    def __str__(self):
        return f"{self.anomaly_id} {self.kind}"
