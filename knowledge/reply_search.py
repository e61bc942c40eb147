"""Canned replies for what an agent types: by pinyin initials, title and text first, then by what the words mean."""

from accounts.models import User
from knowledge.access import SHOWN, place_in, search_replies, visible_to
from knowledge.models import CannedReply, SearchDocument
from knowledge.search.finding import NEAR_CATEGORY, OWN_CATEGORY, find

# Initials are typed in two or three letters; from here on it is a word.
SHORTEST_WORD = 2
# More than are shown, because a category raises what stood lower.
MOST_FOUND = 24
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
    usable = visible_to(user).filter(is_active=True).exclude(pk__in=[reply.pk for reply in exact])
    found = find(query, language=language, shelves=(SearchDocument.Shelf.REPLIES,), limit=MOST_FOUND, among=usable)
    scores = {hit.subject_id: hit.score for hit in found.hits}
    rows = usable.filter(pk__in=scores).only(*SHOWN).annotate(place=place_in(category)).order_by("code") if scores else ()
    return [*exact, *sorted(rows, key=lambda reply: -scores[reply.pk] * RAISED[reply.place])][:limit]
