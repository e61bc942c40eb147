"""The index of articles and canned replies: documents, their postings, the words it knows, and what it did not find."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class SearchDocument(models.Model):
    """One text in one language as it is found. A new wording is a new document; the old one stays, not live, until it is swept out.

    ``shelf`` keeps what different people may find apart down to the postings, so that nothing of the staff's is even counted for
    the public. ``words`` are those that its shelf's lexicon knows from it; ``digest`` tells whether text and way of indexing are those
    of the source.
    """

    class Shelf(models.IntegerChoices):
        PUBLIC = 0, _("public articles")
        STAFF = 1, _("articles of the staff")
        REPLIES = 2, _("canned replies")

    id = models.AutoField(primary_key=True)
    shelf = models.PositiveSmallIntegerField(choices=Shelf)
    subject_id = models.BigIntegerField()
    language = models.CharField(max_length=2)
    title = models.CharField(max_length=200)
    text = models.TextField()
    words = ArrayField(models.CharField(max_length=40), default=list)
    digest = models.BinaryField(max_length=16)
    is_live = models.BooleanField(default=True)
    is_fresh = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["shelf", "subject_id", "language"], condition=Q(is_live=True), name="knowledge_searchdocument_one"
            )
        ]
        indexes = [
            models.Index(fields=["id"], name="knowledge_searchdocument_fresh", condition=Q(is_fresh=True)),
            models.Index(fields=["id"], name="knowledge_searchdocument_dead", condition=Q(is_live=False)),
            models.Index(fields=["id"], name="knowledge_searchdocument_again", condition=Q(is_live=True, digest=b"")),
        ]

    def __str__(self):
        return self.title


class Posting(models.Model):
    """The documents of one term on one shelf, best first: ``documents`` are int32, ``impacts`` one byte each, little-endian.

    ``term`` is a 64-bit digest of the term. A frequent term has several blocks, each best first.
    """

    shelf = models.PositiveSmallIntegerField()
    term = models.BigIntegerField()
    block = models.PositiveIntegerField()
    length = models.PositiveIntegerField()
    documents = models.BinaryField()
    impacts = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shelf", "term", "block"], name="knowledge_posting_once")]

    def __str__(self):
        return f"{self.shelf} {self.term}"


class FreshPosting(models.Model):
    """A term of a document that was indexed lately and is not yet in a block."""

    shelf = models.PositiveSmallIntegerField()
    term = models.BigIntegerField()
    document = models.IntegerField()
    impact = models.PositiveSmallIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["shelf", "term"], name="knowledge_freshposting_term"),
            models.Index(fields=["document"], name="knowledge_freshposting_doc"),
        ]

    def __str__(self):
        return f"{self.shelf} {self.term}"


class LexiconWord(models.Model):
    """A word of titles and editors' phrasings on one shelf, by which slips of the hand and pinyin are put right."""

    shelf = models.PositiveSmallIntegerField()
    word = models.CharField(max_length=40)
    pinyin = models.CharField(max_length=120, blank=True)
    initials = models.CharField(max_length=40, blank=True)
    grams = ArrayField(models.CharField(max_length=4), default=list)
    times = models.PositiveIntegerField(default=0)

    class Meta:
        # While somebody types, words are looked up by their beginning: this order of theirs allows it in a database of any language.
        constraints = [
            models.UniqueConstraint(
                fields=["shelf", "word"], name="knowledge_lexiconword_once", opclasses=["int2_ops", "varchar_pattern_ops"]
            )
        ]
        indexes = [
            models.Index(fields=["shelf", "pinyin"], name="knowledge_lexicon_pinyin", opclasses=["int2_ops", "varchar_pattern_ops"]),
            models.Index(fields=["shelf", "initials"], name="knowledge_lexicon_initials"),
            GinIndex(fields=["grams"], name="knowledge_lexicon_grams"),
        ]

    def __str__(self):
        return self.word


class Synonym(models.Model):
    """Words that mean the same to whoever searches: one of them finds the others."""

    words = ArrayField(models.CharField(max_length=40), verbose_name=_("words"), help_text=_("Separated by commas."))
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("synonyms")
        verbose_name_plural = _("synonyms")

    def __str__(self):
        return ", ".join(self.words)


class DictionaryWord(models.Model):
    """A word that the segmenter shall keep whole: names of goods, series, the shop's own terms."""

    word = models.CharField(_("word"), max_length=40, unique=True)

    class Meta:
        verbose_name = _("word of the dictionary")
        verbose_name_plural = _("words of the dictionary")

    def __str__(self):
        return self.word


class SearchLog(models.Model):
    """What people looked for and did not, or hardly, find; one row for each wording, without personal data."""

    class Place(models.TextChoices):
        HELP = "help", _("help centre")
        DESK = "desk", _("desk")

    query = models.CharField(_("searched for"), max_length=100)
    language = models.CharField(_("language"), max_length=2)
    place = models.CharField(_("place"), max_length=10, choices=Place)
    found = models.PositiveIntegerField(_("found"))
    times = models.PositiveIntegerField(_("times"), default=1)
    first_at = models.DateTimeField(_("first"), db_default=Now())
    last_at = models.DateTimeField(_("last"), db_default=Now())
    settled_at = models.DateTimeField(_("settled"), null=True)

    class Meta:
        verbose_name = _("search without an answer")
        verbose_name_plural = _("searches without an answer")
        constraints = [models.UniqueConstraint(fields=["query", "language", "place"], name="knowledge_searchlog_once")]
        indexes = [models.Index(fields=["-times", "id"], name="knowledge_searchlog_often", condition=Q(settled_at__isnull=True))]

    def __str__(self):
        return self.query


class SearchRebuild(models.Model):
    """How far a rebuild of the index has come, so that it goes on where it stopped."""

    shelf = models.PositiveSmallIntegerField(unique=True)
    analysis = models.CharField(max_length=40)
    after_id = models.BigIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(db_default=Now())

    def __str__(self):
        return f"{self.shelf} after {self.after_id}"
