"""What an agent typed for a customer and did not file: kept sealed for each page that was opened, offered again, gone once it is filed."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.http import QueryDict
from django.utils import timezone

from accounts.models import User
from complaints.intake.drafts import LIFETIME, seal_text, unseal_text
from complaints.models import Draft
from foundation.crypto import digest_token

MOST, LONGEST, LONGEST_NAME = 3, 40_000, 32
NOT_TYPED = {"csrfmiddlewaretoken", "step", "request_id", "page"}
ASKED = {"channel", "wish", "language", "about", "beside", "shop"}


@dataclass(frozen=True)
class Typed:
    """The fields of one page as they stood at ``at``."""

    page: str
    at: datetime
    fields: QueryDict


def typed_before(user: User) -> list[Typed]:
    """The pages of an agent that were not filed, the newest first."""
    row = Draft.objects.filter(digest=_digest(user), expires_at__gt=timezone.now()).first()
    return sorted(_read(row.answers), key=lambda typed: typed.at, reverse=True) if row else []


@transaction.atomic
def keep_typed(user: User, page: str, posted: QueryDict) -> None:
    """Keep what stands on a page; a page on which nothing was typed is forgotten. The newest ``MOST`` pages are kept."""
    fields = {name: posted.getlist(name) for name in posted if name not in NOT_TYPED}
    is_empty = not any("".join(values).strip() for name, values in fields.items() if name not in ASKED)
    text = json.dumps(fields)
    if not 0 < len(page) <= LONGEST_NAME or len(text) > LONGEST:
        return
    if is_empty:
        forget_typed(user, page)
        return
    Draft.objects.get_or_create(digest=_digest(user), defaults={"expires_at": timezone.now() + LIFETIME})
    row = Draft.objects.select_for_update().get(digest=_digest(user))
    pages = row.answers | {page: {"at": timezone.now().isoformat(), "typed": seal_text(text)}}
    newest = sorted(pages, key=lambda name: pages[name]["at"], reverse=True)[:MOST]
    row.answers, row.expires_at = {name: pages[name] for name in newest}, timezone.now() + LIFETIME
    row.save(update_fields=["answers", "expires_at"])


@transaction.atomic
def forget_typed(user: User, page: str) -> None:
    """Drop one page, because it was filed or is not wanted any more."""
    row = Draft.objects.select_for_update().filter(digest=_digest(user)).first()
    if row is None or page not in row.answers:
        return
    del row.answers[page]
    if row.answers:
        row.save(update_fields=["answers"])
    else:
        row.delete()


def _digest(user: User) -> str:
    """One row for each agent. No visitor's cookie leads there: its token is signed by us."""
    return digest_token(f"desk-new:{user.pk}")


def _read(answers: dict) -> Iterator[Typed]:
    for page, kept in answers.items():
        text = unseal_text(kept["typed"])
        if text:
            fields = QueryDict(mutable=True)
            for name, values in json.loads(text).items():
                fields.setlist(name, values)
            yield Typed(page, datetime.fromisoformat(kept["at"]), fields)
