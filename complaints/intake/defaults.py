"""The shipped teams, skills, categories and forms. Loading adds what is missing and leaves alone what somebody has edited."""

import json
from pathlib import Path

from django.conf import settings
from django.db import transaction

from accounts.models import Skill, Team
from complaints.models import Category, Form
from orders.models import Merchant

FOLDER = Path(__file__).resolve().parent.parent / "defaults"


@transaction.atomic
def load_catalogue_defaults() -> dict[str, int]:
    """Add missing teams, skills, categories, forms and the first shop; returns how many of each were added."""
    return {
        "teams": _add_missing(Team, read_defaults("teams")),
        "skills": _add_missing(Skill, read_defaults("skills")),
        "categories": _add_missing(Category, _with_teams(read_defaults("categories"))),
        "forms": _add_forms(read_defaults("forms")),
        "shops": _add_shop(),
    }


def read_defaults(name: str) -> list[dict]:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def _add_missing(model, rows: list[dict]) -> int:
    known = set(model.objects.values_list("code", flat=True))
    return len(model.objects.bulk_create([model(**row) for row in rows if row["code"] not in known]))


def _with_teams(rows: list[dict]) -> list[dict]:
    teams = {team.code: team for team in Team.objects.all()}
    return [row | {"team": teams[row["team"]]} for row in rows]


def _add_forms(rows: list[dict]) -> int:
    """A category that has any form keeps it: complaints and edits point to it."""
    bare = {category.code: category for category in Category.objects.filter(forms__isnull=True)}
    missing = [row for row in rows if row["category"] in bare]
    return len(Form.objects.bulk_create([Form(**(row | {"category": bare[row["category"]]})) for row in missing]))


def _add_shop() -> int:
    if Merchant.objects.exists():
        return 0
    Merchant.objects.create(code="shop", name=settings.BIHUAN_SHOP_NAME)
    return 1
