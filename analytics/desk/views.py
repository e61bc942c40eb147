"""Boards, metric pages and lists, their files and pictures."""

from collections.abc import Callable
from datetime import datetime
from functools import partial, wraps

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.redirects import see_other
from analytics.access import sight_of
from analytics.desk import lists
from analytics.desk.agents import draw_agents
from analytics.desk.boards import BOARDS, Board, is_board_open
from analytics.desk.charts import Chart
from analytics.desk.choice import PERIODS, Choice, choice_of
from analytics.desk.filters import filter_groups
from analytics.desk.kept import drawn
from analytics.desk.links import backlog_url, list_url
from analytics.desk.metric_page import draw_metric
from analytics.desk.names import name_of
from analytics.desk.page import MissingError, draw_board, draw_figure, is_drawable, move_tile, ordered, say_filters
from analytics.exports.asking import take_list
from analytics.exports.listing import Listing
from analytics.ledger.freshness import freshness
from analytics.metrics.backlog import BARS, backlog_at
from analytics.metrics.registry import Metric, all_metrics, metric
from complaints.desk.doors import show_refusal
from complaints.services.exporting import owes_reason
from foundation.exceptions import ReasonedError
from foundation.keyset import InvalidCursorError
from ui.charts.pictures import picture_response
from ui.charts.sheets import sheet_of
from ui.exports.responses import sheet_response
from ui.exports.sheets import Sheet
from ui.timefmt import in_words

View = Callable[..., HttpResponse]
AGAIN_SECONDS = 3
PICTURE, SHEETS = "png", frozenset({"csv", "xlsx"})


def figures_view(*methods: str) -> Callable[[View], View]:
    """Let in whoever sees any figures, with what the address chooses. A file of what is still being computed is promised."""

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            sight = sight_of(request.user)
            if sight is None:
                raise PermissionDenied
            choice = choice_of(request.GET, sight)
            try:
                return view(request, choice, *args, **kwargs)
            except MissingError as error:
                return _say_missing(request, choice, error)

        return require_http_methods(list(methods or ("GET", "HEAD")))(guarded)

    return wrap


def _say_missing(request: HttpRequest, choice: Choice, error: MissingError) -> HttpResponse:
    if error.counted.has_failed:
        return render(request, "analytics/too_many.html", frame(choice) | {"title": _("Too many rows for this")}, status=422)
    response = render(request, "analytics/awaited.html", frame(choice) | {"title": _("Being computed")}, status=202)
    response.headers["Retry-After"] = str(AGAIN_SECONDS)
    return response


@figures_view()
def show_board(request: HttpRequest, choice: Choice, board_key: str = "") -> HttpResponse:
    """One board; without a name the first that somebody may see."""
    board = board_for(board_key or next((key for key, each in BOARDS.items() if is_board_open(each, choice.sight)), ""), choice)
    board = ordered(board, choice)
    is_on_wall, number = "tv" in request.GET, request.GET.get("people", "")
    name = (board.key, board.tiles, choice.query, choice.span, choice.filters, choice.sight.extent, is_on_wall, number, get_language())
    text = drawn(name, partial(_draw, board, choice, number, is_on_wall=is_on_wall))
    if request.htmx:
        return HttpResponse(text)
    context = {"choice": choice, "board": board, "drawn": text} | ({} if is_on_wall else frame(choice))
    context["tiles"] = [metric(each) for each in board.tiles]
    return render(request, f"analytics/board{'_tv' if is_on_wall else ''}.html", context)


def _draw(board: Board, choice: Choice, page_number: str, *, is_on_wall: bool) -> tuple[SafeString, bool]:
    """A board as text, and whether it needs no look again; ``page_number`` is that of its people."""
    page = draw_board(board, choice)
    context = {"page": page, "board": board, "choice": choice, "is_on_wall": is_on_wall}
    if is_on_wall or choice.period == "today":
        context["trigger"] = "every 30s"
    if board.extra == "backlog" and choice.sight.sees_teams:
        context["backlog"] = _backlog(choice, page.at)
    if board.extra == "agents":
        context["agents"] = draw_agents(choice, page.at, page_number)
    is_awaiting = page.is_awaiting or ("agents" in context and context["agents"].is_awaiting)
    if is_awaiting:
        context |= {"trigger": f"every {AGAIN_SECONDS}s", "is_awaiting": True}
    return render_to_string("analytics/_board.html", context), not is_awaiting


@figures_view()
def show_filters(request: HttpRequest, choice: Choice) -> HttpResponse:
    """What can be chosen, for a page that was shown without it."""
    return render(request, "analytics/_filter_groups.html", {"filter_groups": filter_groups(choice)})


@figures_view("POST")
def order_tiles(request: HttpRequest, choice: Choice, board_key: str) -> HttpResponse:
    board = board_for(board_key, choice)
    move_tile(board, choice, request.POST.get("metric", ""), by=-1 if request.POST.get("to") == "front" else 1)
    return see_other(f"{request.path.removesuffix('order/')}?{choice.query}")


@figures_view()
def show_metric(request: HttpRequest, choice: Choice, metric_id: str) -> HttpResponse:
    one = metric_for(metric_id, choice)
    split = request.GET.get("by", "")
    context = frame(choice) | draw_metric(one, choice, split if split in one.family.dimensions else "")
    return render(request, "analytics/_metric.html" if request.htmx else "analytics/metric.html", context)


