"""Canned replies for what an agent types: by pinyin initials, title and text first, then by what the words mean."""

from accounts.models import User
from knowledge.access import SHOWN, search_replies, visible_to
from knowledge.models import CannedReply, SearchDocument
from knowledge.search.finding import find

# Initials are typed in two or three letters; from here on it is a word.
SHORTEST_WORD = 2


def find_replies(
    user: User, query: str, *, language: str, category: str = "", empathy_first: bool = False, limit: int = 12
) -> list[CannedReply]:
    """The replies that hold what was typed, best first, then those that the search finds: other words for it, slips, endings.

    Only replies that this person may use; the index knows all of them.
    """
    exact = search_replies(user, query, category=category, empathy_first=empathy_first, limit=limit)
    if len(query.strip()) < SHORTEST_WORD or len(exact) >= limit:
        return exact
    found = find(query, language=language, shelves=(SearchDocument.Shelf.REPLIES,), limit=limit, category_code=category)
    known = {reply.pk for reply in exact}
    ids = list(dict.fromkeys(hit.subject_id for hit in found.hits if hit.subject_id not in known))
    usable = visible_to(user).filter(is_active=True).only(*SHOWN).in_bulk(ids) if ids else {}
    return [*exact, *(usable[pk] for pk in ids if pk in usable)][:limit]
