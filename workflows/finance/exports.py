"""A tab of the list as a file for spreadsheets: people masked, text kept from running as a formula."""

from collections.abc import Iterator
from itertools import chain

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts.models import User
from ui.exports.cells import amount_in, csv_lines, guard_cell
from workflows.finance.lists import Row, in_tab, row_of, with_facts

AT_ONCE = 500


def write_refunds(user: User, tab: str) -> Iterator[str]:
    """The file, line by line, the oldest refund first."""
    refunds = with_facts(in_tab(user, tab)).order_by("created_at", "pk").iterator(AT_ONCE)
    return csv_lines(chain([_head()], (_cells(row_of(refund, user)) for refund in refunds)))


def _head() -> list[str]:
    return [
        _("Refund number"),
        _("Case"),
        _("Status"),
        _("Amount"),
        _("Currency"),
        _("Reason"),
        _("Customer"),
        _("Paid with"),
        _("Asked for by"),
        _("authorised by"),
        _("Asked for at"),
        _("Look twice"),
    ]


def _cells(row: Row) -> list[str]:
    refund = row.refund
    people = [each.name if each else "" for each in (refund.created_by, refund.authorised_by)]
    texts = [row.reason, row.customer, refund.balance.payment.method_label, *people]
    return [
        refund.out_refund_no,
        refund.case.number,
        str(refund.get_state_display()),
        str(amount_in(refund.amount_fen, refund.currency)),
        refund.currency,
        *(guard_cell(str(text)) for text in texts),
        f"{localtime(refund.created_at):%Y-%m-%d %H:%M}",
        guard_cell("; ".join(row.flags)),
    ]
