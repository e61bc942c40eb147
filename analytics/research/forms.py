"""What a manager says to have data for research: which months, how fine, how safe, and what for."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from analytics.models import Step
from orders.models import Merchant

from .classes import LEAST_K
from .columns import BY_NAME, COLUMNS, QUASI
from .exporting import Wish
from .months import days_of
from .words import LEVELS

# A value is in it or not: there is no level between.
GRADED = tuple(name for name in QUASI if BY_NAME[name].hierarchy.top > 1)
MOST_K, MOST_L = 1000, 5


class ExportForm(forms.Form):
    """A wish. ``months`` are those that are closed, newest first; with one shop there is nothing to choose."""

    reason = forms.CharField(label=_("What is it for?"), max_length=200, help_text=_("Your name and this reason stand in the files."))
    shops = forms.TypedMultipleChoiceField(label=_("Shops"), coerce=int, widget=forms.CheckboxSelectMultiple)
    first = forms.ChoiceField(label=_("From month"))
    last = forms.ChoiceField(label=_("To month"))
    step = forms.ChoiceField(
        label=_("Published as one"),
        choices=Step.choices,
        widget=forms.RadioSelect,
        initial=Step.MONTH,
        help_text=_("The longer, the finer everything else can be. What is published once stays as it is."),
    )
    k = forms.IntegerField(
        label=_("k: how many must look alike"), min_value=LEAST_K, max_value=MOST_K, initial=5, help_text=_("5 is usual, 3 the least.")
    )
    l = forms.IntegerField(  # noqa: E741 - what the literature calls it
        label=_("l: how many outcomes, reasons and amounts each class must have"),
        min_value=1,
        max_value=MOST_L,
        initial=1,
        help_text=_("1 asks for nothing. With 2 a class never gives away what came out for everybody in it; data get coarser."),
    )
    columns = forms.MultipleChoiceField(
        label=_("Columns"),
        choices=[(column.name, column.title) for column in COLUMNS],
        initial=[column.name for column in COLUMNS],
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, answers: Any = None, *, merchants: Sequence[Merchant], months: Sequence[str]) -> None:
        super().__init__(answers)
        self.merchants = merchants
        choices = [(month, month) for month in months]
        self.fields["first"].choices = self.fields["last"].choices = choices
        self.initial |= {"first": months[0], "last": months[0]} if months else {}
        self.fields["shops"].choices = [(merchant.pk, merchant.name) for merchant in merchants]
        if len(merchants) == 1:
            del self.fields["shops"]
        for name in GRADED:
            self.fields[floor_of(name)] = _level_field(name)

    @property
    def plain(self) -> list:
        return [self[name] for name in self.fields if name not in self._floors]

    @property
    def floors(self) -> list:
        return [self[name] for name in self._floors]

    @property
    def has_floor_error(self) -> bool:
        return any(name in self.errors for name in self._floors)

    @property
    def chosen(self) -> list[Merchant]:
        wanted = self.cleaned_data.get("shops")
        return [merchant for merchant in self.merchants if wanted is None or merchant.pk in wanted]

    @property
    def wish(self) -> Wish:
        given = self.cleaned_data
        floors = {name: int(given[floor_of(name)]) for name in GRADED if given[floor_of(name)]}
        first, last = _first_of(given["first"]), _last_of(given["last"])
        return Wish(first, last, given["step"], given["k"], given["l"], tuple(given["columns"]), floors)

    @property
    def _floors(self) -> list[str]:
        return [floor_of(name) for name in GRADED]


def floor_of(name: str) -> str:
    """The field with the coarsest acceptable level of a column."""
    return f"floor_{name}"


def _level_field(name: str) -> forms.ChoiceField:
    levels = BY_NAME[name].hierarchy.levels[:-1]
    choices = [("", _("as coarse as need be")), *((str(level), LEVELS[each]) for level, each in reversed(list(enumerate(levels))))]
    return forms.ChoiceField(label=BY_NAME[name].title, choices=choices, required=False)


def _first_of(month: str) -> date:
    return days_of(month)[0]


def _last_of(month: str) -> date:
    return days_of(month)[1]
