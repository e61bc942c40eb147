"""What this app does by itself: it puts its events in commit order, lets versions come into force and keeps the index in shape."""

from datetime import timedelta

from celery import shared_task

from foundation.events import sequence_feed
from foundation.jobs import periodic
from foundation.retention import keep
from foundation.sweeps import sweep
from knowledge.help.sessions import settle_readings
from knowledge.models import ArticleEvent, ArticleFeed
from knowledge.search import logs, postings, rebuilding
from knowledge.services import bring_into_force

BATCH = 1000


@sweep("knowledge.feed", every=2)
def sequence_article_feed() -> int:
    """Give new article events their place in the feed."""
    return sequence_feed(ArticleEvent, ArticleFeed, limit=BATCH)


@sweep("knowledge.readings", every=60)
def sweep_readings() -> int:
    """Make reading sessions that are over nobody's, so that they can be counted."""
    return settle_readings(limit=BATCH)


@sweep("knowledge.in_force", every=10)
def sweep_versions() -> int:
    """Show the versions whose time has come, and end announcements."""
    return bring_into_force()


@shared_task(name="knowledge.fold_fresh")
def fold_fresh() -> int:
    """A hint that texts were indexed: enough of them are moved into blocks."""
    return postings.fold_fresh()


@sweep("knowledge.index", every=30)
def sweep_index() -> int:
    """Fold what a lost hint left, and index again what was marked for it."""
    return postings.fold_fresh() + rebuilding.index_marked()


@periodic("knowledge.sweep_out_dead", every=timedelta(days=1))
def sweep_out_dead() -> int:
    """Remove from the index what nobody finds any more."""
    return rebuilding.sweep_out_dead()


@keep("knowledge.search_log", period="SEARCH_LOG")
def old_misses(before):
    """What nobody has searched in vain for long."""
    return logs.old_misses(before)
