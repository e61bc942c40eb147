"""Which texts a word of the dictionary stands in, by the index itself: they are marked, and the next sweep reads them anew."""

from collections import defaultdict
from functools import reduce
from itertools import pairwise

import numpy as np
from django.db import connection

from knowledge.models import SearchDocument
from knowledge.search.postings import DOCUMENT, wait_for_folding
from knowledge.search.text import IS_HAN, digest_of


def mark_texts_with(word: str) -> None:
    """Mark every text that has all pairs of a word, however it writes them, in phrasings too; only Chinese is cut by the dictionary.

    What is indexed by a sweep at this moment is waited for, so that no text is read with the dictionary of before and marked before.
    """
    if not IS_HAN.match(word):
        return
    wait_for_folding()
    numbers = _documents_with([digest_of(first + second) for first, second in pairwise(word)])
    SearchDocument.objects.filter(id__in=numbers.tolist(), is_live=True).update(digest=b"")


def _documents_with(terms: list[int]) -> np.ndarray:
    parts = defaultdict(lambda: [np.empty(0, DOCUMENT)])
    with connection.cursor() as cursor:
        cursor.execute("SELECT term, documents FROM knowledge_posting WHERE term = ANY(%s)", [terms])
        for term, documents in cursor:
            parts[term].append(np.frombuffer(documents, DOCUMENT))
        cursor.execute("SELECT term, array_agg(document) FROM knowledge_freshposting WHERE term = ANY(%s) GROUP BY term", [terms])
        for term, documents in cursor:
            parts[term].append(np.array(documents, DOCUMENT))
    return reduce(np.intersect1d, [np.concatenate(parts[term]) for term in terms])
