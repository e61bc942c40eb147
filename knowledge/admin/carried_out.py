"""A form that is carried out while it is checked: what a service refuses comes back beside what was typed, and nothing is lost."""

from typing import Any

from django.db import transaction

from foundation.exceptions import ReasonedError, VersionConflictError


class CarriedOutForm:
    """Mixed into a model form that says how in ``carry_out``; ``conflict`` is the row that stands there where somebody was faster."""

    conflict: Any = None
    is_only_looked_at = False

    def carry_out(self) -> None:
        """Call the services with the cleaned answers."""
        raise NotImplementedError

    def tell_conflict(self, current: Any) -> None:
        """Say so, and let the next press replace what stands there knowingly."""
        raise NotImplementedError

    def validate_unique(self):
        """The service says it, in the words of an address."""

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
