"""The notice of personal data: its versions, and the row that proves which one was given when a complaint came in."""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from complaints.models import Complaint, FilingConsent
from foundation.crypto import digest_token
from foundation.events import canonical_json
from ui.localize import is_english

TEXTS = Path(__file__).resolve().parent / "defaults" / "privacy_notices.json"
Way, Origin = FilingConsent.Way, Complaint.Origin
# Whoever files through these shows or tells a notice of their own.
OTHERS = {Origin.RULE, Origin.IMPORT, Origin.INTEGRATION}


@dataclass(frozen=True)
class Notice:
    """One version in one language. ``short`` stands on the form, ``parts`` (title, text) on the page that it leads to."""

    version: str
    language: str
    short: str
    parts: tuple[tuple[str, str], ...]

    @cached_property
    def digest(self) -> str:
        """What a consent keeps of the text, so that the words that were shown can be proven."""
        return digest_token(canonical_json([self.short, self.parts]).decode())


@cache
def notices() -> dict[tuple[str, str], Notice]:
    """Every version ever shown, by version and language, oldest first. Words never change without a new version."""
    versions = json.loads(TEXTS.read_text(encoding="utf-8"))
    return {
        (version, language): Notice(version, language, words["short"], tuple(map(tuple, words["parts"])))
        for version, by_language in versions.items()
        for language, words in by_language.items()
    }


def current_notice(language: str | None = None) -> Notice:
    """The newest notice in a language, the active one unless told otherwise."""
    newest = list(notices())[-1][0]
    return notices()[newest, _spoken(language)]


def find_notice(version: str) -> Notice | None:
    """A version in the active language, or None."""
    return notices().get((version, _spoken(None)))


def draft_consent(complaint: Complaint, *, by: Any, at: datetime) -> FilingConsent:
    """The row, not yet saved, that says which notice was given: on the form, by voice, or not by us."""
    way = Way.ELSEWHERE if complaint.origin in OTHERS else Way.SHOWN if by is None else Way.SPOKEN
    notice = None if way == Way.ELSEWHERE else current_notice(complaint.language)
    return FilingConsent(
        complaint=complaint,
        version=notice.version if notice else "",
        language=notice.language if notice else "",
        text_digest=notice.digest if notice else "",
        channel=complaint.channel,
        way=way,
        at=at,
    )


def _spoken(language: str | None) -> str:
    return "en" if is_english(language) else "zh-hans"
