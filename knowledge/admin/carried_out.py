"""Forms that are carried out while they are checked: what a service refuses comes back beside what was typed, and nothing is lost."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.admin.utils import display_for_field
from django.db import transaction
from django.db.models import Model

from foundation.exceptions import ReasonedError, VersionConflictError


class CarriedOutForm:
    """Mixed into a model form, which says in ``carry_out`` how. ``theirs`` is what stands there where somebody was faster."""

    theirs: list[tuple[str, str]] = []
    is_only_looked_at = False

    def carry_out(self) -> None:
        """Call the services with the cleaned answers."""
        raise NotImplementedError

    def tell_conflict(self, current: Any) -> None:
        """Say so, show what stands there now, and let the next press replace it knowingly."""
        raise NotImplementedError

    def full_clean(self):
        super().full_clean()
        if self.is_bound and not self._errors and not self.is_only_looked_at:
            self._try()

    def _try(self) -> None:
        try:
            with transaction.atomic():
                self.carry_out()
        except VersionConflictError as error:
            self.data = self.data.copy()
            self.tell_conflict(error.current)
        except ReasonedError as error:
            for reason in error.reasons:
                name = reason.code if reason.code in self.fields else None
                self.add_error(name, f"{reason.text} {reason.cure}".strip())


class CarriedOutAdmin:
    """Mixed into the stock admin of such a form: when it is asked to save, everything is done."""

    def save_form(self, request, form, change):
        return form.instance

    def save_model(self, request, obj, form, change):
        obj.pk, obj._state.adding = form.made.pk, False

    def save_related(self, request, form, formsets, change):
        """The form has saved everything."""


class LinesField(forms.CharField):
    """A text of several lines. Browsers send them with CR LF, which is no change to what was stored without."""

    widget = forms.Textarea

    def to_python(self, value):
        return super().to_python(value).replace("\r\n", "\n")

    def has_changed(self, initial, data):
        return super().has_changed(self.to_python(initial), data)


def shown_fields(row: Model, names: Iterable[str]) -> list[tuple[str, str]]:
    """What stands in a row, by the names of its fields; empty ones say nothing."""
    fields = [row._meta.get_field(name) for name in names]
    shown = [(str(field.verbose_name), str(display_for_field(getattr(row, field.name), field, ""))) for field in fields]
    return [(label, text) for label, text in shown if text]
