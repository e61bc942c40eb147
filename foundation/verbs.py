"""The steps that every service runs before it changes anything: lock, replay, version, guards, news."""

from collections.abc import Iterable
from functools import cache, partial
from typing import Any, NamedTuple, TypeVar

from django.db import connection, models, transaction
from django.db.transaction import TransactionManagementError
from django.dispatch import Signal
from django.utils.translation import gettext_lazy as _

from foundation.crypto import digest_token
from foundation.exceptions import Forbidden, NotAllowedError, Reason, RefusedError, VersionConflictError
from foundation.models import RequestRecord
from foundation.prepared import Prepared, Value

Row = TypeVar("Row", bound=models.Model)


class Reservation(NamedTuple):
    """The primary key that a creation must use, and whether an earlier request already created it."""

    id: int | None
    is_replay: bool


def lock(subject: Row, *related: str) -> Row:
    """Return the fresh row of ``subject``, locked until the transaction ends.

    ``related`` names foreign keys to fetch in the same query; only the subject itself is locked.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("A lock ends with its statement where there is no transaction.")
    found = _locked(subject._meta.model, related).first(pk=subject.pk)
    if found is None:
        raise subject.DoesNotExist(f"{subject._meta.label} {subject.pk} is gone.")
    return found


@cache
def _locked(model: type[Row], related: tuple[str, ...]) -> Prepared:
    rows = model._base_manager.select_for_update(no_key=True, of=("self",))
    return Prepared(lambda: (rows.select_related(*related) if related else rows).filter(pk=Value("pk")))


def is_replay(subject: models.Model, verb: str, request_id: str | None, *, by: Any, fingerprint: str = "") -> bool:
    """Record a request and tell whether the same actor already sent it for this subject and verb.

    Call it with the subject locked. ``request_id`` None means that the caller never repeats itself.
    ``fingerprint`` (a digest of the request's content) makes the same id with other content a ``RefusedError``.
    """
    if request_id is None:
        return False
    key = _request_key(subject, verb, request_id, by)
    if _insert_request(key, fingerprint, result=None):
        return False
    _require_same_request(key, fingerprint)
    return True


def reserve(model: type[models.Model], verb: str, request_id: str | None, *, by: Any, fingerprint: str = "") -> Reservation:
    """Record the request for a creation and give the primary key under which the new row must be saved.

    A repeated request gives the id of the row that the first one created. The id comes from the table's own sequence,
    so one statement both records the request and links it to its result. Without ``request_id`` the id is None.
    """
    if request_id is None:
        return Reservation(None, False)
    key = _request_key(model, verb, request_id, by)
    created = _insert_request(key, fingerprint, result=model)
    if created:
        return Reservation(created, False)
    return Reservation(_require_same_request(key, fingerprint), True)


def made_before(model: type[models.Model], verb: str, request_id: str | None, *, by: Any) -> int | None:
    """The id of the row that this request has created already, if it has; reserves nothing."""
    if request_id is None:
        return None
    subject_type, subject_id, verb, actor_id, digest = _request_key(model, verb, request_id, by)
    known = RequestRecord.objects.filter(subject_type=subject_type, subject_id=subject_id, verb=verb, actor_id=actor_id, request_id=digest)
    return known.values_list("result_id", flat=True).first()


def require_version(subject: Any, expected_version: int | None) -> None:
    """Refuse to write over a change that the caller has not seen. None is for the system, which acts on what is there."""
    if expected_version is not None and subject.version != expected_version:
        raise VersionConflictError(subject)


def require(reasons: Iterable[Reason]) -> None:
    """Raise with every reason if there is any; one ``Forbidden`` among them makes it a matter of rights."""
    found = list(reasons)
    if not found:
        return
    if any(isinstance(reason, Forbidden) for reason in found):
        raise NotAllowedError(found)
    raise RefusedError(found)


def announce(signal: Signal, **news: Any) -> None:
    """Send a domain signal once the transaction is committed; a hearer that fails is logged and harms nobody."""
    transaction.on_commit(partial(signal.send_robust, None, **news), robust=True)


def _request_key(subject: Any, verb: str, request_id: str, by: Any) -> tuple:
    """A creation has no subject row yet, so it is recorded under its model and the number 0."""
    subject_id = 0 if isinstance(subject, type) else subject.pk
    actor_id = getattr(by, "pk", None) or 0
    # Only the digest is kept: a submission token stands for its owner as long as the page is open.
    return (subject._meta.label_lower, subject_id, verb, actor_id, digest_token(request_id))


INSERT_REQUEST = """
    INSERT INTO foundation_requestrecord (subject_type, subject_id, verb, actor_id, request_id, fingerprint, result_id, recorded_at)
    VALUES (%s, %s, %s, %s, %s, %s, {result}, now())
    ON CONFLICT (subject_type, subject_id, verb, actor_id, request_id) DO NOTHING
    RETURNING COALESCE(result_id, id)
"""
INSERT_ACT = INSERT_REQUEST.replace("{result}", "NULL")
INSERT_CREATION = INSERT_REQUEST.replace("{result}", "nextval(pg_get_serial_sequence(%s, %s))")


def _insert_request(key: tuple, fingerprint: str, *, result: type[models.Model] | None) -> int | None:
    """One statement; it waits for a concurrent twin and gives None when the twin has won."""
    with connection.cursor() as cursor:
        if result is None:
            cursor.execute(INSERT_ACT, [*key, fingerprint])
        else:
            cursor.execute(INSERT_CREATION, [*key, fingerprint, result._meta.db_table, result._meta.pk.column])
        row = cursor.fetchone()
    return row[0] if row else None


def _require_same_request(key: tuple, fingerprint: str) -> int | None:
    names = ("subject_type", "subject_id", "verb", "actor_id", "request_id")
    record = RequestRecord.objects.get(**dict(zip(names, key, strict=True)))
    if record.fingerprint != fingerprint:
        raise RefusedError([Reason("request_reused", _("This request number was already used for something else."))])
    return record.result_id
