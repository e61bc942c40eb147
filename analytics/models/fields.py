"""The columns that facts are made of. What can be added up over facts is a flag, an amount or a duration."""

from typing import Any

from django.db import models


class Flag(models.PositiveSmallIntegerField):
    """1 if the fact belongs to a set, else 0: the size of a set is the sum of its flag."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **({"default": 0} | options))


class Amount(models.BigIntegerField):
    """Whole milliseconds, fen or percent that are added up."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **({"default": 0} | options))


class Duration(models.BigIntegerField):
    """Whole seconds, or null where there is no such time; kept beside the bucket of its quantised value (``with_buckets``)."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **({"null": True} | options))


def bucket_of(duration: str) -> str:
    """The column with the bucket of a duration."""
    return f"{duration}_b"


def with_buckets(fact: type[models.Model]) -> type[models.Model]:
    """Give each duration of a model its column of buckets."""
    for field in [each for each in fact._meta.local_fields if isinstance(each, Duration)]:
        fact.add_to_class(bucket_of(field.name), models.PositiveSmallIntegerField(null=True))
    return fact
