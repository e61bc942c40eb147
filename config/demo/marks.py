"""What the people of the demo shop have put beside their figures: goals, remarks on days, and a report that is kept."""

from datetime import date, timedelta

from django.utils import timezone

from accounts.models import Team, User
from analytics.desk.goals import set_goal
from analytics.desk.remarks import add_remark
from analytics.metrics.registry import metric
from analytics.models import Goal
from analytics.reports.saving import Page, Wish, save_report

HOUSE_GOALS = {"frt": 7_200, "sla_att": 0.9, "fcr_gross": 0.9, "csat": 0.8}
TEAM, TEAM_GOALS = "logistics", {"frt": 5_400, "csat": 0.75}
GOALS_SINCE = timedelta(days=84)
SALE = (11, 11)
WEEKLY_REPORT = "每周投诉概况"


def add_marks() -> None:
    """Goals of the house and of one team, a remark on each day worth one, and one report that is kept."""
    manager = User.objects.get(username="shen.manager")
    today = timezone.localdate()
    since, team = today - GOALS_SINCE, Team.objects.get(code=TEAM)
    for goals, scope, subject_id in ((HOUSE_GOALS, Goal.Scope.HOUSE, 0), (TEAM_GOALS, Goal.Scope.TEAM, team.pk)):
        for name, value in goals.items():
            set_goal(metric(name), scope=scope, subject_id=subject_id, value=value, valid_from=since, by=manager)
    add_remark(_last_sale(today), "双 11 大促", by=manager)
    add_remark(today - timedelta(days=1), "中通转运中心破损件增多", by=manager)
    save_report(Page("overview", "", ""), Wish(WEEKLY_REPORT), by=manager)


def _last_sale(today: date) -> date:
    sale = date(today.year, *SALE)
    return sale if sale <= today else date(today.year - 1, *SALE)
