"""What agents do with articles on a complaint: insert them, say that one solved it, or that it was wrong here."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from complaints import access
from complaints.clauses import against_touching
from complaints.models import ArticleUse, Complaint
from complaints.redaction import question_of
from foundation.exceptions import Forbidden, Reason
from foundation.verbs import lock, require
from knowledge.figures import count_today
from knowledge.models import Article
from knowledge.services import learn_phrasing

Act = ArticleUse.Act
COLUMNS = {Act.INSERTED: "inserts", Act.SOLVED: "solved", Act.WRONG: "wrong"}


@transaction.atomic
def note_article_use(complaint: Complaint, article: Article, *, act: str, by: User) -> bool:
    """Note and count what somebody did with an article in force; the same again counts once. Whether it was new.

    One that solved it is found by the customer's own words from now on, without the personal data in them. Nothing of the complaint
    changes, so there is no event and no version.
    """
    article = lock(article)
    require(_against_using(complaint, article, act, by))
    use = {"complaint": complaint, "article": article, "act": act}
    _row, is_new = ArticleUse.objects.get_or_create(**use, defaults={"version_id": article.live_id, "by": by})
    if not is_new:
        return False
    count_today(article, COLUMNS[Act(act)])
    if act == Act.SOLVED:
        learn_phrasing(article, text=question_of(complaint), by=by)
    return True


def against_inserting(article: Article) -> list[Reason]:
    """Why an article must not go to a customer."""
    if article.audience == Article.Audience.PUBLIC:
        return []
    return [Reason("internal", _("Only staff may read this article."), _("Say it to the customer in your own words."))]


def _against_using(complaint: Complaint, article: Article, act: str, by: User) -> list[Reason]:
    if not (access.can_see(by, complaint) and by.has_perm("knowledge.view_article")):
        return [Forbidden("may_not_read", _("Only staff that reads articles teaches them."))]
    if article.live_id is None or article.outdated_at:
        return [Reason("not_in_force", _("This article no longer holds."), _("Look for another one."))]
    return [*against_touching(complaint), *(against_inserting(article) if act == Act.INSERTED else [])]
