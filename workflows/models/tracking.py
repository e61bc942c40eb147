"""How far this app has read the news of those beneath, and what is still to be done with them."""

from django.db import models
from django.db.models.functions import Now

from foundation.events import FeedCursor

from .goods import Parcel


class CaseCursor(FeedCursor):
    """How far the consumers of this app have read (``workflows.tracks`` reads the feed of watched waybills)."""


class ParcelNews(models.Model):
    """A parcel whose scans have not been folded into its state yet. The row goes in the transaction that folds them."""

    parcel = models.OneToOneField(Parcel, primary_key=True, on_delete=models.CASCADE, related_name="news")
    next_at = models.DateTimeField(db_default=Now())
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["next_at"], name="workflows_parcelnews_due")]

    def __str__(self):
        return str(self.pk)
