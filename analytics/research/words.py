"""Why an export is not made, in words; and what the levels of columns are called."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from foundation.exceptions import Forbidden, Reason

from .columns import BY_NAME

NO_RIGHT = Forbidden("no_permission", _("Your role does not include this."), _("A manager can do this."))
REFUSALS = {
    "no_shop": (_("You belong to no shop."), _("An administrator can add you to one.")),
    "no_reason": (_("Say why, in a few words."), ""),
    "no_columns": (_("Choose at least one column."), ""),
    "k_too_small": (_("k is at least 3."), ""),
    "backwards": (_("It ends before it begins."), ""),
    "under_way": (_("An export of yours is being made."), _("Wait until it is done.")),
    "not_closed": (
        _("A period can be published 30 days after its end, when what became of its complaints is known."),
        _("The last day that can be taken is %(day)s."),
    ),
    "not_whole": (_("%(first)s to %(last)s cannot be divided into whole periods."), _("Begin and end with a whole one.")),
    "straddles": (_("%(first)s to %(last)s is published as one already."), _("Take all of it or none.")),
    "apart": (_("%(first)s to %(last)s is published by itself already."), _("Take shorter periods.")),
    "low_k": (
        _("%(first)s to %(last)s is published with k = %(k)s and is never made again."),
        _("Ask for at most that k, or leave it out."),
    ),
    "low_l": (
        _("%(first)s to %(last)s is published with l = %(l)s and is never made again."),
        _("Ask for at most that l, or leave it out."),
    ),
    "old_columns": (
        _("%(first)s to %(last)s was published before one of these columns was there."),
        _("Leave the column or the period out."),
    ),
    "too_few": (
        _("%(name)s has %(total)s complaints, of which %(suppressed)s would have to be left out."),
        _("Take longer periods, or a smaller k or l."),
    ),
    "too_rare": (
        _("%(suppressed)s of the %(total)s complaints of %(name)s would have to be left out; one in twenty is the most."),
        _("What helps most is to take “%(column)s” coarser."),
    ),
    "expired": (_("These files are no longer there."), _("Ask again: the rows will be the same.")),
    "crashed": (_("It stopped several times while it was made."), _("An administrator finds out why in the log.")),
}
LEVELS = {
    "week": pgettext_lazy("level", "week"),
    "month": pgettext_lazy("level", "month"),
    "quarter": pgettext_lazy("level", "quarter"),
    "year": pgettext_lazy("level", "year"),
    "province": pgettext_lazy("level", "province"),
    "region": pgettext_lazy("level", "region"),
    "country": pgettext_lazy("level", "country"),
    "channel": pgettext_lazy("level", "channel"),
    "way": pgettext_lazy("level", "written, spoken or conversation"),
    "category": pgettext_lazy("level", "category"),
    "root": pgettext_lazy("level", "group of categories"),
    "sku": pgettext_lazy("level", "SKU"),
    "family": pgettext_lazy("level", "family of SKUs"),
    "band": pgettext_lazy("level", "narrow band"),
    "wide_band": pgettext_lazy("level", "wide band"),
    "tier": pgettext_lazy("level", "tier"),
    "language": pgettext_lazy("level", "language"),
    "carrier": pgettext_lazy("level", "carrier"),
    "warehouse": pgettext_lazy("level", "warehouse"),
    "any": pgettext_lazy("level", "not told"),
}


def refusal(code: str, **about: Any) -> Reason:
    """A reason with its words; ``about`` is what they speak of, and can come back from JSON."""
    text, cure = REFUSALS[code]
    values = {name: str(value) for name, value in about.items()}
    if "column" in values:
        values["column"] = str(BY_NAME[values["column"]].title)
    return Reason(code, str(text) % values, str(cure) % values)
