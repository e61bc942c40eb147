"""How a value becomes coarser, declared column by column. A level never says more than the one below it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from .regions import PROVINCES, REGIONS

ANY = "*"
Step = Callable[[str], str]


@dataclass(frozen=True)
class Hierarchy:
    """The names of the levels from fine to coarse; ``steps`` lead from each level to the next one. The last level has one value.

    An empty value is "not known" and stays so up to the last level.
    """

    levels: tuple[str, ...]
    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        if len(self.steps) != len(self.levels) - 1:
            raise ValueError(f"{self.levels} needs {len(self.levels) - 1} steps")

    @property
    def top(self) -> int:
        return len(self.steps)

    def climb(self, value: str, level: int) -> str:
        """What a value of the finest level is called at another one."""
        for step in self.steps[:level]:
            value = step(value)
        return value


def flat(name: str) -> Hierarchy:
    """A value or nothing."""
    return Hierarchy((name, "any"), (_anything,))


def _anything(_value: str) -> str:
    return ANY


# ----- time

STEPS = {"month": 1, "quarter": 2, "year": 3}


def week_of(day: date) -> str:
    """The part of a week that lies in one month: weeks that reach over its end would not nest in months."""
    return f"{day:%Y-%m}/W{day.isocalendar().week:02}"


def period_of(month: str, step: str) -> str:
    """The month, quarter or year that a month lies in."""
    for climb in TIME_STEPS[1 : STEPS[step]]:
        month = climb(month)
    return month


def time_within(step: str) -> Hierarchy:
    """Weeks up to the period that is published as one."""
    return Hierarchy(("week", "month", "quarter", "year")[: STEPS[step] + 1], TIME_STEPS[: STEPS[step]])


def _month_of(week: str) -> str:
    return week.partition("/")[0]


def _quarter_of(month: str) -> str:
    year, number = month.split("-")
    return f"{year}-Q{(int(number) + 2) // 3}"


def _year_of(quarter: str) -> str:
    return quarter.partition("-")[0]


TIME_STEPS: tuple[Step, ...] = (_month_of, _quarter_of, _year_of)

# ----- place, way, matter, goods, money


def province_of(name: str) -> str:
    """The code of a province however the shop writes it; a name that is none is not known, for it might be anything."""
    return next((code for start, (code, _region) in PROVINCES.items() if name.startswith(start)), "")


def _region_of(code: str) -> str:
    return REGIONS.get(code, "")


def _way_of(channel: str) -> str:
    return WAYS.get(channel, "")


def _root_of(category: str) -> str:
    return f"{category.partition('.')[0]}.*" if category else ""


def _family_of(sku: str) -> str:
    """An article number without its last part: what shops give to goods of one kind."""
    before, dash, _last = sku.rpartition("-")
    return f"{before}-*" if dash else ""


def _wide_band_of(band: str) -> str:
    return WIDE_BANDS.get(band, "")


WAYS = {
    "web": "written", "mail": "written", "api": "written",
    "phone": "spoken", "counter": "spoken",
    "chat": "conversation", "wechat": "conversation", "social": "conversation",
}  # fmt: skip
WIDE_BANDS = {
    "0": "0-99", "1-49": "0-99", "50-99": "0-99",
    "100-199": "100-499", "200-499": "100-499",
    "500-999": "500+", "1000-4999": "500+", "5000+": "500+",
}  # fmt: skip

PLACE = Hierarchy(("province", "region", "country"), (_region_of, _anything))
WAY = Hierarchy(("channel", "way", "any"), (_way_of, _anything))
MATTER = Hierarchy(("category", "root", "any"), (_root_of, _anything))
GOODS = Hierarchy(("sku", "family", "any"), (_family_of, _anything))
AMOUNT = Hierarchy(("band", "wide_band", "any"), (_wide_band_of, _anything))
