"""The words of the demo shop, and the chance that picks among them: the same seed and number always give the same pick."""

import json
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from random import Random
from typing import Any

MASK = 2**64 - 1
FOLDER = Path(__file__).resolve().parent
VIP_SHARE, MAIL_SHARE, ENGLISH_SHARE = 0.06, 0.88, 0.06
# Spread the numbers of different kinds of things over different streams of chance.
STREAMS = {"person": 1, "order": 2, "complaint": 3, "survey": 4, "reading": 5}


@cache
def words() -> dict[str, Any]:
    return _read("words")


@cache
def goods() -> list[list]:
    return _read("goods")


@cache
def texts() -> dict[str, Any]:
    return _read("texts")


def _read(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def chance(seed: int, kind: str, number: int) -> Random:
    """The stream of chance of one thing."""
    return Random((seed * 8 + STREAMS[kind]) * 1_000_000_007 + number)  # noqa: S311 - invented shop, not a secret


def share(seed: int, purpose: int, number: int) -> float:
    """One number from 0 to 1 without the cost of a whole stream (the finaliser of SplitMix64)."""
    mixed = ((seed * 16 + purpose) * 0xD1342543DE82EF95 + number * 0x9E3779B97F4A7C15) & MASK
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & MASK
    return (mixed ^ (mixed >> 31)) / 2**64


@dataclass(frozen=True, slots=True)
class City:
    """Where a customer lives; ``distance`` grows with the days on the road."""

    province: str
    name: str
    distance: int


@dataclass(frozen=True, slots=True)
class Person:
    """A customer. Phone numbers are of the range for devices, mail addresses of a reserved domain: nobody real is reached."""

    number: int
    name: str
    phone: str
    email: str
    city: City
    address: str
    language: str
    tier: str


@lru_cache(maxsize=20_000)
def person(seed: int, number: int) -> Person:
    """The customer with this number."""
    luck = chance(seed, "person", number)
    is_english = luck.random() < ENGLISH_SHARE
    name, mailbox = _english_name(luck) if is_english else _chinese_name(luck)
    return Person(
        number=number,
        name=name,
        phone=f"140{(number * 7_919 + seed * 104_729) % 100_000_000:08}",
        email=f"{mailbox}{number}@example.com" if luck.random() < MAIL_SHARE else "",
        city=luck.choices(cities(), city_weights())[0],
        address=f"{luck.choice(words()['streets'])} {luck.randint(1, 399)} 号 {luck.randint(1, 28)} 栋 {luck.randint(101, 2902)} 室",
        language="en" if is_english else "zh-hans",
        tier="vip" if luck.random() < VIP_SHARE else "standard",
    )


@cache
def cities() -> list[City]:
    return [City(province, name, distance) for province, name, distance, _weight in words()["cities"]]


@cache
def city_weights() -> list[int]:
    return [weight for *_city, weight in words()["cities"]]


def _chinese_name(luck: Random) -> tuple[str, str]:
    (surname, latin), (given, latin_given) = luck.choice(words()["surnames"]), luck.choice(words()["given"])
    return surname + given, f"{latin_given}.{latin}"


def _english_name(luck: Random) -> tuple[str, str]:
    given, surname = luck.choice(words()["english"])
    return f"{given} {surname}", f"{given}.{surname}".lower()