@figures_view()
def show_list(request: HttpRequest, choice: Choice, metric_id: str) -> HttpResponse:
    """What a mark counts, page by page; the number above it is that of the mark."""
    one = metric_for(metric_id, choice)
    if not choice.is_told_by(one.family):
        raise Http404
    part, at = lists.part_named(one, request.GET.get("part", "")), freshness().as_of
    facts = lists.facts_of(one, part, choice, as_of=at)
    try:
        page = lists.page_of(facts, request.GET.get("cursor", ""))
    except InvalidCursorError:
        page = lists.page_of(facts, "")
    counts = lists.sizes_of(one, choice, as_of=at)
    context = frame(choice) | {
        "metric": one,
        "part": part,
        "parts": [(each, counts[each.flag], list_url(one, choice, part=each.flag)) for each in one.parts],
        "heads": lists.heads_of(one),
        "rows": lists.draw_rows(one, part, page.rows, choice, as_of=at),
        "page": page,
        "number": counts[part.flag],
        "may_export": request.user.has_perm("complaints.export_complaint"),
        "owes_reason": owes_reason(request.user),
        "has_value": lists.has_value(one, part),
        "total": lists.total_of(one, part, choice, facts, as_of=at),
    }
    return render(request, "analytics/list.html", context)


@figures_view()
def show_backlog(request: HttpRequest, choice: Choice) -> HttpResponse:
    """Everything that is open, the oldest first, or one bar of it."""
    bar = request.GET.get("bar", "")
    number = int(bar) if bar.isdigit() and int(bar) < len(BARS) else None
    one = metric_for("vol_resolved", choice)
    at = freshness().as_of
    rows = lists.backlog_rows(choice, at=at, bar=number)
    facts = list(rows.order_by("began_at", "root_id")[: lists.ROWS])
    listed = [(row, in_words(at - row.fact.began_at)) for row in lists.draw_rows(one, one.parts[0], facts, choice, as_of=at)]
    context = frame(choice) | {"number": rows.count(), "rows": listed, "heads": lists.heads_of(one)}
    context |= {"backlog": _backlog(choice, at), "bar": number}
    return render(request, "analytics/backlog.html", context)


@figures_view("POST")
def export_list(request: HttpRequest, choice: Choice, metric_id: str, extension: str) -> HttpResponse:
    """The whole list as a file, written down with its reason and marked with both; a long one is made while nobody waits."""
    one = metric_for(metric_id, choice)
    if not choice.is_told_by(one.family) or extension not in SHEETS:
        raise Http404
    listing = Listing(one, lists.part_named(one, request.GET.get("part", "")), choice)
    reason, network = request.POST.get("reason", "")[:150], request.META.get("REMOTE_ADDR")
    try:
        taken = take_list(listing, extension, by=request.user, reason=reason, network=network)
    except ReasonedError as error:
        return show_refusal(request, error)
    if isinstance(taken, Sheet):
        return sheet_response(taken, name=listing.name, extension=extension)
    return see_other(reverse("admin:reports-export", args=[taken.key]))


@figures_view()
def export_chart(request: HttpRequest, choice: Choice, board_key: str, chart_key: str, extension: str) -> HttpResponse:
    """One chart as a picture or as a file; both hold what the page shows."""
    chart = chart_for(board_for(board_key, choice), chart_key)
    if not is_drawable(chart, choice) or extension not in {PICTURE, *SHEETS}:
        raise Http404
    figure, name = draw_figure(chart, choice), f"{board_key}-{chart_key}-{choice.span.first}-{choice.span.last}"
    if extension == PICTURE:
        return picture_response(figure, name=name)
    return sheet_response(sheet_of(figure), name=name, extension=extension)


def frame(choice: Choice) -> dict:
    """What every page of the figures has: where one is, which days, which filters."""
    return {
        "choice": choice,
        "periods": PERIODS.items(),
        "told_filters": say_filters(choice),
        "filter_groups": filter_groups(choice) if choice.is_choosing else [],
        "name_of": name_of,
    }


def board_for(key: str, choice: Choice) -> Board:
    board = BOARDS.get(key)
    if board is None or not is_board_open(board, choice.sight):
        raise Http404
    return board


def metric_for(metric_id: str, choice: Choice) -> Metric:
    known = {each.id: each for each in all_metrics()}
    if metric_id not in known or not choice.sight.sees(known[metric_id]):
        raise Http404
    return known[metric_id]


def chart_for(board: Board, key: str) -> Chart:
    found = next((chart for chart in board.charts if chart.key == key), None)
    if found is None:
        raise Http404
    return found


def _backlog(choice: Choice, at: datetime) -> dict:
    """How many wait now and since when, in bars."""
    backlog = backlog_at(at, filters=choice.filters, source=choice.source, is_now=True)
    found = enumerate(zip(BARS, backlog.bars, strict=True))
    bars = [(low, high, number, backlog_url(choice, bar=place)) for place, ((low, high), number) in found]
    return {"number": backlog.number, "ages": backlog.ages, "bars": bars, "url": backlog_url(choice), "most": max([*backlog.bars, 1])}
