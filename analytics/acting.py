"""One verb on one spike or improvement item, from the lock to its row of history. Every service of the loop is written with it."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from analytics.lifecycle import Verb
from analytics.models import Improvement, Spike
from foundation.exceptions import Forbidden, Reason
from foundation.verbs import is_replay, lock, require, require_version

Row = Spike | Improvement


class LoopAct:
    """Collects what a verb changes and writes it with the step that says so.

    ``is_replay`` tells that this request was carried out before: return ``row`` as it is.
    """

    def __init__(self, row: Row, *, by: User | None, is_replay: bool = False, at: datetime | None = None) -> None:
        self.row, self.by, self.is_replay = row, by, is_replay
        self.at = at or timezone.now()
        self._fields: dict[str, None] = {}

    def set(self, **values: Any) -> None:
        for name, value in values.items():
            setattr(self.row, name, value)
        self._fields.update(dict.fromkeys(values))

    def move(self, verb: str, **options: Any) -> None:
        """Carry out a transition."""
        getattr(self.row, verb)(**options)
        self._fields["state"] = None

    def finish(self, verb: str, *, note: str = "", codes: dict[str, Any] | None = None) -> Row:
        """Write the changes under a new version, and the step; returns the row."""
        self.set(version=self.row.version + 1)
        self.row.save(update_fields=list(self._fields))
        note_step(self.row, verb, by=self.by, at=self.at, note=note, codes=codes)
        return self.row


def note_step(row: Row, verb: str, *, by: User | None, at: datetime, note: str = "", codes: dict[str, Any] | None = None) -> None:
    """Add to the history of a row."""
    row.steps.create(verb=verb, by=by, at=at, note=note, codes=codes or {})


def take_up(
    row: Row,
    verb: str,
    *,
    by: User | None,
    expected_version: int | None,
    request_id: str | None,
    rights: Callable[[Verb, Row, User | None], Iterable[Reason]],
) -> LoopAct:
    """Lock a row for a verb and run the checks that every verb has: replay, version, rights, state."""
    row = lock(row)
    act = LoopAct(row, by=by, is_replay=is_replay(row, verb, request_id, by=by))
    if not act.is_replay:
        require_version(row, expected_version)
        known = row.verbs[verb]
        require([*rights(known, row, by), *against_state(known, row)])
    return act


def against_state(verb: Verb, row: Row) -> list[Reason]:
    if row.state in verb.sources:
        return []
    told = {"state": row.get_state_display()}
    return [Reason("not_now", _("This is not possible while the state is “%(state)s”.") % told)]


def against_person(verb: Verb, by: User | None, *, is_visible: bool, is_owner: bool = False) -> list[Reason]:
    """Rights by role; the system may do everything, a person only what a role has, and the owner what is the owner's."""
    if by is None:
        return []
    has_right = bool(verb.permission) and by.has_perm(verb.permission)
    if is_visible and (has_right or (verb.by_owner and is_owner)):
        return []
    return [Forbidden("not_allowed", _("Your role does not include this."))]


def against_empty(text: str) -> list[Reason]:
    return [] if text.strip() else [Reason("no_words", _("Say why, in a few words."))]
