"""By when: the policies that say so, the obligations that run, and the moments at which they are looked at."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.crypto import EncryptedTextField

from .complaint import Complaint


class SlaPolicy(models.Model):
    """How soon what is owed, for complaints that fit. Versions are added, never changed: the highest one that is in force counts.

    Of the policies that are no overlay the first that fits by ``rank`` gives every target. Overlays that fit only tighten: per kind of
    clock the earliest moment wins. ``condition`` holds what must fit (each key at most once): ``priorities``, ``tiers``, ``channels``,
    ``origins``, ``categories``, ``is_green``, ``min_risk``. ``targets`` gives minutes of the calendar by kind (first, next,
    resolution).
    """

    code = models.SlugField(_("code"), max_length=40, db_index=False)
    version = models.PositiveIntegerField(_("version"), default=1)
    name_zh = models.CharField(_("name (Chinese)"), max_length=60)
    name_en = models.CharField(_("name (English)"), max_length=60)
    rank = models.PositiveSmallIntegerField(_("rank"), default=100, help_text=_("The smallest that fits counts."))
    is_overlay = models.BooleanField(_("tightens others"), default=False)
    condition = models.JSONField(_("condition"), default=dict, blank=True)
    targets = models.JSONField(_("targets in minutes"), default=dict)
    calendar = models.ForeignKey(
        "accounts.Calendar", db_index=False, on_delete=models.PROTECT, related_name="+", verbose_name=_("calendar")
    )
    is_active = models.BooleanField(_("active"), default=True)
    effective_from = models.DateTimeField(_("in force from"), default=timezone.now)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, db_index=False, on_delete=models.PROTECT, related_name="+"
    )
    published_at = models.DateTimeField(_("published"), default=timezone.now)
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        ordering = ["rank", "code", "-version"]
        verbose_name = _("promise policy")
        verbose_name_plural = _("promise policies")
        permissions = [("publish_slapolicy", "May publish promise policies")]
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="complaints_slapolicy_version_once")]

    def __str__(self):
        return f"{self.name_zh} v{self.version}"


class LegalRule(models.Model):
    """A deadline that the law or a platform sets. Nobody here can pause or move it; unconfirmed ones say so."""

    class Unit(models.TextChoices):
        HOURS = "hours", _("hours")
        DAYS = "days", _("calendar days")
        WORKING_DAYS = "working_days", _("working days")

    code = models.SlugField(_("code"), max_length=40, db_index=False)
    version = models.PositiveIntegerField(_("version"), default=1)
    platform = models.CharField(_("platform"), max_length=40)
    name_zh = models.CharField(_("name (Chinese)"), max_length=80)
    name_en = models.CharField(_("name (English)"), max_length=80)
    amount = models.PositiveSmallIntegerField(_("amount"))
    unit = models.CharField(_("unit"), max_length=12, choices=Unit)
    source = models.CharField(_("source"), max_length=200)
    effective_from = models.DateField(_("in force from"), default=timezone.localdate)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        db_index=False,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("confirmed by"),
    )
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)

    class Meta:
        ordering = ["platform", "code", "-version"]
        verbose_name = _("legal deadline")
        verbose_name_plural = _("legal deadlines")
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="complaints_legalrule_version_once")]

    def __str__(self):
        return f"{self.name_zh} v{self.version}"


class ExternalRecord(models.Model):
    """The same matter on a platform or at an authority, under its number there.

    ``reply`` is the answer that somebody proposes; another person approves it before it is given there.
    """

    class Stage(models.TextChoices):
        OPEN = "open", _("to be answered")
        ANSWERED = "answered", _("answered")
        ENDED = "ended", _("ended there")

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="external_records")
    rule = models.ForeignKey(LegalRule, db_index=False, on_delete=models.PROTECT, related_name="+")
    external_no = models.CharField(_("number there"), max_length=60)
    stage = models.CharField(_("stage"), max_length=10, choices=Stage, default=Stage.OPEN)
    received_at = models.DateTimeField(_("received"))
    due_at = models.DateTimeField(_("due"), help_text="As the notice says, or by the rule.")
    answered_at = models.DateTimeField(null=True, blank=True)
    proof = models.CharField(_("proof"), max_length=200, blank=True)
    reply = EncryptedTextField(_("words of the answer"), blank=True, default="", db_default="")
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, db_index=False, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, db_index=False, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule", "external_no"], name="complaints_externalrecord_once"),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | (Q(drafted_by__isnull=False) & ~Q(approved_by=F("drafted_by"))),
                name="complaints_externalrecord_four_eyes",
            ),
        ]

    def __str__(self):
        return f"{self.rule_id} {self.external_no}"


class ClockRun(models.Model):
    """One obligation: what is owed since when, by when, and how much of the time is used.

    ``target_s`` and ``consumed_s`` are seconds of the calendar version (``calendar`` null: of every day and night). ``counted_at`` is
    the moment up to which ``consumed_s`` was counted: the last start or pause. ``due_at`` is empty while it is paused. ``promise_at`` is
    what the customer was told; it never moves later.
    """

    class Kind(models.TextChoices):
        FIRST = "first", _("First reply")
        NEXT = "next", _("Reply")
        RESOLUTION = "resolution", _("Resolve")
        STAGE = "stage", _("Department")
        CONTACT = "contact", _("Contact")
        REVIEW = "review", _("Review")
        CALLBACK = "callback", _("Callback")
        LEGAL = "legal", _("Statutory")
        PLATFORM = "platform", _("Platform")

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        PAUSED = "paused", _("paused")
        MET = "met", _("kept")
        MISSED = "missed", _("missed")
        CANCELLED = "cancelled", _("ended with the complaint")
        MERGED = "merged", _("goes on in another complaint")

    class Pause(models.TextChoices):
        CUSTOMER_INFO = "customer_info", _("waits for the customer")
        CUSTOMER_DATE = "customer_date", _("the customer asked for a later day")
        REGULATOR = "regulator", _("mediation is running")
        DISASTER = "disaster", _("force majeure in the region")

    class Waiver(models.TextChoices):
        """Why a missed one is left out of the figures."""

        OUTAGE = "outage", _("our systems were down")
        THIRD_PARTY = "third_party", _("a carrier or supplier was to act")
        CUSTOMER = "customer", _("the customer could not be reached")
        MAJEURE = "majeure", _("force majeure")
        WRONG_CLOCK = "wrong_clock", _("it should never have run")

    SERVICE = frozenset({Kind.FIRST, Kind.NEXT, Kind.RESOLUTION, Kind.STAGE, Kind.CONTACT, Kind.REVIEW, Kind.CALLBACK})
    STATUTORY = frozenset({Kind.LEGAL, Kind.PLATFORM})
    ANSWERS = frozenset({Kind.FIRST, Kind.CONTACT, Kind.NEXT})
    OPEN = frozenset({State.RUNNING, State.PAUSED})

    complaint = models.ForeignKey(Complaint, db_index=False, on_delete=models.PROTECT, related_name="clock_runs")
    kind = models.CharField(max_length=10, choices=Kind)
    cycle = models.PositiveSmallIntegerField(default=1)
    policy = models.ForeignKey(SlaPolicy, null=True, db_index=False, on_delete=models.PROTECT, related_name="+")
    external = models.ForeignKey(ExternalRecord, null=True, db_index=False, on_delete=models.PROTECT, related_name="+")
    calendar = models.ForeignKey("accounts.CalendarVersion", null=True, db_index=False, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    started_at = models.DateTimeField()
    target_s = models.PositiveBigIntegerField()
    consumed_s = models.PositiveBigIntegerField(default=0)
    counted_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    promise_at = models.DateTimeField()
    reached = models.PositiveSmallIntegerField(default=0, help_text="The highest rung in percent that has fired.")
    pause_reason = models.CharField(max_length=20, choices=Pause, blank=True)
    pauses = models.PositiveSmallIntegerField(default=0, help_text="How often it was paused.")
    ended_at = models.DateTimeField(null=True)
    missed_at = models.DateTimeField(null=True, help_text="Its due moment, once it was missed.")
    is_uncovered = models.BooleanField(default=False, help_text="Counted beyond the public days that were known.")
    is_promised = models.BooleanField(default=True, db_default=True, help_text="The customer was told of it.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="running", due_at__isnull=False) | ~Q(state="running"), name="complaints_clockrun_running_is_due"
            ),
            models.CheckConstraint(
                condition=~Q(state="paused") | Q(due_at__isnull=True, kind="resolution"), name="complaints_clockrun_only_resolution_pauses"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["running", "paused"], ended_at__isnull=True)
                | (~Q(state__in=["running", "paused"]) & Q(ended_at__isnull=False)),
                name="complaints_clockrun_ended_when_over",
            ),
            models.CheckConstraint(condition=~Q(state="missed") | Q(missed_at__isnull=False), name="complaints_clockrun_missed_has_moment"),
            models.UniqueConstraint(fields=["complaint", "kind", "cycle", "started_at"], name="complaints_clockrun_obligation_once"),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(is_uncovered=True, ended_at__isnull=True), name="complaints_clockrun_uncovered"),
        ]

    def __str__(self):
        return f"{self.complaint_id} {self.kind} {self.state}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN


class Clock(models.Model):
    """One moment of a run at which something happens. The row of a rung is made when the rung before it has fired.

    ``RESUME`` is the one rung that can come again: each pause with an end sets it anew.
    """

    class Rung(models.IntegerChoices):
        PROMISE = 0, _("promised moment")
        RESUME = 1, _("end of a pause")
        HALF = 50, _("half of the time")
        SOON = 80, _("soon due")
        DUE = 100, _("due")
        LATE = 150, _("half as long again")
        VERY_LATE = 200, _("twice as long")

    run = models.ForeignKey(ClockRun, on_delete=models.CASCADE, related_name="rungs", db_index=False)
    complaint = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=10, choices=ClockRun.Kind)
    threshold = models.PositiveSmallIntegerField(choices=Rung)
    due_at = models.DateTimeField(null=True)
    fired_at = models.DateTimeField(null=True)
    parked_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(db_default=0, help_text="Sweeps that have begun with it and were not heard of again.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "threshold"], name="complaints_clock_rung_once"),
            models.CheckConstraint(
                condition=Q(fired_at__isnull=True) | Q(due_at__isnull=False, fired_at__gte=F("due_at")), name="complaints_clock_never_early"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(fired_at__isnull=True, parked_at__isnull=True), name="complaints_clock_due"),
            models.Index(fields=["parked_at"], condition=Q(parked_at__isnull=False), name="complaints_clock_parked"),
        ]

    def __str__(self):
        return f"{self.run_id} {self.threshold} %"


class FollowUp(models.Model):
    """Something that somebody must do about a complaint by a moment: a call, a look by the lead.

    ``callback_kind`` says where a call comes from. A complaint has at most one open call of each kind.
    """

    class Kind(models.TextChoices):
        CALLBACK = "callback", _("Call the customer")
        BREACH = "breach", _("A promise was missed")
        RISK = "risk", _("The customer is about to escalate")
        NO_REPLY = "no_reply", _("The customer did not answer")
        PROMISE = "promise", _("Promised in a reply")
        LOW_SCORE = "low_score", _("The customer gave a low score")

    class Callback(models.TextChoices):
        REQUESTED = "requested", _("asked for by the customer")
        PROMISED = "promised", _("promised by an agent")
        SUPERVISOR = "supervisor", _("promised by a lead")
        AFTER_RESOLUTION = "after_resolution", _("a day after the result")

    class Role(models.TextChoices):
        ASSIGNEE = "assignee", _("assignee")
        LEAD = "lead", _("lead")
        MANAGER = "manager", _("manager")

    class Outcome(models.TextChoices):
        DONE = "done", _("done")
        REACHED_OK = "reached_ok", _("reached, settled")
        REACHED_NOT_OK = "reached_not_ok", _("reached, not settled")
        UNREACHABLE = "unreachable", _("not reached")
        REFUSED = "refused", _("did not want to talk")
        CANCELLED = "cancelled", _("no longer needed")

    OF_OPEN = frozenset({Kind.BREACH, Kind.RISK, Kind.NO_REPLY, Kind.PROMISE})
    # What is done by saying so; a call needs an outcome of its own.
    LOOKS = OF_OPEN | {Kind.LOW_SCORE}

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="follow_ups")
    kind = models.CharField(max_length=10, choices=Kind)
    callback_kind = models.CharField(max_length=20, choices=Callback, blank=True, default="", db_default="")
    role = models.CharField(max_length=10, choices=Role, default=Role.ASSIGNEE)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, db_index=False, on_delete=models.PROTECT, related_name="follow_ups"
    )
    run = models.ForeignKey(ClockRun, null=True, db_index=False, on_delete=models.PROTECT, related_name="follow_ups")
    threshold = models.PositiveSmallIntegerField(null=True)
    starts_at = models.DateTimeField(null=True, help_text="A booked call: not before.")
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, db_index=False, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=20, choices=Outcome, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "threshold", "role"], name="complaints_followup_rung_once"),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True, outcome="") | (Q(done_at__isnull=False) & ~Q(outcome="")),
                name="complaints_followup_done_has_outcome",
            ),
            models.CheckConstraint(
                condition=Q(kind="callback") & ~Q(callback_kind="") | ~Q(kind="callback") & Q(callback_kind=""),
                name="complaints_followup_calls_have_kind",
            ),
            models.UniqueConstraint(
                fields=["complaint", "callback_kind"],
                condition=Q(kind="callback", done_at__isnull=True),
                name="complaints_followup_one_call",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(done_at__isnull=True), name="complaints_followup_open"),
            models.Index(fields=["owner"], condition=Q(done_at__isnull=True), name="complaints_followup_owner"),
        ]

    def __str__(self):
        return f"{self.complaint_id} {self.kind}"
