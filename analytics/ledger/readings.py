"""Reading facts: each session of the help centre that nothing can change any more."""

from collections.abc import Collection, Iterable

from analytics.models import Reading
from knowledge.models import ReadingSession

from .entries import Settings


def settled(session_ids: Collection[int]) -> Iterable[ReadingSession]:
    return ReadingSession.objects.filter(pk__in=session_ids, pos__isnull=False)


def fold_reading(session: ReadingSession, settings: Settings) -> Reading:
    helped, came_back = session.helped_at is not None, session.complained_at is not None
    return Reading(
        root_id=session.pk,
        day=settings.day(session.began_at),
        at=session.began_at,
        language=session.language,
        category=session.category_code,
        article=session.article_code,
        sessions=1,
        helped=int(helped),
        selfserved=int(helped and not came_back),
        came_back=int(came_back),
    )
