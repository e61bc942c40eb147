"""Pictures and films of articles: taken in as those of customers are, so that only re-encoded copies of pictures are shown."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from foundation.exceptions import Reason
from foundation.files import StoredFile, delete_file
from foundation.verbs import lock, require
from knowledge.models import Article, ArticleFile
from knowledge.services.article_log import log
from knowledge.services.article_reasons import against_changing

MOST_FILES = 20


@transaction.atomic
def add_file(article: Article, *, stored: StoredFile, by: User | None) -> ArticleFile:
    """Add a stored file. Readers of a published article have it at once: so only who may publish adds it there."""
    article = lock(article)
    require(against_changing(article, by))
    if article.files.count() >= MOST_FILES:
        require([Reason("too_many", _("An article has at most 20 files."), _("Remove one first."))])
    facts = {"name": stored.name, "media_type": stored.content_type, "size": stored.size, "sha256": stored.sha256}
    row = ArticleFile.objects.create(article=article, key=stored.id, by=by, **facts)
    log(article, "set", by=by, changed=["files"])
    return row


@transaction.atomic
def remove_file(file: ArticleFile, *, by: User | None) -> None:
    """Take a file out of an article, and off the disk once that is certain."""
    article = lock(file.article)
    require(against_changing(article, by))
    ArticleFile.objects.filter(pk=file.pk).delete()
    log(article, "set", by=by, changed=["files"])
    transaction.on_commit(lambda: delete_file(file.key))
