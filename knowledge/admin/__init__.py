"""Stock admin of what the shop knows: canned replies, articles and their categories, and the words of the search."""

from .articles import ArticleAdmin, ArticleCategoryAdmin
from .replies import CannedReplyAdmin
from .search import DictionaryWordAdmin, SearchLogAdmin, SynonymAdmin

__all__ = ["ArticleAdmin", "ArticleCategoryAdmin", "CannedReplyAdmin", "DictionaryWordAdmin", "SearchLogAdmin", "SynonymAdmin"]
