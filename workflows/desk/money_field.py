"""An amount as people type it, and fen behind it."""

from decimal import Decimal
from typing import Any

from django import forms

from ui.normalise import normalise_text


class AmountField(forms.DecimalField):
    """Yuan with two digits in, whole fen out; never a float on the way."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=11, decimal_places=2, min_value=0, **options)
        self.widget.attrs |= {"inputmode": "decimal"}

    def to_python(self, value: Any) -> Any:
        """Full-width digits, separators and the sign of the currency are what people paste."""
        return super().to_python(normalise_text(value).replace(",", "").strip(" ¥￥") if isinstance(value, str) else value)

    def clean(self, value: Any) -> int | None:
        amount = super().clean(value)
        return None if amount is None else int(amount * 100)

    def prepare_value(self, value: Any) -> Any:
        return f"{Decimal(value) / 100:.2f}" if isinstance(value, int) else value
