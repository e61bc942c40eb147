"""The complaint itself. Only ``complaints.services`` changes it."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import RETURN_VALUE, FSMField, transition

from complaints import lifecycle
from complaints.lifecycle import VERBS, Status
from foundation.crypto import EncryptedTextField
from foundation.events import ChainSubject

from .category import Category, Form

LIVE = Q(status__in=sorted(lifecycle.LIVE))
REPLIED = Q(needs_reply=True) & ~Q(status=lifecycle.Status.NEW)  # the customer wrote again


def verb(name, target=None):
    """The ``@transition`` of one row of the lifecycle table."""
    row = VERBS[name]
    return transition(field="status", source=sorted(row.sources), target=target or row.target, custom={"who": row.who})


class Tag(models.Model):
    """A free label of the desk."""

    name = models.CharField(pgettext_lazy("thing", "name"), max_length=40, unique=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("tag")
        verbose_name_plural = _("tags")

    def __str__(self):
        return self.name


class Complaint(ChainSubject):
    """What a customer files: one matter, from filing to closing.

    ``due_at`` is the next moment at which somebody here owes an answer and the sort key of every queue. ``timer_at`` is when the
    state ends by itself (no answer, wake, confirm). ``needs_reply`` is true while the customer had the last word.
    ``first_reply_at`` is the first human answer of the present cycle.
    """

    Status = Status

    class Priority(models.IntegerChoices):
        LOW = 0, _("Low")
        NORMAL = 1, _("Normal")
        HIGH = 2, _("High")
        URGENT = 3, _("Urgent")

    class Channel(models.TextChoices):
        WEB = "web", _("Web form")
        MAIL = "mail", _("Mail")
        PHONE = "phone", _("Phone")
        CHAT = "chat", _("Chat")
        WECHAT = "wechat", _("WeChat")
        SOCIAL = "social", _("Social media")
        COUNTER = "counter", _("At the counter")
        API = "api", _("API")

    class Origin(models.TextChoices):
        CUSTOMER = "customer", _("customer")
        AGENT = "agent", _("agent on behalf")
        RULE = "rule", _("rule")
        IMPORT = "import", _("import")
        INTEGRATION = "integration", _("integration")

    class Wish(models.TextChoices):
        RETURN_REFUND = "return_refund", _("Return and refund")
        REFUND_ONLY = "refund_only", _("Refund only")
        EXCHANGE = "exchange", _("Exchange")
        RESHIP = "reship", _("Send the goods again")
        REPAIR = "repair", _("Repair")
        FEEDBACK = "feedback", _("Just tell you")

    class Outcome(models.TextChoices):
        SOLVED = "solved", _("Solved")
        DECLINED = "declined", _("Not upheld")
        NO_RESPONSE = "no_response", _("Customer not reached")

    class Department(models.TextChoices):
        WAREHOUSE = "warehouse", _("warehouse")
        FINANCE = "finance", _("finance")
        CARRIER = "carrier", _("carrier")
        SUPPLIER = "supplier", _("supplier")

    number = models.CharField(_("number"), max_length=20, unique=True)
    merchant = models.ForeignKey("orders.Merchant", on_delete=models.PROTECT, related_name="complaints", verbose_name=_("merchant"))
    customer = models.ForeignKey("orders.Customer", null=True, blank=True, on_delete=models.PROTECT, related_name="complaints")
    order = models.ForeignKey("orders.Order", null=True, blank=True, on_delete=models.PROTECT, related_name="complaints")
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="complaints", verbose_name=_("category"))
    form = models.ForeignKey(Form, db_index=False, on_delete=models.PROTECT, related_name="+")
    subject = models.CharField(_("subject"), max_length=120)
    description = models.TextField(_("description"), blank=True, max_length=8000)
    wish = models.CharField(_("wanted outcome"), max_length=20, choices=Wish, default=Wish.FEEDBACK)
    answers = models.JSONField(default=dict, blank=True)
    happened_on = models.DateField(_("happened on"), null=True, blank=True)
    line_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    order_text = models.CharField(_("order or waybill as typed"), max_length=120, blank=True)
    order_snapshot = models.JSONField(default=dict, blank=True)
    amount_fen = models.BigIntegerField(_("amount at stake"), default=0)
    currency = models.CharField(max_length=3, default="CNY")

    status = FSMField(_("status"), max_length=20, choices=Status, default=Status.NEW, protected=True)
    status_before = models.CharField(max_length=20, blank=True, help_text="To where wake and unmerge return.")
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority, default=Priority.NORMAL)
    channel = models.CharField(_("channel"), max_length=20, choices=Channel, default=Channel.WEB)
    origin = models.CharField(max_length=20, choices=Origin, default=Origin.CUSTOMER)
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    team = models.ForeignKey("accounts.Team", db_index=False, on_delete=models.PROTECT, related_name="complaints", verbose_name=_("team"))
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="complaints", verbose_name=_("assignee")
    )
    waiting_on = models.CharField(_("with"), max_length=20, choices=Department, blank=True)
    waiting_until = models.DateField(_("expected"), null=True, blank=True)
    cycle = models.PositiveSmallIntegerField(_("round"), default=1)
    asked_count = models.PositiveSmallIntegerField(default=0, help_text="How often the customer was asked in this cycle.")
    outcome = models.CharField(_("outcome"), max_length=20, choices=Outcome, blank=True)
    resolution = models.TextField(_("resolution"), blank=True)
    reason_code = models.CharField(_("reason"), max_length=40, blank=True)
    liability = models.JSONField(default=dict, blank=True, help_text="Shares in percent by party, sum 100.")
    no_reply = models.BooleanField(default=False)
    risk_level = models.PositiveSmallIntegerField(default=0, help_text="0 calm to 4 about to escalate; what a person lowered stays low.")
    risk_signals = models.CharField(
        max_length=80,
        blank=True,
        default="",
        db_default="",
        help_text="What the level goes by, most important first; empty when a person set it.",
    )

    contact_name = EncryptedTextField(_("name"), blank=True, default="")
    contact_phone = EncryptedTextField(_("phone"), blank=True, default="")
    contact_phone_index = models.CharField(max_length=64, blank=True, default="", editable=False)
    contact_email = EncryptedTextField(_("e-mail"), blank=True, default="")
    contact_email_index = models.CharField(max_length=64, blank=True, default="", editable=False)
    contact_hours = models.CharField(_("when to call"), max_length=40, blank=True)
    is_proven = models.BooleanField(_("contact proven"), default=False)

    filed_at = models.DateTimeField(_("filed"), default=timezone.now)
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, db_index=False, on_delete=models.PROTECT, related_name="+"
    )
    promise_at = models.DateTimeField(_("promised answer"))
    new_promise_at = models.DateTimeField(null=True, blank=True, help_text="What the customer was told after a promise was missed.")
    due_at = models.DateTimeField(_("due"))
    due_kind = models.CharField(max_length=10, blank=True, default="first", help_text="The kind of clock that is due then; empty: a timer.")
    due_since = models.DateTimeField(default=timezone.now, help_text="When that clock started.")
    timer_at = models.DateTimeField(null=True, blank=True)
    first_reply_at = models.DateTimeField(null=True, blank=True)
    needs_reply = models.BooleanField(default=True)
    unanswered_since = models.DateTimeField(null=True, blank=True, help_text="First message of the customer that waits for an answer.")
    last_message_at = models.DateTimeField(default=timezone.now)
    escalated_at = models.DateTimeField(null=True, blank=True)
    appealed_at = models.DateTimeField(null=True, blank=True)
    appeal_decided_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, db_index=False, on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged_children")
    merged_at = models.DateTimeField(null=True, blank=True)
    tags = models.ManyToManyField(Tag, blank=True, related_name="complaints")
    watcher_ids = ArrayField(models.BigIntegerField(), default=list, blank=True, help_text="Staff who follow it without working on it.")

    erased_at = models.DateTimeField(null=True, blank=True, help_text="When everything personal was removed for good.")
    submission_digest = models.CharField(max_length=64, unique=True, null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("complaint")
        verbose_name_plural = _("complaints")
        permissions = [
            ("use_desk", "May use the desk"),
            ("file_on_behalf", "May file for a customer"),
            ("reply_complaint", "May reply to customers"),
            ("note_complaint", "May write internal notes"),
            ("change_complaint_state", "May use the status verbs"),
            ("label_complaint", "May set priority, tags and category"),
            ("claim_complaint", "May claim and take the next one"),
            ("merge_complaint", "May merge two visible complaints and split one"),
            ("view_evidence", "May open evidence"),
            ("lead_complaint", "May use the verbs of a lead"),
            ("assign_complaint", "May assign to others"),
            ("manage_shop", "Sees every complaint of the own shops"),
            ("export_complaint", "May export complaints"),
            ("view_mailbox", "May read the local mailbox"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="complaints_complaint_status_known"),
            models.CheckConstraint(condition=Q(priority__lte=3), name="complaints_complaint_priority_0_to_3"),
            models.CheckConstraint(condition=Q(risk_level__lte=4), name="complaints_complaint_risk_0_to_4"),
            models.CheckConstraint(condition=Q(amount_fen__gte=0), name="complaints_complaint_amount_not_negative"),
            models.CheckConstraint(
                condition=(Q(status="merged") & Q(merged_into__isnull=False)) | (~Q(status="merged") & Q(merged_into__isnull=True)),
                name="complaints_complaint_merged_into_survivor",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=models.F("id")), name="complaints_complaint_not_into_itself"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["resolved", "closed"]) | (Q(resolved_at__isnull=False) & ~Q(outcome="")),
                name="complaints_complaint_resolved_has_outcome",
            ),
        ]
        indexes = [
            models.Index(fields=["assignee", "due_at", "id"], condition=LIVE, name="complaints_live_assignee"),
            models.Index(fields=["team", "due_at", "id"], condition=LIVE, name="complaints_live_team"),
            models.Index(fields=["team", "due_at", "id"], condition=LIVE & Q(assignee__isnull=True), name="complaints_live_unassigned"),
            models.Index(fields=["team", "due_at", "id"], condition=LIVE & REPLIED, name="complaints_live_replied"),
            models.Index(fields=["team", "-filed_at", "-id"], name="complaints_team_filed"),
            models.Index(fields=["team", "-resolved_at"], condition=Q(resolved_at__isnull=False), name="complaints_team_resolved"),
            models.Index(fields=["timer_at"], condition=Q(timer_at__isnull=False), name="complaints_timer"),
            models.Index(fields=["contact_phone_index", "-filed_at"], condition=~Q(contact_phone_index=""), name="complaints_phone"),
            models.Index(fields=["contact_email_index", "-filed_at"], condition=~Q(contact_email_index=""), name="complaints_email"),
            models.Index(fields=["-filed_at"], condition=Q(order__isnull=True), name="complaints_unmatched"),
            GinIndex(fields=["watcher_ids"], condition=~Q(watcher_ids=[]), name="complaints_watched"),
        ]

    def __str__(self):
        return self.number

    def refresh_from_db(self, using=None, fields=None, from_queryset=None):
        """Reading the row again is the one way to set the protected status without a transition."""
        loaded = [field.attname for field in self._meta.concrete_fields if field.attname not in self.get_deferred_fields()]
        names = loaded if fields is None else fields
        if "status" in names:
            self.__dict__.pop("status", None)
        super().refresh_from_db(using=using, fields=names, from_queryset=from_queryset)

    @property
    def stage(self) -> str:
        return lifecycle.stage_of(self.status, self.cycle)

    @property
    def is_live(self) -> bool:
        return self.status in lifecycle.LIVE

    @property
    def is_about_safety(self) -> bool:
        """Whether it reads as danger to a person, and no person has said otherwise."""
        return "safety" in self.risk_signals.split()

    @property
    def has_open_appeal(self) -> bool:
        return self.appealed_at is not None and self.appeal_decided_at is None

    @property
    def is_matched(self) -> bool:
        return self.order_id is not None

    @verb("begin")
    def begin(self): ...

    @verb("ask_customer")
    def ask_customer(self): ...

    @verb("answer")
    def answer(self): ...

    @verb("no_answer")
    def no_answer(self): ...

    @verb("hand_over")
    def hand_over(self): ...

    @verb("hand_back")
    def hand_back(self): ...

    @verb("snooze")
    def snooze(self):
        self.status_before = self.status

    @verb("wake", target=RETURN_VALUE(Status.OPEN, Status.WAITING_INTERNAL))
    def wake(self):
        return self.status_before

    @verb("resolve")
    def resolve(self): ...

    @verb("decline")
    def decline(self): ...

    @verb("give_up")
    def give_up(self): ...

    @verb("confirm")
    def confirm(self): ...

    @verb("reopen")
    def reopen(self): ...

    @verb("withdraw")
    def withdraw(self): ...

    @verb("resume")
    def resume(self): ...

    @verb("merge")
    def merge(self):
        self.status_before = self.status

    @verb("unmerge", target=RETURN_VALUE(*sorted(lifecycle.LIVE | {Status.RESOLVED})))
    def unmerge(self):
        return self.status_before

    @verb("mark_spam")
    def mark_spam(self): ...

    @verb("restore")
    def restore(self): ...


class Link(models.Model):
    """Two complaints that belong together without being one."""

    class Kind(models.TextChoices):
        DUPLICATE = "duplicate_of", _("possibly the same as")
        FOLLOWS = "follows", _("follows")
        SAME_ORDER = "same_order", _("same order as")
        SPLIT = "split_from", _("split from")

    source = models.ForeignKey(Complaint, db_index=False, on_delete=models.CASCADE, related_name="links")
    target = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="linked_from")
    kind = models.CharField(max_length=20, choices=Kind)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "target", "kind"], name="complaints_link_once"),
            models.CheckConstraint(condition=~Q(source=models.F("target")), name="complaints_link_not_to_itself"),
        ]

    def __str__(self):
        return f"{self.source_id} {self.kind} {self.target_id}"
