"""What the shop knows how to say: articles, announcements, canned replies, and the index that finds them. Knows of no complaint."""

from .article import Article, ArticleCategory, ArticleDay, ArticleFile, ArticleVersion, ArticleVote, Phrasing
from .event import ArticleEvent, ArticleEventPending, ArticleFeed
from .reading import ReadingSession
from .reply import CannedReply, CannedReplyVersion
from .search import DictionaryWord, FreshPosting, LexiconWord, Posting, SearchDocument, SearchLog, SearchRebuild, Synonym

__all__ = [
    "Article", "ArticleCategory", "ArticleDay", "ArticleEvent", "ArticleEventPending", "ArticleFeed", "ArticleFile", "ArticleVersion",
    "ArticleVote", "CannedReply", "CannedReplyVersion", "DictionaryWord", "FreshPosting", "LexiconWord", "Phrasing", "Posting",
    "ReadingSession", "SearchDocument", "SearchLog", "SearchRebuild", "Synonym",
]  # fmt: skip
