"""A carrier that does not exist: journeys made up from a seed, and the ways in which news of them go astray.

Pure and without Django, so that a process of its own can play it. The same seed and waybill give the same journey.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

TIMESTAMP_HEADER, SIGNATURE_HEADER = "demo-carrier-timestamp", "demo-carrier-signature"
PATH = "/carrier/v1/waybills/"
CITIES = {
    "杭州": ("滨江区", "余杭区"), "上海": ("浦东新区", "闵行区"), "广州": ("天河区", "白云区"), "成都": ("武侯区", "锦江区"),
    "武汉": ("洪山区", "江汉区"), "西安": ("雁塔区", "灞桥区"), "沈阳": ("和平区", "铁西区"), "长沙": ("岳麓区", "雨花区"),
    "郑州": ("金水区", "中原区"), "南京": ("鼓楼区", "江宁区"), "济南": ("历下区", "槐荫区"), "昆明": ("官渡区", "五华区"),
}  # fmt: skip

# How journeys end: the tag and the problem that their last scans say, and how often they happen.
ENDINGS = {
    "delivered": ("Delivered", "", 58),
    "locker": ("Delivered", "", 14),
    "retried": ("Delivered", "", 8),
    "refused": ("Exception", "refused", 5),
    "returning": ("Exception", "returning", 5),
    "difficult": ("Exception", "difficult", 4),
    "lost": ("Exception", "lost", 4),
    "unknown": ("Expired", "unknown_no", 2),
}


@dataclass(frozen=True)
class DemoScan:
    """One scan; ``subtag`` is the word of this carrier."""

    waybill: str
    at: datetime
    tag: str
    subtag: str
    text: str
    place: str
    problem: str = ""
    is_pickup: bool = False


@dataclass(frozen=True)
class Astray:
    """How many of a hundred pushes are lost, doubled and late."""

    lost: int = 10
    doubled: int = 15
    late: int = 15


def ending_of(waybill: str, seed: int = 0) -> str:
    """How the journey of a waybill ends; one that holds the word of an ending (DMLOST001) ends that way."""
    named = [ending for ending in ENDINGS if ending.upper() in waybill.upper()]
    weights = [weight for _tag, _problem, weight in ENDINGS.values()]
    return named[0] if named else dice(seed, "ending", waybill).choices(list(ENDINGS), weights)[0]


def plan_journey(waybill: str, *, start: datetime, seed: int = 0) -> list[DemoScan]:
    """Every scan of a waybill that is announced at ``start``, oldest first."""
    luck, ending = dice(seed, "journey", waybill), ending_of(waybill, seed)
    if ending == "unknown":
        return [DemoScan(waybill, start + timedelta(days=3), "Expired", "no_record", "多日查询无记录", "", "unknown_no")]
    cities = luck.sample(sorted(CITIES), luck.randint(3, 5))
    stages = [*collect(luck, cities[0]), *travel(luck, cities, is_cut=ending == "lost"), *finish(luck, cities, ending)]
    scans, at = [], start
    for hours, stage in stages:
        at += timedelta(hours=hours, minutes=luck.randint(0, 59))
        scans.append(replace(stage, waybill=waybill, at=at))
    return scans


def plan_pushes(scans: Iterable[DemoScan], *, seed: int = 0, astray: Astray | None = None) -> list[tuple[datetime, DemoScan]]:
    """When the news of each scan arrive, in order of arrival: some never, some twice, some after those of later scans."""
    arrivals = []
    for number, scan in enumerate(scans):
        luck, odds = dice(seed, "push", scan.waybill, number), astray or Astray()
        is_lost, is_doubled, is_late = (luck.randrange(100) < odd for odd in (odds.lost, odds.doubled, odds.late))
        at = scan.at + timedelta(minutes=luck.randint(1, 10), hours=luck.randint(12, 60) if is_late else 0)
        arrivals += [] if is_lost else [(at, scan)]
        arrivals += [(at + timedelta(minutes=luck.randint(1, 90)), scan)] if is_doubled and not is_lost else []
    return sorted(arrivals, key=lambda arrival: arrival[0])


def sign_push(raw: bytes, secret: str, at: datetime) -> dict[str, str]:
    """The headers of a push: when it was signed, and the HMAC of time and body."""
    timestamp = str(int(at.timestamp()))
    return {TIMESTAMP_HEADER: timestamp, SIGNATURE_HEADER: signature_of(raw, secret, timestamp)}


def signature_of(raw: bytes, secret: str, timestamp: str) -> str:
    return hmac.new(secret.encode(), timestamp.encode() + b"." + raw, hashlib.sha256).hexdigest()


@dataclass
class DemoCore:
    """What a process that plays the carrier keeps: which waybills it was asked to watch, and since when.

    ``speed``: how many hours of a journey pass in one.
    """

    seed: int = 0
    speed: int = 1
    astray: Astray = field(default_factory=Astray)
    watched: dict[str, datetime] = field(default_factory=dict)

    def answer(self, method: str, path: str, now: datetime) -> tuple[int, dict]:
        """The status and body of an HTTP answer. POST watches a waybill, GET tells what happened to it so far."""
        waybill = path.removeprefix(PATH)
        if not path.startswith(PATH) or not waybill.isalnum() or method not in ("GET", "POST"):
            return 404, {"code": "no_such_page"}
        if method == "POST":
            self.watched.setdefault(waybill, now)
        return 200, {"waybill": waybill, "scans": [written(scan) for scan in self.scans(waybill) if scan.at <= now]}

    def scans(self, waybill: str) -> list[DemoScan]:
        """The whole journey, that is to come too; nothing for a waybill that nobody asked to watch."""
        start = self.watched.get(waybill)
        if start is None:
            return []
        journey = plan_journey(waybill, start=start, seed=self.seed)
        return [replace(scan, at=self._hastened(scan.at, start)) for scan in journey]

    def arrivals(self, waybill: str) -> list[tuple[datetime, bytes]]:
        """When the pushes of a waybill arrive, and their bodies; delays pass as fast as the journey does."""
        start = self.watched[waybill]
        pushes = plan_pushes(plan_journey(waybill, start=start, seed=self.seed), seed=self.seed, astray=self.astray)
        return [(self._hastened(at, start), push_body(replace(scan, at=self._hastened(scan.at, start)))) for at, scan in pushes]

    def due_pushes(self, after: datetime, until: datetime) -> Iterator[bytes]:
        """The bodies of the pushes that fall into a span, in their order; sign each with ``sign_push`` as it is sent."""
        arrivals = [each for waybill in self.watched for each in self.arrivals(waybill)]
        yield from (body for at, body in sorted(arrivals, key=lambda arrival: arrival[0]) if after < at <= until)

    def _hastened(self, at: datetime, start: datetime) -> datetime:
        return start + (at - start) / self.speed


def push_body(scan: DemoScan) -> bytes:
    return json.dumps({"waybill": scan.waybill, "scans": [written(scan)]}, ensure_ascii=False).encode()


def written(scan: DemoScan) -> dict:
    return asdict(scan) | {"at": scan.at.isoformat()}


def dice(*parts: object) -> Random:
    return Random(hashlib.sha256(repr(parts).encode()).digest())  # noqa: S311 - an invented carrier, nothing secret


def stage(tag: str, subtag: str, text: str, place: str = "", problem: str = "") -> DemoScan:
    return DemoScan("", datetime.min, tag, subtag, text, place, problem, subtag == "picked_up")


def collect(luck: Random, city: str) -> list[tuple[int, DemoScan]]:
    spot = f"{city}市{luck.choice(CITIES[city])}"
    return [
        (0, stage("InfoReceived", "announced", "已下单，等待揽收", spot)),
        (luck.randint(1, 20), stage("InTransit", "picked_up", f"{spot}营业部 已揽收", spot)),
    ]


def travel(luck: Random, cities: list[str], *, is_cut: bool) -> list[tuple[int, DemoScan]]:
    """From hub to hub; a parcel that gets lost leaves a hub and arrives nowhere."""
    stages = []
    for here, there in zip(cities, cities[1:], strict=False):
        stages.append((luck.randint(2, 6), stage("InTransit", "hub_in", f"快件到达 {here}转运中心", f"{here}市")))
        stages.append((luck.randint(1, 5), stage("InTransit", "hub_out", f"快件离开 {here}转运中心，发往 {there}转运中心", f"{here}市")))
    last = stage("InTransit", "hub_in", f"快件到达 {cities[-1]}转运中心", f"{cities[-1]}市")
    return stages[:-2] if is_cut else [*stages, (luck.randint(6, 20), last)]


def finish(luck: Random, cities: list[str], ending: str) -> list[tuple[int, DemoScan]]:
    """The last scans of a journey."""
    spot = f"{cities[-1]}市{luck.choice(CITIES[cities[-1]])}"
    out = (luck.randint(2, 12), stage("OutForDelivery", "out", f"{spot}营业部 正在派件", spot))
    failed = (luck.randint(2, 6), stage("AttemptFail", "not_home", "联系不上收件人，改日再派", spot, "difficult"))
    signed = (luck.randint(1, 6), stage("Delivered", "signed", "已签收", spot))
    refused = (luck.randint(1, 6), stage("Exception", "refused", "收件人拒收", spot, "refused"))
    back = (luck.randint(4, 20), stage("Exception", "sent_back", "快件正在退回寄件人", spot, "returning"))
    on_its_way_back = (luck.randint(8, 30), stage("InTransit", "hub_in", f"快件到达 {cities[0]}转运中心", f"{cities[0]}市"))
    lost = (luck.randint(100, 200), stage("Exception", "lost", "快件遗失，已启动理赔", "", "lost"))
    locker = (luck.randint(1, 5), stage("AvailableForPickup", "locker", "已放入快递柜，请及时取件", spot))
    return {
        "delivered": [out, signed],
        "locker": [out, locker, (luck.randint(1, 40), stage("Delivered", "fetched", "已从快递柜取出", spot))],
        "retried": [out, failed, (luck.randint(12, 24), replace(out[1], text=f"{spot}营业部 再次派件")), signed],
        "refused": [out, refused],
        "returning": [out, refused, back, on_its_way_back],
        "difficult": [out, (luck.randint(2, 8), stage("Exception", "address", "地址不详，等待核实", spot, "difficult"))],
        "lost": [lost],
    }[ending]
