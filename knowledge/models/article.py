"""Articles: how-to guides, the rule handbook and announcements, their versions, phrasings, files and what readers thought of them."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from foundation.events import ChainSubject


class ArticleCategory(models.Model):
    """A shelf of the help centre."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name_zh = models.CharField(_("name (Chinese)"), max_length=40)
    name_en = models.CharField(_("name (English)"), max_length=60)
    rank = models.PositiveSmallIntegerField(_("place"), default=100)

    class Meta:
        ordering = ["rank", "code"]
        verbose_name = _("article category")
        verbose_name_plural = _("article categories")

    def __str__(self):
        return self.name_zh


class Article(ChainSubject):
    """One question and its answer, under one address for ever. What it says stands in its versions.

    ``live`` is the version in force: what readers see and search finds. An article without one, or one that is outdated, is not
    there for the public. ``category_code`` names the complaint category whose complaints it helps with.
    """

    class Kind(models.TextChoices):
        GUIDE = "guide", _("Guide")
        RULE = "rule", _("Rule")
        ANNOUNCEMENT = "announcement", _("Announcement")

    class Audience(models.TextChoices):
        PUBLIC = "public", _("Everybody")
        INTERNAL = "internal", _("Staff only")

    code = models.SlugField(_("address"), max_length=60, unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.GUIDE)
    audience = models.CharField(_("audience"), max_length=10, choices=Audience, default=Audience.PUBLIC)
    category = models.ForeignKey(ArticleCategory, on_delete=models.PROTECT, related_name="articles", verbose_name=_("category"))
    category_code = models.CharField(_("complaint category"), max_length=40, blank=True)
    related = models.ManyToManyField("self", blank=True, verbose_name=_("related articles"))
    live = models.OneToOneField("ArticleVersion", null=True, editable=False, on_delete=models.PROTECT, related_name="+")
    outdated_at = models.DateTimeField(_("outdated since"), null=True, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(_("written at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        permissions = [
            ("write_article", "May write articles"),
            ("publish_article", "May publish articles that somebody else wrote"),
        ]
        indexes = [
            models.Index(F("kind"), F("live").desc(), name="knowledge_article_newest", condition=Q(live__isnull=False, outdated_at=None)),
            models.Index(fields=["category_code"], name="knowledge_article_for", condition=~Q(category_code="")),
        ]

    def __str__(self):
        return self.code


class ArticleVersion(models.Model):
    """One wording of an article. After publication a trigger refuses every change, so what a customer saw can be shown again.

    An article has at most one version that is not published: its draft, or what waits in review.
    ``effective_until`` is for announcements that end.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        REVIEW = "review", _("In review")
        PUBLISHED = "published", _("Published")

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveIntegerField(_("version"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    title_zh = models.CharField(_("title (Chinese)"), max_length=120, blank=True)
    title_en = models.CharField(_("title (English)"), max_length=160, blank=True)
    body_zh = models.TextField(_("text (Chinese)"), max_length=20000, blank=True)
    body_en = models.TextField(_("text (English)"), max_length=30000, blank=True)
    change_note = models.CharField(_("what changed"), max_length=200, blank=True)
    review_note = models.CharField(_("why it went back"), max_length=500, blank=True)
    revision = models.PositiveIntegerField(default=1, editable=False)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    written_at = models.DateTimeField(db_default=Now())
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    published_at = models.DateTimeField(null=True)
    effective_from = models.DateTimeField(_("in force from"), null=True, blank=True)
    effective_until = models.DateTimeField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("article version")
        verbose_name_plural = _("article versions")
        constraints = [
            models.UniqueConstraint(fields=["article", "number"], name="knowledge_articleversion_once"),
            models.UniqueConstraint(fields=["article"], condition=~Q(status="published"), name="knowledge_articleversion_one_draft"),
            models.CheckConstraint(
                condition=~Q(status="published") | Q(published_at__isnull=False, effective_from__isnull=False),
                name="knowledge_articleversion_published",
            ),
        ]
        indexes = [models.Index(fields=["effective_from"], name="knowledge_version_due", condition=Q(status="published"))]

    def __str__(self):
        return f"{self.article_id} v{self.number}"


class Phrasing(models.Model):
    """Another way of asking what an article answers (相似问). Helps to find it and is never shown to the public.

    Those of agents come from "this solved it": the customer's words without personal data.
    """

    class Source(models.TextChoices):
        EDITOR = "editor", _("editor")
        AGENT = "agent", _("agent")
        SEARCH = "search", _("search log")

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="phrasings", db_index=False)
    text = models.CharField(_("text"), max_length=200)
    source = models.CharField(_("from"), max_length=10, choices=Source, default=Source.EDITOR)
    times = models.PositiveIntegerField(_("times"), default=1)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("phrasing")
        verbose_name_plural = _("phrasings")
        constraints = [models.UniqueConstraint(fields=["article", "text"], name="knowledge_phrasing_once")]

    def __str__(self):
        return self.text


class ArticleFile(models.Model):
    """A picture or film of an article. Pages show re-encoded copies of pictures, never the original."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="files")
    key = models.CharField(max_length=32, unique=True, help_text="Random name in addresses and on disk.")
    name = models.CharField(_("name"), max_length=120)
    media_type = models.CharField(max_length=60)
    size = models.PositiveIntegerField(_("size"))
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("file of an article")
        verbose_name_plural = _("files of articles")

    def __str__(self):
        return self.name


class ArticleVote(models.Model):
    """Whether an article helped one reader, once for each version. ``reader`` is a keyed digest that nobody is found by."""

    version = models.ForeignKey(ArticleVersion, on_delete=models.CASCADE, related_name="votes", db_index=False)
    reader = models.CharField(max_length=64)
    language = models.CharField(max_length=10)
    is_helpful = models.BooleanField()
    text = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "reader"], name="knowledge_articlevote_once")]

    def __str__(self):
        return f"{self.version_id} {self.is_helpful}"


class ArticleDay(models.Model):
    """What happened to an article on one day: how often it was read, spared a complaint, was inserted by an agent or solved one."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="days", db_index=False)
    on = models.DateField()
    views = models.PositiveIntegerField(default=0)
    deflections = models.PositiveIntegerField(default=0)
    inserts = models.PositiveIntegerField(default=0)
    solved = models.PositiveIntegerField(default=0)
    wrong = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["article", "on"], name="knowledge_articleday_once")]

    def __str__(self):
        return f"{self.article_id} {self.on}"
