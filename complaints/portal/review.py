"""What page two lists for checking: each answer of page one with a way back to it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from complaints.intake.submission import chosen_lines
from complaints.models import Category, Complaint, Draft


@dataclass(frozen=True)
class Row:
    """One answer. ``field`` is the id of the control of page one that asks for it."""

    label: str
    text: str
    field: str
    is_quiet: bool = False


def review_of(answers: dict, category: Category, draft: Draft) -> list[Row]:
    return [
        Row(_("What went wrong"), str(category), "category_0"),
        *_order_rows(answers),
        Row(_("What would help"), str(Complaint.Wish(answers["wish"]).label), "wish_0"),
        _optional(_("What happened"), answers.get("description", ""), "description"),
        _files_row(draft),
    ]


def _order_rows(answers: dict) -> list[Row]:
    order = answers.get("order")
    if order:
        rows = [Row(_("Order"), order["number"], "order_text")]
        goods = "\n".join(line["title"] for line in chosen_lines(answers))
        return rows + ([Row(_("Goods"), goods, "lines_0")] if goods else [])
    text = answers.get("order_text", "")
    return (
        [Row(_("Order"), _("%(number)s – we check it for you") % {"number": text}, "order_text")]
        if text
        else [Row(_("Order"), _("Not given. We look for it."), "order_text", is_quiet=True)]
    )


def _optional(label: str, text: str, field: str) -> Row:
    return Row(label, text or _("Nothing written"), field, is_quiet=not text)


def _files_row(draft: Draft) -> Row:
    count = len(draft.files)
    words = ngettext("%(count)d file", "%(count)d files", count) % {"count": count} if count else _("None")
    return Row(_("Photos and videos"), words, "evidence", is_quiet=not count)
