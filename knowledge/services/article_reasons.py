"""What speaks against an act on an article, in words for whoever tries it. ``by`` None is the system, which may everything."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from foundation.exceptions import Forbidden, Reason
from knowledge.models import Article, ArticleVersion

WRITE, PUBLISH, READ = "knowledge.write_article", "knowledge.publish_article", "knowledge.view_article"
FURTHEST = timedelta(days=366)
LONGEST_REASON = 500
Status = ArticleVersion.Status
IN_REVIEW = [Reason("in_review", _("This version is in review."), _("Take it back first, then change it."))]
LIMITS = {name: ArticleVersion._meta.get_field(name).max_length for name in ("title_zh", "title_en", "body_zh", "body_en", "change_note")}


def against_writing(by: User | None) -> list[Reason]:
    if by is None or by.has_perm(WRITE):
        return []
    return [Forbidden("may_not_write", _("Only staff of the service write articles."), _("Ask an agent or your lead."))]


def against_deciding(by: User | None) -> list[Reason]:
    """Why somebody may not publish, withdraw, or change what readers see."""
    if by is None or by.has_perm(PUBLISH):
        return []
    return [Forbidden("may_not_publish", _("Only a lead or manager decides what readers see."), _("Send the draft for review."))]


def against_changing(article: Article, by: User | None) -> list[Reason]:
    """What was published is changed by those who may publish, before its first day and after its last too.

    Before that whoever writes may, but not while it is in review: it would be published as nobody has read it.
    """
    statuses = set(article.versions.values_list("status", flat=True))
    if Status.PUBLISHED in statuses:
        return against_deciding(by)
    is_reviewed = Status.REVIEW in statuses and against_deciding(by)
    return against_writing(by) or (IN_REVIEW if is_reviewed else [])


def against_touching(version: ArticleVersion, by: User | None) -> list[Reason]:
    """A draft is worked on by whoever wrote it, and by those who may publish."""
    if by is None or by.has_perm(PUBLISH) or (by.has_perm(WRITE) and version.written_by_id == by.pk):
        return []
    if by.has_perm(WRITE):
        return [Forbidden("not_yours", _("Somebody else writes this draft."), _("Ask them, or a lead."))]
    return against_writing(by)


def against_status(version: ArticleVersion, *wanted: Status) -> list[Reason]:
    if version.status in wanted:
        return []
    if version.status == Status.REVIEW:
        return IN_REVIEW
    return [Reason("not_in_review", _("This version is a draft."), _("Send it for review first."))]


def against_words(words: dict) -> list[Reason]:
    """Texts that do not fit their columns."""
    unknown = words.keys() - LIMITS.keys()
    if unknown:
        raise TypeError(f"a version has no {', '.join(sorted(unknown))}")
    found = [name for name, text in words.items() if len(text) > LIMITS[name]]
    return [Reason("too_long", _("This text is too long: at most %(most)d characters.") % {"most": LIMITS[name]}) for name in found]


def against_languages(article: Article, version: ArticleVersion) -> list[Reason]:
    """The public reads both languages; the staff needs one of them whole."""
    halves = [(version.title_zh, version.body_zh), (version.title_en, version.body_en)]
    whole = [all(text.strip() for text in half) for half in halves]
    begun = [any(text.strip() for text in half) for half in halves]
    if article.audience == Article.Audience.PUBLIC and not all(whole):
        return [Reason("language_missing", _("Both languages are needed: title and text in Chinese and in English."))]
    if not any(whole) or whole != begun:
        return [Reason("language_missing", _("A language needs both its title and its text."))]
    return []


def against_submitting(article: Article, version: ArticleVersion, newest: ArticleVersion | None) -> list[Reason]:
    found = against_languages(article, version)
    if newest and all(getattr(newest, name) == getattr(version, name) for name in ("title_zh", "title_en", "body_zh", "body_en")):
        found.append(Reason("nothing_new", _("This is what the newest version says already; nothing was changed.")))
    return found


def against_publishing(
    article: Article, version: ArticleVersion, *, by: User | None, start: datetime, until: datetime | None = None
) -> list[Reason]:
    """Everything that keeps this person from publishing this version as it stands. Empty: they may."""
    found = [*against_deciding(by), *against_status(version, Status.REVIEW), *against_languages(article, version)]
    if by is not None and version.written_by_id == by.pk:
        found.append(Forbidden("own_words", _("You wrote this version."), _("Another person publishes what you wrote.")))
    if start > timezone.now() + FURTHEST:
        found.append(Reason("effective_from", _("Choose a day within a year from now.")))
    return found + _against_end(article, start, until)


def _against_end(article: Article, start: datetime, until: datetime | None) -> list[Reason]:
    if until is None:
        return []
    if article.kind != Article.Kind.ANNOUNCEMENT:
        return [Reason("effective_until", _("Only announcements end by themselves."), _("Leave the end empty."))]
    return [] if until > start else [Reason("effective_until", _("The end lies before the beginning."))]


def against_opening(article: Article, audience: str) -> list[Reason]:
    """What was published for the staff never becomes public: its earlier versions would come along unread."""
    is_opened = article.audience == Article.Audience.INTERNAL and audience == Article.Audience.PUBLIC
    if is_opened and article.versions.filter(status=Status.PUBLISHED).exists():
        text = _("This article was published for the staff, with all its versions.")
        return [Reason("was_internal", text, _("Write a public article of its own."))]
    return []


def against_reason(reason: str) -> list[Reason]:
    if 0 < len(reason.strip()) <= LONGEST_REASON:
        return []
    return [Reason("reason", _("Say why in at most 500 characters."))]
