"""Everything that changes how the search reads words: synonyms, and words of the dictionary."""

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from foundation.exceptions import Forbidden, Reason
from foundation.verbs import require
from knowledge.models import DictionaryWord, SearchLog, Synonym
from knowledge.search.lexicon import LONGEST, SHORTEST
from knowledge.search.marking import mark_texts_with
from knowledge.search.text import RUNS, normalise
from knowledge.search.words import forget_words

RIGHT = "knowledge.publish_article"
MOST_SYNONYMS = 12
# The shop's own groups take their place beside these.
DEFAULT_SYNONYMS = (
    ("快递", "物流", "包裹", "parcel", "shipment"),
    ("退款", "退钱", "refund"),
    ("退货", "退回", "return"),
    ("换货", "调换", "exchange"),
    ("发票", "invoice", "receipt"),
    ("客服", "人工", "agent"),
    ("坏了", "破损", "损坏", "damaged", "broken"),
    ("没收到", "未收到", "没到"),
    ("少发", "漏发", "missing"),
    ("保价", "价保", "降价"),
    ("维修", "修理", "repair"),
    ("取消", "撤销", "cancel"),
)


@transaction.atomic
def save_synonym(synonym: Synonym, *, words: list[str], is_active: bool, by: User | None) -> Synonym:
    """Keep a group of words that mean the same, as the search reads them: half-width, lower case, simplified."""
    plain = plain_words(words)
    require([*against_right(by), *reasons_against_synonym(plain)])
    synonym.words, synonym.is_active = plain, is_active
    synonym.save()
    transaction.on_commit(forget_words)
    return synonym


@transaction.atomic
def add_dictionary_word(word: str, *, by: User | None) -> DictionaryWord:
    """Keep a word whole from now on, also in what is indexed already: texts that have it are indexed anew by the next sweep."""
    (plain,) = plain_words([word]) or [""]
    require([*against_right(by), *reasons_against_word(plain)])
    kept, is_new = DictionaryWord.objects.get_or_create(word=plain)
    if is_new:
        mark_texts_with(plain)
        transaction.on_commit(forget_words)
    return kept


@transaction.atomic
def remove_word(row: Synonym | DictionaryWord, *, by: User | None) -> None:
    """Forget a group of synonyms, or a word of the dictionary: texts that have it are indexed anew by the next sweep."""
    require(against_right(by))
    row.delete()
    if isinstance(row, DictionaryWord):
        mark_texts_with(row.word)
    transaction.on_commit(forget_words)


@transaction.atomic
def settle_misses(misses, *, by: User | None) -> int:
    """Somebody has seen to these searches; they come back when they are searched in vain again. Returns how many."""
    require(against_right(by))
    return SearchLog.objects.filter(pk__in=[miss.pk for miss in misses], settled_at__isnull=True).update(settled_at=Now())


@transaction.atomic
def load_default_synonyms() -> int:
    """Add the shipped groups to a house that has none; returns how many."""
    if Synonym.objects.exists():
        return 0
    return len(Synonym.objects.bulk_create(Synonym(words=list(words)) for words in DEFAULT_SYNONYMS))


def plain_words(words: list[str]) -> list[str]:
    """The words in the way in which they are searched, each once."""
    return list(dict.fromkeys(" ".join(normalise(word).split()) for word in words if word.strip()))


def against_right(by: User | None) -> list[Reason]:
    if by is None or by.has_perm(RIGHT):
        return []
    return [Forbidden("may_not_keep_words", _("You may not change how the search reads words."), _("Who publishes articles may."))]


def reasons_against_synonym(plain: list[str]) -> list[Reason]:
    """What is wrong with a group of words."""
    found = [Reason("word", _("“%(word)s” is too long.") % {"word": word}) for word in plain if len(word) > LONGEST]
    if not 2 <= len(plain) <= MOST_SYNONYMS:
        found.append(Reason("count", _("Two to %(most)d words, separated by commas.") % {"most": MOST_SYNONYMS}))
    return found


def reasons_against_word(plain: str) -> list[Reason]:
    """What is wrong with a word of the dictionary."""
    if SHORTEST <= len(plain) <= LONGEST and RUNS.fullmatch(plain):
        return []
    return [Reason("word", _("One word of %(least)d to %(most)d characters, without spaces.") % {"least": SHORTEST, "most": LONGEST})]
