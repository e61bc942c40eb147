"""Reading sessions: what one browser did in the help centre, for the share of readers who were helped and had nothing to complain of."""

from django.db import models
from django.db.models import Q


class ReadingSession(models.Model):
    """One browser, until it is closed or a day has passed. It says neither who read nor what else than the one article was read.

    ``digest`` finds the sessions of two days by the word of their cookie. It is emptied once nothing can change the session any more;
    from then on the row belongs to nobody, and ``pos`` is its place among those that were settled: the table is its own feed.
    ``article_code`` is the article that helped, or else the first one.
    """

    digest = models.CharField(max_length=64, blank=True)
    began_at = models.DateTimeField()
    last_at = models.DateTimeField()
    helped_at = models.DateTimeField(null=True)
    complained_at = models.DateTimeField(null=True)
    language = models.CharField(max_length=10)
    article_code = models.CharField(max_length=60)
    category_code = models.CharField(max_length=40, blank=True)
    pos = models.BigIntegerField(null=True, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(digest="", pos__isnull=False) | (~Q(digest="") & Q(pos__isnull=True)),
                name="knowledge_readingsession_settled_is_nobodys",
            ),
        ]
        indexes = [
            models.Index(fields=["digest"], name="knowledge_reading_word", condition=~Q(digest="")),
            models.Index(fields=["began_at"], name="knowledge_reading_unsettled", condition=Q(pos__isnull=True)),
        ]

    def __str__(self):
        return f"{self.pk} {self.began_at:%Y-%m-%d}"
