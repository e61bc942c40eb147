"""What people add to figures: goals, remarks on days, and which tiles they want to see first."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Goal(models.Model):
    """What a figure should reach from a day on, for the whole house, a team or a person. A past day is judged by the goal of that day."""

    class Scope(models.TextChoices):
        HOUSE = "house", _("whole house")
        TEAM = "team", _("team")
        AGENT = "agent", _("colleague")

    metric = models.CharField(_("figure"), max_length=40)
    scope = models.CharField(_("for"), max_length=10, choices=Scope, default=Scope.HOUSE)
    subject_id = models.BigIntegerField(default=0)
    value = models.FloatField(_("goal"), null=True, help_text=_("Nothing: no goal from that day on."))
    valid_from = models.DateField(_("from"))
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False)
    set_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("goal")
        verbose_name_plural = _("goals")
        permissions = [
            ("view_figures", "May see figures"),
            ("view_house_figures", "May see the figures of the own shops"),
            ("view_team_figures", "May see the figures of the own teams"),
            ("view_money_figures", "May see what complaints cost"),
            ("view_warehouse_figures", "May see the figures of the own warehouse"),
            ("set_goal", "May set goals of the own teams"),
            ("annotate_day", "May write remarks on days"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["metric", "scope", "subject_id", "valid_from"], name="analytics_goal_once"),
            models.CheckConstraint(
                condition=Q(scope="house", subject_id=0) | (~Q(scope="house") & Q(subject_id__gt=0)), name="analytics_goal_of_somebody"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.scope} {self.valid_from}"


class Remark(models.Model):
    """What happened on a day, for everybody who looks at a curve: a promotion, an outage."""

    day = models.DateField(_("day"))
    text = models.CharField(_("remark"), max_length=120)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False)
    at = models.DateTimeField(default=timezone.now, editable=False)
    removed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("remark")
        verbose_name_plural = _("remarks")
        indexes = [models.Index(fields=["day"], condition=Q(removed_at__isnull=True), name="analytics_remark_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.text}"


class TileOrder(models.Model):
    """The order in which somebody wants the tiles of a board."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    board = models.CharField(max_length=20)
    metrics = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "board"], name="analytics_tile_order_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.board}"
