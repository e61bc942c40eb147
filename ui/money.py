"""Amounts of money as words: integer minor units and a currency in, one string out."""

SYMBOLS = {"CNY": "¥"}
DIGITS = {"JPY": 0, "KRW": 0, "VND": 0, "BHD": 3, "KWD": 3}
MINUS = "\N{MINUS SIGN}"


def format_money(minor: int | None, currency: str = "CNY") -> str:
    """Print minor units as a price, for instance ``¥1,290.00`` or ``−USD 30.00``; nothing for None."""
    if minor is None:
        return ""
    digits = DIGITS.get(currency, 2)
    whole, rest = divmod(abs(minor), 10**digits)
    amount = f"{whole:,}.{rest:0{digits}d}" if digits else f"{whole:,}"
    return f"{MINUS if minor < 0 else ''}{SYMBOLS.get(currency) or currency + chr(160)}{amount}"
