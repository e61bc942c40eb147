"""Everything that changes macros: a prepared text with the acts that go along with sending it."""

import json
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from complaints.models import Macro
from foundation.exceptions import Forbidden, Reason
from foundation.verbs import require
from knowledge.services import initials_of
from knowledge.variables import VARIABLES
from ui.placeholders import names

DEFAULTS = Path(__file__).resolve().parent.parent / "defaults" / "macros.json"


@transaction.atomic
def save_macro(macro: Macro, *, by: User | None) -> Macro:
    """Save a new or changed macro with the letters it is found by. It needs an effect, and a text in both languages or in none.

    Raises ``NotAllowedError`` or ``RefusedError`` with the reasons.
    """
    require(reasons_against(macro, by=by))
    macro.initials = initials_of(macro.name_zh, macro.name_en)
    macro.save()
    return macro


@transaction.atomic
def load_macro_defaults() -> int:
    """Add the shipped macros that are missing; returns how many. Those that are there stay as the house has them."""
    known = set(Macro.objects.values_list("code", flat=True))
    missing = [fields for fields in json.loads(DEFAULTS.read_text(encoding="utf-8")) if fields["code"] not in known]
    for fields in missing:
        save_macro(Macro(**fields), by=None)
    return len(missing)


def reasons_against(macro: Macro, *, by: User | None) -> list[Reason]:
    """Everything that keeps this person from saving this macro as it stands. Empty: they may."""
    found: list[Reason] = []
    if by is not None and not by.has_perm("complaints.change_macro"):
        found.append(Forbidden("may_not_keep", _("Only an administrator or a manager keeps macros.")))
    if bool(macro.body_zh.strip()) != bool(macro.body_en.strip()):
        found.append(Reason("language_missing", _("The text is needed in Chinese and in English, or in neither.")))
    if not macro.body_zh.strip() and not macro.actions:
        found.append(Reason("no_effect", _("A macro needs a text or an act.")))
    if unknown := sorted(set(names(macro.body_zh) + names(macro.body_en)) - VARIABLES.keys()):
        found.append(Reason("unknown_variable", _("Unknown values: %(names)s") % {"names": ", ".join(unknown)}))
    return found
