"""What follows when a customer's message has been read: hints on the message, two events, and a higher level of risk.

Nothing here lowers, closes, answers or decides. Displeasure alone only puts words of comfort first.
"""

from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import QuerySet

from complaints.emotion.model import Model, read_model
from complaints.emotion.reading import CALM, DANGER, Reading, lexicon_version, read_text
from complaints.models import Complaint, FollowUp, Message
from complaints.services.risk import SAFETY, SYSTEM, look_by, raise_risk, risk_codes
from foundation.events import EventSpec
from foundation.prepared import Prepared, Value

if TYPE_CHECKING:
    from complaints.services.act import Act

LOOKED_BACK = 20
MOST_HINTS = 3  # events of a filing: what the words hint at, the level, somebody who looks
Author = Message.Author


def read_filed(description: str, answers: dict[str, Any]) -> Reading:
    """Read what a complaint was filed with. Marks belong to the description; free answers may raise the level, too."""
    own = read_text(description, model=_model())
    others = [read_text(answer, model=_model()) for answer in answers.values() if isinstance(answer, str) and _is_free(answer)]
    highest = max([own, *others], key=lambda reading: reading.level)
    if highest is own:
        return own
    return Reading(highest.level, tuple(dict.fromkeys([*highest.signals, *own.signals])), own.marks)


def read_message(act: "Act", body: str) -> Reading:
    """Read a customer's further message with those before it; a calm one asks the database nothing."""
    own = read_text(body, model=_model())
    if own.level in (CALM, DANGER):
        return own
    earlier = _thread.all(complaint=act.complaint.pk)
    before = [words for author, words in reversed(earlier) if author == Author.CUSTOMER]
    since_answer = next((place for place, (author, _words) in enumerate(earlier) if author == Author.HUMAN), len(earlier))
    overdue = act.at - act.complaint.promise_at if act.complaint.needs_reply else timedelta(0)
    return read_text(body, before=before, contacts=since_answer + 1, oldest_promise_age=overdue, model=_model())


def put_reading(act: "Act", message: Message, reading: Reading) -> None:
    """Put what a message hints at into the act that takes it in."""
    if reading.level > CALM:
        act.note("message.classified", codes=classified_codes(message.pk, reading), author_kind=SYSTEM)
        raise_risk(act, reading.level, signals=reading.signals, cause="message", message_id=message.pk)


def hint_specs(complaint: Complaint, message: Message, reading: Reading) -> list[EventSpec]:
    """The events of what a complaint was filed with, for those who write all of its rows at once; ``draft_look`` is the row beside."""
    if reading.level == CALM:
        return []
    risk = risk_codes(CALM, reading.level, reading.signals, cause="message", message_id=message.pk)
    facts = [("message.classified", classified_codes(message.pk, reading)), ("risk.set", risk)]
    facts += [
        ("follow_up.added", {"kind": each.kind, "role": each.role, "due_at": each.due_at.isoformat()})
        for each in draft_look(complaint, reading)
    ]
    return [EventSpec(kind, codes, author_kind=SYSTEM, at=complaint.filed_at) for kind, codes in facts]


def draft_look(complaint: Complaint, reading: Reading) -> list[FollowUp]:
    """What a lead must look at because of what a complaint was filed with, not yet saved."""
    if reading.level < DANGER:
        return []
    due_at = look_by(complaint.filed_at, is_safety=SAFETY in reading.signals)
    return [FollowUp(complaint=complaint, kind=FollowUp.Kind.RISK, role=FollowUp.Role.LEAD, due_at=due_at, created_at=complaint.filed_at)]


def classified_codes(message_id: int, reading: Reading) -> dict[str, Any]:
    """What the chain keeps of a reading: no words, so it may stay after an erasure."""
    return {
        "message": message_id,
        "level": reading.level,
        "signals": list(reading.signals),
        "rules": reading.rules,
        "lexicon": lexicon_version(),
        "model": _model().version if settings.BIHUAN_EMOTION_MODEL else 0,
    }


@Prepared
def _thread() -> QuerySet:
    """Who wrote what, the newest first; automatic words do not count."""
    said = Message.objects.filter(complaint=Value("complaint"), kind=Message.Kind.PUBLIC, retracted_at__isnull=True)
    return said.exclude(author_kind=Author.AUTO).order_by("-id").values_list("author_kind", "body")[:LOOKED_BACK]


def _is_free(answer: str) -> bool:
    """Whether somebody typed it: codes of choices are single words of plain letters."""
    return not answer.isascii() or " " in answer


def _model() -> Model | None:
    return _shipped_model() if settings.BIHUAN_EMOTION_MODEL else None


@cache
def _shipped_model() -> Model:
    return read_model()
