"""Everything that changes what the shop knows: canned replies, articles, their versions, phrasings and files."""

from .article_defaults import load_default_articles
from .article_files import add_file, remove_file
from .article_phrasings import MOST_PHRASINGS, add_phrasing, learn_phrasing, remove_phrasing
from .article_reasons import against_publishing, against_writing
from .article_versions import (
    bring_into_force,
    draft_of,
    drop_draft,
    edit_draft,
    may_review,
    newest_published,
    publish,
    send_back,
    start_draft,
    submit_draft,
)
from .articles import create_article, mark_outdated, revive, set_article
from .replies import DEFAULTS, EDITABLE, create_reply, edit_reply, initials_of, load_defaults
from .search_words import load_default_synonyms

__all__ = [
    "DEFAULTS", "EDITABLE", "MOST_PHRASINGS", "add_file", "add_phrasing", "against_publishing", "against_writing", "bring_into_force",
    "create_article", "create_reply", "draft_of", "drop_draft", "edit_draft", "edit_reply", "initials_of", "learn_phrasing",
    "load_default_articles", "load_default_synonyms", "load_defaults", "mark_outdated", "may_review", "newest_published", "publish",
    "remove_file", "remove_phrasing", "revive", "send_back", "set_article", "start_draft", "submit_draft",
]  # fmt: skip
