"""What this app does by itself: it puts its events in commit order and lets versions come into force."""

from foundation.events import sequence_feed
from foundation.sweeps import sweep
from knowledge.models import ArticleEvent, ArticleFeed
from knowledge.services import bring_into_force

BATCH = 1000


@sweep("knowledge.feed", every=2)
def sequence_article_feed() -> int:
    """Give new article events their place in the feed."""
    return sequence_feed(ArticleEvent, ArticleFeed, limit=BATCH)


@sweep("knowledge.in_force", every=10)
def sweep_versions() -> int:
    """Show the versions whose time has come, and end announcements."""
    return bring_into_force()
