"""Stock admin of what the shop knows: canned replies, articles and their categories."""

from .articles import ArticleAdmin, ArticleCategoryAdmin
from .replies import CannedReplyAdmin

__all__ = ["ArticleAdmin", "ArticleCategoryAdmin", "CannedReplyAdmin"]
