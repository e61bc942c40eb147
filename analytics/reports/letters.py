"""A report as a mail: the tiles of its page as text and as a table, in the language and within the rights of whoever gets it."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.http import QueryDict
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import User
from analytics.access import sight_of
from analytics.desk.boards import BOARDS, Board
from analytics.desk.choice import Choice, choice_of
from analytics.desk.page import Page, draw_board, notes_of, ordered
from analytics.metrics.registry import metric
from analytics.models import ReportMail, SavedReport
from complaints.channels.mail import AUTOMATIC, LONGEST_SUBJECT, headers_on, one_line, require_address, sent_as
from ui.charts.tiles import Tile
from ui.localize import is_english


@dataclass(frozen=True)
class Row:
    """One figure of the mail, in words."""

    name: str
    value: str
    n: str
    parts: str
    state: str
    level: str
    delta: str
    basis: str
    url: str


def compose_report(mail: ReportMail) -> EmailMultiAlternatives:
    """The mail of one report to one person. Its figures are asked for with the rights of the recipient, never of the sender."""
    require_address(mail.recipient.email)
    with override(mail.recipient.language):
        letter = letter_of(mail.report, mail.recipient, wanted_at=mail.created_at)
        text, html = (render_to_string(f"emails/report.{kind}", letter) for kind in ("txt", "html"))
        subject = f"{mail.report.name} · {letter['days']}"
    message = EmailMultiAlternatives(
        subject=one_line(subject)[:LONGEST_SUBJECT],
        body=text,
        from_email=sent_as(settings.BIHUAN_SHOP_NAME),
        to=[mail.recipient.email],
        headers=headers_on(f"report-{mail.report_id}", mail.key, mail.recipient.language) | AUTOMATIC,
    )
    message.attach_alternative(html, "text/html")
    return message


class NotCountedError(Exception):
    """Something in the letter is too large to be counted at once. ``has_failed``: it cannot be counted at all."""

    def __init__(self, *, has_failed: bool) -> None:
        super().__init__()
        self.has_failed = has_failed


def letter_of(report: SavedReport, user: User, *, wanted_at: datetime) -> dict:
    """What stands in it, for this reader in the language that is spoken now. Raises ``NotCountedError`` where a figure is missing, or
    older than the wish and a newer one is being computed.
    """
    choice = choice_of(QueryDict(report.query), sight_of(user))
    page = draw_board(ordered(board_of(report), choice), choice)
    _require_counted(page, wanted_at)
    days, *filters, as_of = notes_of(choice, page.at)
    return {
        "title": report.name,
        "page": title_of_page(report),
        "rows": [_row(tile) for tile in (*page.tiles, *page.second)],
        "days": days,
        "filters": filters,
        "as_of": as_of,
        "is_late": page.is_stale,
        "url": settings.BIHUAN_BASE_URL + url_of(report, choice),
        "shop": settings.BIHUAN_SHOP_NAME,
        "owner": report.owner.name,
        "language": "en" if is_english(user.language) else "zh-Hans",
    }


def _require_counted(page: Page, wanted_at: datetime) -> None:
    counts = [answer.counted for answer in page.answers]
    if any(each.tallies is None and each.has_failed for each in counts):
        raise NotCountedError(has_failed=True)
    if any(each.is_awaited and (each.tallies is None or each.at < wanted_at) for each in counts):
        raise NotCountedError(has_failed=False)


def board_of(report: SavedReport) -> Board:
    """The board whose tiles are sent, without its charts; a page of one figure is a board of one tile."""
    if not report.board:
        return Board("", metric(report.metric).name, "", (report.metric,), ())
    board = BOARDS[report.board]
    return Board(board.key, board.title, board.answers, board.tiles, (), board.second)


def title_of_page(report: SavedReport) -> str:
    """The name of the page that is kept."""
    if report.board:
        return str(BOARDS[report.board].title) if report.board in BOARDS else _("a page that is no more")
    return str(metric(report.metric).name)


def url_of(report: SavedReport, choice: Choice | None = None) -> str:
    """Where the page stands, with what was chosen on it."""
    name, key = ("reports-board", report.board) if report.board else ("reports-metric", report.metric)
    return f"{reverse(f'admin:{name}', args=[key])}?{choice.query if choice else report.query}"


def _row(tile: Tile) -> Row:
    url = settings.BIHUAN_BASE_URL + tile.mark.url
    return Row(tile.name, tile.value, tile.n, tile.parts, tile.state_words, tile.state, tile.delta, tile.basis, url)
