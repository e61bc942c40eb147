"""After-sales matters as rows of values, read from facts, complaints and cases: a handful of queries for each two thousand of them."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from django.db.models import Count, F
from django.db.models.functions import Coalesce

from analytics.models import Arrival, Cycle, Money, Round, Verdict
from complaints.models import Complaint, Message, Survey
from orders.models import Merchant, Warehouse
from ui.money import DIGITS
from workflows.machines.refund import RefundState
from workflows.machines.spine_states import CaseState
from workflows.models import Case, ParcelCase, Refund

from .bands import AMOUNT, COUNT, LONG, RESPONSE, band_of
from .columns import NAMES
from .hierarchies import province_of, week_of

CHUNK = 2000
PARTIES = ("shop", "warehouse", "carrier", "supplier", "platform", "customer", "nobody")
ENDS = ("solved", "declined", "no_response", "withdrawn")
RESULTS = {
    CaseState.COMPLETED: "granted",
    CaseState.REJECTED: "rejected",
    CaseState.CANCELLED: "cancelled",
    CaseState.CLOSED: "archived",
}
FACTS = (
    "root_id", "day", "channel", "category", "reason", "tier", "carrier", "warehouse", "sku", "province", "language", "frt_s", *ENDS,
)  # fmt: skip


@dataclass(frozen=True)
class House:
    """What is the same for every matter of a shop. Warehouses are counted in the order in which they were set up."""

    currency: str
    warehouses: dict[int, str]

    def whole(self, minor: int, currency: str) -> int | None:
        """An amount in whole units; of another currency it is not known, for bands of two currencies cannot be compared."""
        return minor // 10 ** DIGITS.get(currency, 2) if currency == self.currency else None


def count_matters(merchant: Merchant, first: date, last: date) -> int:
    return _arrivals(merchant, first, last).count()


def read_matters(merchant: Merchant, first: date, last: date) -> Iterator[tuple[str, ...]]:
    """A row for each complaint that arrived in these days, in the order of the columns. What was left out of every count is none."""
    house = _house_of(merchant)
    arrivals = _arrivals(merchant, first, last).order_by("root_id").values(*FACTS).iterator(chunk_size=CHUNK)
    while rows := list(islice(arrivals, CHUNK)):
        beside = _read_beside([row["root_id"] for row in rows], house)
        for row in rows:
            values = _of_arrival(row, house) | beside.get(row["root_id"], {})
            yield tuple(values.get(name, "") for name in NAMES)


def _arrivals(merchant: Merchant, first: date, last: date):
    return Arrival.objects.filter(source=0, merchant=merchant.pk, day__range=(first, last), arrived=1)


def _house_of(merchant: Merchant) -> House:
    numbers = Warehouse.objects.filter(merchant=merchant).order_by("pk").values_list("pk", flat=True)
    return House(merchant.currency, {pk: f"W{place}" for place, pk in enumerate(numbers, 1)})


def _of_arrival(row: dict[str, Any], house: House) -> dict[str, str]:
    return {
        "period": week_of(row["day"]),
        "province": province_of(row["province"]),
        "warehouse": house.warehouses.get(row["warehouse"], ""),
        "goods": row["sku"],
        "outcome": next((end for end in ENDS if row[end]), "open"),
        "response": band_of(row["frt_s"], RESPONSE),
        # Nobody's, if none of those that are looked up has any.
        **dict.fromkeys(("messages", "rounds", "reopenings", "granted"), "0"),
        **{name: row[name] for name in ("channel", "category", "reason", "tier", "carrier", "language")},
    }


def _read_beside(roots: list[int], house: House) -> dict[int, dict[str, str]]:
    """What is known of these complaints beside their arrival."""
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for read in READERS:
        for root, name, value in read(roots, house):
            found[root][name] = value
    return found


Found = Iterator[tuple[int, str, str]]


def _stakes(roots: list[int], house: House) -> Found:
    for root, minor, currency in Complaint.objects.filter(pk__in=roots).values_list("pk", "amount_fen", "currency"):
        yield root, "amount", band_of(house.whole(minor, currency), AMOUNT)


def _cycles(roots: list[int], _house: House) -> Found:
    shares = [f"by_{party}" for party in PARTIES]
    reopened: Counter[int] = Counter()
    for row in Cycle.objects.filter(source=0, root_id__in=roots).values("root_id", "reopened", "last", "attributed", "rt_full_s", *shares):
        reopened[row["root_id"]] += row["reopened"]
        if row["last"]:
            yield row["root_id"], "resolution", band_of(row["rt_full_s"], LONG)
            yield row["root_id"], "liability", _most_liable(row) if row["attributed"] else ""
    yield from ((root, "reopenings", band_of(count, COUNT)) for root, count in reopened.items())


def _most_liable(row: dict[str, Any]) -> str:
    most = max(row[f"by_{party}"] for party in PARTIES)
    parties = [party for party in PARTIES if row[f"by_{party}"] == most]
    return parties[0] if len(parties) == 1 else "shared"


def _rounds(roots: list[int], _house: House) -> Found:
    counted = Round.objects.filter(source=0, root_id__in=roots, rounds=1).values("root_id").annotate(count=Count("root_id")).order_by()
    yield from ((row["root_id"], "rounds", band_of(row["count"], COUNT)) for row in counted)


def _messages(roots: list[int], _house: House) -> Found:
    """With those of what was merged into it."""
    said = Message.objects.filter(kind=Message.Kind.PUBLIC, retracted_at=None)
    of_group = said.filter(complaint__in=roots) | said.filter(complaint__merged_into__in=roots)
    counted = of_group.values(root=Coalesce(F("complaint__merged_into"), F("complaint"))).annotate(count=Count("pk")).order_by()
    yield from ((row["root"], "messages", band_of(row["count"], COUNT)) for row in counted)


def _money(roots: list[int], house: House) -> Found:
    given: Counter[int] = Counter()
    movements = Money.objects.filter(source=0, root_id__in=roots, currency=house.currency).exclude(kind="recovery")
    for root, fen in movements.values_list("root_id", "fen"):
        given[root] += fen
    yield from ((root, "granted", band_of(house.whole(max(fen, 0), house.currency), AMOUNT)) for root, fen in given.items())


def _verdicts(roots: list[int], _house: House) -> Found:
    answers = Verdict.objects.filter(source=0, root_id__in=roots, scale=Survey.Scale.CSAT, answered=1).order_by("root_id", "ordinal")
    for root, score in answers.values_list("root_id", "score"):
        yield root, "csat", "1-2" if score <= 2 else "3" if score == 3 else "4-5"


def _cases(roots: list[int], _house: House) -> Found:
    """The last case of a complaint says how it came out, the first one what it began as."""
    cases = Case.objects.filter(complaint__in=roots).exclude(state=CaseState.DRAFT)
    seen: set[int] = set()
    for root, kind, state in cases.order_by("complaint", "pk").values_list("complaint_id", "policy__type", "state"):
        if root not in seen:
            seen.add(root)
            yield root, "case_type", kind
        yield root, "case_result", RESULTS.get(state, "open")


def _parcels(roots: list[int], _house: House) -> Found:
    links = ParcelCase.objects.filter(case__complaint__in=roots, parcel__first_scan_at__isnull=False, parcel__signed_at__isnull=False)
    rows = links.order_by("-parcel").values_list("case__complaint_id", "parcel__first_scan_at", "parcel__signed_at")
    yield from ((root, "transit", _time_between(begun, ended)) for root, begun, ended in rows)


def _refunds(roots: list[int], _house: House) -> Found:
    paid = Refund.objects.filter(case__complaint__in=roots, state=RefundState.SUCCEEDED, settled_at__isnull=False)
    rows = paid.order_by("-settled_at", "-pk").values_list("case__complaint_id", "created_at", "settled_at")
    yield from ((root, "refund_time", _time_between(begun, ended)) for root, begun, ended in rows)


def _time_between(begun, ended) -> str:
    return band_of(max(int((ended - begun).total_seconds()), 0), LONG)


READERS: Iterable[Callable[[list[int], House], Found]] = (
    _stakes, _cycles, _rounds, _messages, _money, _verdicts, _cases, _parcels, _refunds,
)  # fmt: skip
