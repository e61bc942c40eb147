"""The boards: which tiles and charts each has, and the questions that it answers."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from analytics.access import Sight
from analytics.desk.charts import ByDimension, Causes, Chart, Crossed, Liability, OverTime, WaitedFor, WeekHours
from analytics.metrics.registry import metric


@dataclass(frozen=True)
class Board:
    """One page of figures. ``extra`` names what a page shows beside tiles and charts: the backlog, the table of colleagues."""

    key: str
    title: Any
    answers: Any
    tiles: tuple[str, ...]
    charts: tuple[Chart, ...]
    second: tuple[str, ...] = ()
    extra: str = ""


BOARDS: dict[str, Board] = {
    board.key: board
    for board in [
        Board(
            "overview", _("Overview"), _("How much comes, is it handled, what is late?"),
            ("frt", "rt_full", "sla_att", "fcr_gross", "csat"),
            (
                OverTime("flow", _("Open at the end of each day, and what came in and went out"), ("backlog", "inflow", "outflow")),
                OverTime("response", _("First response time"), ("frt",)),
                Causes("reasons", _("What complaints come from"), ("pareto_reason",)),
                OverTime("promises", _("Promises kept"), ("sla_att",)),
                WeekHours("hours", _("When customers come"), ("vol_new",)),
                ByDimension("kinds", _("Kinds of problems"), ("vol_new",), dimension="category"),
            ),
            second=("vol_total", "reopen", "aht", "refund_cost", "comp_cost", "recovered"), extra="backlog",
        ),
        Board(
            "channels", _("Channels"), _("Which channel presses, where are people needed?"),
            ("vol_new", "frt", "reply_rate", "completion_rate", "csat", "abandon"),
            (
                ByDimension("share", _("Complaints by channel"), ("vol_new",), dimension="channel"),
                ByDimension("frt", _("First response time by channel"), ("frt",), dimension="channel"),
                Crossed("heat", _("Channel and kind of problem"), ("vol_new",), down="category", across="channel"),
                ByDimension("csat", _("Satisfaction by channel"), ("csat",), dimension="channel"),
                ByDimension("reply", _("Reply rate by channel"), ("reply_rate",), dimension="channel"),
                ByDimension("completion", _("Completion rate by channel"), ("completion_rate",), dimension="channel"),
            ),
        ),
        Board(
            "efficiency", _("Efficiency"), _("How fast are we, against what we aim for?"),
            ("frt", "rr3", "nrt", "aht", "rt_first", "rt_full"),
            (
                OverTime("response", _("First and next response time"), ("frt", "nrt")),
                OverTime("resolution", _("Time to resolution"), ("rt_first", "rt_full")),
                WaitedFor("waits", _("Whom a complaint waits for, on average"), ("rt_full",), row_title=_("Waited for")),
                OverTime("minutes", _("Answered within three minutes"), ("rr3", "rr3_people")),
                OverTime("queue", _("Time in the queue of conversations"), ("queue_wait",)),
                WeekHours("hours", _("When conversations begin"), ("queue_rate",)),
            ),
            second=("queue_wait", "queue_rate", "abandon", "answer_x", "frt_biz", "misprioritised"),
        ),
        Board(
            "quality", _("Quality"), _("Is what we say and do any good?"),
            ("fcr_gross", "csat", "ces", "nps", "reopen", "transfer"),
            (
                OverTime("fcr", _("First contact resolution"), ("fcr_gross", "fcr_net", "fcr_survey")),
                OverTime("csat", _("Satisfaction"), ("csat",)),
                OverTime("reopen", _("Reopened and transferred"), ("reopen", "transfer")),
                ByDimension("kinds", _("Satisfaction by kind of problem"), ("csat",), dimension="category"),
            ),
            second=("fcr_net", "fcr_survey", "callback_rate", "callback_ontime", "sla_clean", "selfserve"),
        ),
        Board(
            "types", _("Problems"), _("What is to be fixed at the source?"),
            ("vol_new", "complaint_rate", "resolve_rate", "referred_external", "repeat_after_fix", "comp_cost"),
            (
                Causes("reasons", _("What complaints come from"), ("pareto_reason",)),
                Liability("liability", _("Who was liable"), ("pareto_liability",), row_title=_("Liable")),
                ByDimension("kinds", _("Kinds of problems"), ("vol_new",), dimension="category"),
                Causes("cost", _("What each reason costs"), ("pareto_cost",)),
                Causes("effort", _("How much work each reason makes"), ("pareto_effort",)),
                OverTime("rate", _("Complaints for each thousand delivered orders"), ("complaint_rate",)),
            ),
        ),
        Board(
            "agents", _("Team performance"), _("A fair view of each person's work"),
            ("frt_agent", "aht", "reopen_cycles", "agent_csat", "sla_att"),
            (), extra="agents",
        ),
        Board(
            "cost", _("Costs"), _("What do complaints cost, and who bears it?"),
            ("comp_cost", "refund_cost", "recovered", "comp_per_resolved", "comp_per_orders", "quick_comp"),
            (
                OverTime("compensation", _("Compensation and recovered"), ("comp_cost", "recovered")),
                OverTime("refunds", _("Refunds"), ("refund_cost",)),
                ByDimension("bearers", _("Who bears the compensation"), ("comp_cost",), dimension="bearer"),
                ByDimension("kinds", _("Compensation by kind of problem"), ("comp_cost",), dimension="category"),
                ByDimension("reasons", _("Compensation by reason"), ("comp_cost",), dimension="reason"),
            ),
        ),
        Board(
            "products", _("Goods"), _("Which articles bring complaints?"), ("complaint_rate", "vol_new", "comp_cost"),
            (
                ByDimension("rate", _("Complaints for each thousand orders, by article"), ("complaint_rate",), dimension="sku", by_n=True),
                ByDimension("number", _("Complaints by article"), ("vol_new",), dimension="sku", most=20),
            ),
        ),
        Board(
            "carriers", _("Carriers and warehouses"), _("Where do parcels go wrong?"), ("complaint_rate", "vol_new", "rt_full"),
            (
                ByDimension("carrier-rate", _("Complaints for each thousand orders, by carrier"), ("complaint_rate",), dimension="carrier"),
                ByDimension("warehouse-rate", _("Complaints for each thousand orders, by warehouse"), ("complaint_rate",),
                            dimension="warehouse"),
                ByDimension("carrier-number", _("Complaints by carrier"), ("vol_new",), dimension="carrier"),
                ByDimension("warehouse-number", _("Complaints by warehouse"), ("vol_new",), dimension="warehouse"),
            ),
        ),
        Board(
            "regions", _("Shops and regions"), _("Where do complaints come from?"), ("vol_new", "complaint_rate", "csat", "sla_att"),
            (
                ByDimension("merchants", _("Complaints by shop"), ("vol_new",), dimension="merchant"),
                ByDimension("provinces", _("Complaints by province"), ("vol_new",), dimension="province", most=34),
                ByDimension("province-rate", _("Complaints for each thousand orders, by province"), ("complaint_rate",),
                            dimension="province", most=34),
            ),
        ),
    ]
}  # fmt: skip


def is_board_open(board: Board, sight: Sight) -> bool:
    """Whether somebody may see anything of a board."""
    return any(sight.sees(metric(each)) for each in board.tiles)


def boards_for(sight: Sight) -> list[Board]:
    return [board for board in BOARDS.values() if is_board_open(board, sight)]
