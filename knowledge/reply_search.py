"""Canned replies for what an agent types: by pinyin initials, title and text first, then by what the words mean."""

from collections.abc import Iterable

from accounts.models import User
from knowledge.access import SHOWN, place_in, search_replies, visible_to
from knowledge.models import CannedReply, SearchDocument
from knowledge.search.finding import NEAR_CATEGORY, OWN_CATEGORY, find

# Initials are typed in two or three letters; from here on it is a word.
SHORTEST_WORD = 2
# The index knows the replies of everybody; who may use them is asked after it.
MOST_LOOKED_AT = 200
# Of the complaint's category, general or of its root, of another one.
RAISED = (OWN_CATEGORY, NEAR_CATEGORY, 1.0)


def find_replies(
    user: User, query: str, *, language: str, category: str = "", empathy_first: bool = False, limit: int = 12
) -> list[CannedReply]:
    """The replies that hold what was typed, best first, then those that the search finds: other words for it, slips, endings.

    Only replies that this person may use; of those that the search finds, the ones of the complaint's category are raised a little.
    """
    exact = search_replies(user, query, category=category, empathy_first=empathy_first, limit=limit)
    if len(query.strip()) < SHORTEST_WORD or len(exact) >= limit:
        return exact
    found = find(query, language=language, shelves=(SearchDocument.Shelf.REPLIES,), limit=MOST_LOOKED_AT)
    known = {reply.pk for reply in exact}
    scores = {hit.subject_id: hit.score for hit in found.hits if hit.subject_id not in known}
    return [*exact, *sorted(_usable(user, scores, category), key=lambda reply: -scores[reply.pk] * RAISED[reply.place])][:limit]


def _usable(user: User, ids: Iterable[int], category: str) -> Iterable[CannedReply]:
    usable = visible_to(user).filter(is_active=True, pk__in=ids).only(*SHOWN)
    return usable.annotate(place=place_in(category)).order_by("code") if ids else ()
