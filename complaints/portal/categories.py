"""The choice of what went wrong: six likely kinds first, all others folded away in groups, "something else" always last."""

from dataclasses import dataclass
from itertools import groupby

from django.template.loader import render_to_string
from django.utils.translation import get_language

from complaints.intake.catalogue import Catalogue
from complaints.models import Category
from ui.localize import localized


@dataclass(frozen=True)
class Choice:
    """One card."""

    code: str
    name: str
    hint: str
    is_chosen: bool


def draw_categories(offered: Catalogue, chosen: str, order_status: str = "") -> str:
    """The choice as HTML. It is the largest part of page one and always the same, so each variant is drawn once per catalogue."""
    key = (get_language(), chosen if chosen in offered.categories else "", order_status)
    if key not in offered.drawn:
        offered.drawn[key] = render_to_string("complaints/portal/_categories.html", _groups(offered, *key[1:]))
    return offered.drawn[key]


def _groups(offered: Catalogue, chosen: str, order_status: str) -> dict:
    top, rest = offered.offered(order_status)
    roots = list(Category.Root)
    rest.sort(key=lambda category: roots.index(Category.Root(category.root)))
    groups = [
        (Category.Root(root).label, [choice_of(member, chosen) for member in members])
        for root, members in groupby(rest, key=lambda category: category.root)
    ]
    return {
        "top": [choice_of(category, chosen) for category in top],
        "groups": groups,
        "other": choice_of(offered.other, chosen) if offered.other else None,
        "is_open": any(category.code == chosen for category in rest),
    }


def choice_of(category: Category, chosen: str = "") -> Choice:
    return Choice(category.code, localized(category, "name"), localized(category, "hint"), category.code == chosen)
