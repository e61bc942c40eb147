"""Prepared texts and articles say nothing about customers; what people searched for and wrote is kept without what finds them."""

from foundation.personal import Table

TABLES = (
    Table(
        label="knowledge.CannedReply",
        why="prepared texts",
        kept="configuration",
        none="id code tier scene category_code team owner title_zh title_en body_zh body_en initials version is_active created_at",
    ),
    Table(label="knowledge.CannedReplyVersion", why="earlier wordings", kept="configuration", none="id reply number body_zh body_en by at"),
    Table(label="knowledge.ArticleCategory", why="shelves of the help centre", kept="configuration", none="id code name_zh name_en rank"),
    Table(
        label="knowledge.Article",
        why="questions and their answers",
        kept="configuration",
        none="id head_seq head_hash code kind audience category category_code live outdated_at created_by created_at",
    ),
    Table(
        label="knowledge.ArticleVersion",
        why="what readers saw, and drafts",
        kept="configuration",
        none="id article number status title_zh title_en body_zh body_en change_note review_note revision written_by written_at"
        " published_by published_at effective_from effective_until",
    ),
    Table(label="knowledge.Article_related", why="articles that belong together", kept="configuration", none="id from_article to_article"),
    Table(
        label="knowledge.Phrasing",
        of="customers",
        why="to find an article by the words that people use; personal data is taken out before",
        kept="until an editor removes it",
        none="id article source times by at",
        content="text",
    ),
    Table(
        label="knowledge.ArticleFile",
        why="pictures of articles",
        kept="configuration",
        none="id article key name media_type size sha256 by at",
    ),
    Table(
        label="knowledge.ArticleVote",
        of="visitors",
        why="whether an article helps; the digest counts a reader once and finds nobody",
        kept="with the version",
        none="id version reader language is_helpful at",
        content="text",
    ),
    Table(
        label="knowledge.ReadingSession",
        of="visitors",
        why="whether readers were helped and had nothing to complain of; nobody is found by it",
        kept="as long as the figures; the digest of the word in the cookie for two days",
        none="id began_at last_at helped_at complained_at language article_code category_code pos",
        secret="digest",  # noqa: S106 - a name of a field
    ),
    Table(
        label="knowledge.ArticleDay",
        why="how often an article was read and helped",
        kept="configuration",
        none="id article on views deflections inserts solved wrong",
    ),
    Table(
        label="knowledge.ArticleEvent",
        why="who wrote, published and withdrew what",
        kept="configuration",
        none="id seq kind at recorded_at actor_id author_kind codes payload salt digest hash article",
    ),
    Table(label="knowledge.ArticleEventPending", why="sequencing of events", kept="seconds", none="event_id"),
    Table(label="knowledge.ArticleFeed", why="events in commit order", kept="configuration", none="pos event_id subject_id kind"),
    Table(
        label="knowledge.SearchDocument",
        why="the index of articles and replies",
        kept="configuration",
        none="id shelf subject_id language title text digest words is_live is_fresh",
    ),
    Table(label="knowledge.Posting", why="the index", kept="configuration", none="id shelf term block length documents impacts"),
    Table(label="knowledge.FreshPosting", why="the index", kept="configuration", none="id shelf term document impact"),
    Table(
        label="knowledge.LexiconWord", why="the words of the index", kept="configuration", none="id shelf word pinyin initials grams times"
    ),
    Table(label="knowledge.Synonym", why="words that mean the same", kept="configuration", none="id words is_active"),
    Table(label="knowledge.DictionaryWord", why="words of the shop", kept="configuration", none="id word"),
    Table(
        label="knowledge.SearchLog",
        of="visitors",
        why="what people looked for and did not find; personal data is taken out before",
        kept="BIHUAN_KEEP_SEARCH_LOG_DAYS",
        none="id language place found times first_at last_at settled_at",
        content="query",
    ),
    Table(
        label="knowledge.SearchRebuild",
        why="how far the index is rebuilt",
        kept="configuration",
        none="id shelf analysis after_id finished_at started_at",
    ),
)
