"""What can be complained of, kept in memory: categories, the current form of each, and the shop that stands behind the form.

Read by every page of the form and changed a few times a year, so each process reads it again every half minute and not per request.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from complaints.models import Category, Complaint, Form
from orders.models import Merchant

FRESH_SECONDS = 30.0
OTHER = "service.other"
MOST_TOP = 6


@dataclass(frozen=True)
class Catalogue:
    """The active categories in their order, each with its newest form. ``drawn`` keeps finished HTML as long as the rest."""

    merchant: Merchant
    categories: dict[str, Category]
    forms: dict[str, Form]
    read_at: float
    drawn: dict = field(default_factory=dict, compare=False)
    by_id: dict[int, Category] = field(default_factory=dict)

    def describe(self, complaint: Complaint) -> None:
        """Give a complaint its category and form from memory; what is no longer current is left to the database."""
        category = self.by_id.get(complaint.category_id)
        if category is not None:
            complaint.category = category
            if self.forms[category.code].pk == complaint.form_id:
                complaint.form = self.forms[category.code]

    def offered(self, order_status: str = "") -> tuple[list[Category], list[Category]]:
        """The categories to show first (at most six, "something else" apart) and all others, for an order in this state."""
        fitting = [each for each in self.categories.values() if each.code != OTHER and _fits(each, order_status)]
        return fitting[:MOST_TOP], fitting[MOST_TOP:]

    @property
    def other(self) -> Category | None:
        return self.categories.get(OTHER)


class NothingOfferedError(Exception):
    """There is no shop or no category yet: ``manage.py setup_defaults`` has not run."""


def catalogue() -> Catalogue:
    """The current catalogue; costs queries only when the last reading is older than ``FRESH_SECONDS``."""
    global _current
    if _current is None or time.monotonic() - _current.read_at > FRESH_SECONDS:
        _current = _read()
    return _current


def forget_catalogue() -> None:
    """Make the next reader ask the database."""
    global _current
    _current = None


_current: Catalogue | None = None


def _read() -> Catalogue:
    merchant = Merchant.objects.filter(is_active=True).order_by("id").first()
    forms = {form.category_id: form for form in Form.objects.filter(category__is_active=True).order_by("version")}
    categories = [each for each in _active_categories() if each.pk in forms]
    if merchant is None or not categories:
        raise NothingOfferedError("run manage.py setup_defaults")
    by_code = {each.code: each for each in categories}
    current = {code: forms[each.pk] for code, each in by_code.items()}
    return Catalogue(merchant, by_code, current, time.monotonic(), by_id={each.pk: each for each in categories})


def _active_categories() -> Iterable[Category]:
    return Category.objects.filter(is_active=True).select_related("team").order_by("position", "code")


def _fits(category: Category, order_status: str) -> bool:
    return not order_status or not category.order_statuses or order_status in category.order_statuses
