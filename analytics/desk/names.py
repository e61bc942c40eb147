"""Names of what figures are split by, for a reader in their language. A value that names nothing any more shows itself."""

from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from complaints.desk import directory
from complaints.desk.directory import Shelf
from complaints.models import ClockRun, Complaint, FollowUp
from knowledge.models import Article
from orders.models import Carrier, Customer, Merchant, Warehouse
from ui.localize import localized
from workflows.models import LedgerEntry

merchants = Shelf(lambda: {str(each.pk): each for each in Merchant.objects.all()})
carriers = Shelf(lambda: {each.code: each for each in Carrier.objects.all()})
warehouses = Shelf(lambda: {str(each.pk): each for each in Warehouse.objects.all()})
articles = Shelf(lambda: {each.code: each.live for each in _live_articles()})

TITLES = {
    "merchant": gettext_lazy("Shop"),
    "channel": gettext_lazy("Channel"),
    "category": gettext_lazy("Kind of problem"),
    "reason": gettext_lazy("Reason"),
    "team": gettext_lazy("Team"),
    "agent": gettext_lazy("Colleague"),
    "tier": gettext_lazy("Customer tier"),
    "priority": gettext_lazy("Priority"),
    "carrier": gettext_lazy("Carrier"),
    "warehouse": gettext_lazy("Warehouse"),
    "sku": gettext_lazy("Article (SKU)"),
    "province": gettext_lazy("Province"),
    "language": gettext_lazy("Language"),
    "hour": gettext_lazy("Hour of the day"),
    "weekday": gettext_lazy("Weekday"),
    "kind": gettext_lazy("Kind"),
    "scale": gettext_lazy("Scale"),
    "wording": gettext_lazy("Wording"),
    "outcome": gettext_lazy("Outcome"),
    "currency": gettext_lazy("Currency"),
    "bearer": gettext_lazy("Borne by"),
    "article": gettext_lazy("Help article"),
}
WEEKDAYS = [gettext_lazy("Mon"), gettext_lazy("Tue"), gettext_lazy("Wed"), gettext_lazy("Thu"), gettext_lazy("Fri"), gettext_lazy("Sat"),
            gettext_lazy("Sun")]  # fmt: skip
NOBODY = {"agent": gettext_lazy("nobody"), "team": gettext_lazy("no team"), "reason": gettext_lazy("not attributed")}
MONEY_KINDS = {
    "goods": gettext_lazy("price of goods"),
    "freight": gettext_lazy("freight"),
    "compensation": gettext_lazy("compensation"),
    "advance": gettext_lazy("advance payout"),
    "recovery": gettext_lazy("recovered"),
}
SCALES = {"csat": pgettext_lazy("survey", "satisfaction"), "ces": pgettext_lazy("survey", "effort"), "nps": pgettext_lazy("survey", "NPS")}


def title_of(dimension: str) -> str:
    return str(TITLES[dimension])


def name_of(dimension: str, value: str) -> str:
    """How a reader calls one value."""
    if value in ("", "0") and dimension not in ("hour", "priority"):
        return str(NOBODY.get(dimension, _("none")))
    return str(NAMES.get(dimension, str)(value))


def _choice(choices) -> Callable[[str], str]:
    return lambda value: dict(choices).get(value, value)


def _named(shelf: Shelf, *, key: Callable = str) -> Callable[[str], str]:
    def name(value: str) -> str:
        row = shelf.get(key(value))
        return localized(row, "name") if hasattr(row, "name_zh") else str(getattr(row, "name", value))

    return name


def _live_articles():
    return Article.objects.filter(live__isnull=False).select_related("live").only("code", "live__title_zh", "live__title_en")


def _article(code: str) -> str:
    live = articles.get(code)
    return localized(live, "title") if live else code


def _category(code: str) -> str:
    found = next((each for each in directory.categories.all().values() if each.code == code), None)
    return localized(found, "name") if found else code


NAMES: dict[str, Callable[[str], str]] = {
    "merchant": _named(merchants),
    "channel": _choice(Complaint.Channel.choices),
    "category": _category,
    "reason": _category,
    "team": _named(directory.teams, key=int),
    "agent": _named(directory.colleagues, key=int),
    "tier": _choice(Customer.Tier.choices),
    "priority": lambda value: Complaint.Priority(int(value)).label,
    "carrier": _named(carriers),
    "warehouse": _named(warehouses),
    "language": _choice([("zh-hans", "中文"), ("en", "English")]),
    "hour": lambda value: f"{int(value):02d}:00",
    "weekday": lambda value: WEEKDAYS[int(value) - 1] if value in map(str, range(1, 8)) else value,
    "kind": lambda value: {**MONEY_KINDS, **dict(ClockRun.Kind.choices), **dict(FollowUp.Kind.choices)}.get(value, value),
    "scale": lambda value: SCALES.get(value, value),
    "outcome": _choice(Complaint.Outcome.choices),
    "bearer": _choice([*LedgerEntry.Account.choices, ("shared", gettext_lazy("several"))]),
    "article": _article,
}
