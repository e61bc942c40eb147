"""Complaints as lines of a spreadsheet: personal fields masked, and no cell that a spreadsheet would run."""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from itertools import chain

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext as _

from complaints.desk import directory
from complaints.desk.choices import labels
from complaints.models import Complaint
from ui.exports.cells import csv_lines, guard_cell
from ui.localize import localized
from ui.masking import mask_email, mask_name, mask_phone, mask_text

CHUNK = 500
READ = (
    "number", "subject", "status", "category_id", "priority", "team_id", "assignee_id", "channel", "contact_name", "contact_phone",
    "contact_email", "order__number", "amount_fen", "currency", "filed_at", "due_at", "first_reply_at", "resolved_at", "outcome", "cycle",
)  # fmt: skip


def write_csv(complaints: QuerySet[Complaint], *, mark: list[str], at: datetime) -> Iterator[str]:
    """The file, line by line: ``mark`` says who took it and why, then the head, then a line for each complaint. One statement."""
    # Everything that depends on the viewer's language and zone is looked up before the first line leaves.
    words, zone, head = _Words(), get_current_timezone(), _head()
    mark = [*mark, _write_time(at, zone)]
    return csv_lines(chain([list(map(guard_cell, mark)), head], _rows(complaints, words, zone)))


def _rows(complaints: QuerySet[Complaint], words: "_Words", zone: tzinfo) -> Iterator[list[str]]:
    tags = Complaint.tags.through._default_manager.filter(complaint=OuterRef("pk")).order_by("tag__name").values("tag__name")
    rows = complaints.annotate(tag_names=ArraySubquery(tags)).values_list(*READ, "tag_names", named=True)
    for row in rows.iterator(chunk_size=CHUNK):
        yield [guard_cell(cell) for cell in words.draw(row, zone)]


def _head() -> list[str]:
    return [
        _("Number"), _("Subject"), _("Status"), _("Category"), _("Priority"), _("Team"), _("Assignee"), _("Channel"), _("Name"), _("Phone"),
        _("E-mail"), _("Order number"), _("Amount"), _("Currency"), _("Filed"), _("Due"), _("First reply"), _("Resolved"), _("Outcome"),
        _("Round"), _("Tags"),
    ]  # fmt: skip


class _Words:
    """What codes and numbers mean in the viewer's language."""

    def __init__(self) -> None:
        self.labels = labels()
        self.categories = {pk: localized(each, "name") for pk, each in directory.categories.all().items()}
        self.teams = {pk: localized(each, "name") for pk, each in directory.teams.all().items()}
        self.outcomes = {value: str(label) for value, label in Complaint.Outcome.choices}

    def draw(self, row, zone: tzinfo) -> list[str]:
        colleague = directory.colleagues.get(row.assignee_id) if row.assignee_id else ""
        return [
            row.number,
            mask_text(row.subject),
            self.labels["status"][row.status],
            self.categories.get(row.category_id, ""),
            self.labels["priority"][str(row.priority)],
            self.teams.get(row.team_id, ""),
            str(colleague or ""),
            self.labels["channel"][row.channel],
            mask_name(row.contact_name),
            mask_phone(row.contact_phone),
            mask_email(row.contact_email),
            row.order__number or "",
            f"{row.amount_fen // 100}.{row.amount_fen % 100:02}",
            row.currency,
            *(_write_time(each, zone) for each in (row.filed_at, row.due_at, row.first_reply_at, row.resolved_at)),
            self.outcomes.get(row.outcome, ""),
            str(row.cycle),
            ", ".join(row.tag_names),
        ]


def _write_time(moment: datetime | None, zone: tzinfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M") if moment else ""
