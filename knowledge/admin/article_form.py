"""The one form of an article: where it stands, the words of its draft in both languages, and what is to happen with them."""

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminSplitDateTime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from foundation.exceptions import VersionConflictError
from foundation.files import StoredFile
from knowledge import services
from knowledge.access import articles_visible_to
from knowledge.admin.carried_out import CarriedOutForm, LinesField, shown_fields
from knowledge.models import Article, ArticleFile, ArticleVersion
from knowledge.services.article_reasons import LIMITS, against_changing, against_deciding, against_status, against_touching
from ui.localize import localized

SETTINGS = ("kind", "audience", "category", "category_code")
WORDS = tuple(LIMITS)
Status = ArticleVersion.Status


def _line(label: str, name: str, language: str = "") -> forms.CharField:
    spoken = {"lang": language} if language else {}
    widget = forms.TextInput(attrs={"class": "vTextField", "maxlength": LIMITS[name], **spoken})
    return forms.CharField(label=label, required=False, max_length=LIMITS[name], widget=widget)


def _text(label: str, name: str, language: str) -> forms.CharField:
    widget = forms.Textarea(attrs={"class": "vLargeTextField", "rows": 22, "lang": language})
    return LinesField(label=label, required=False, max_length=LIMITS[name], widget=widget, strip=False)


class RelatedField(forms.ModelMultipleChoiceField):
    """Articles by the title that readers see, before that by their address."""

    def label_from_instance(self, article):
        return localized(article.live, "title") if article.live else article.code


class ArticleForm(CarriedOutForm, forms.ModelForm):
    """``by`` and ``act`` come from the request; ``draft`` is the version that is worked on, or the newest one."""

    by: User
    act = ""
    stored: StoredFile | None = None
    refusal = ""

    title_zh = _line(_("title (Chinese)"), "title_zh", "zh-Hans")
    title_en = _line(_("title (English)"), "title_en", "en")
    body_zh = _text(_("text (Chinese)"), "body_zh", "zh-Hans")
    body_en = _text(_("text (English)"), "body_en", "en")
    change_note = _line(_("what changed"), "change_note")
    phrasings = LinesField(
        label=_("phrasings"),
        required=False,
        show_hidden_initial=True,  # agents add some while an editor has the page open
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Other ways of asking, one in each line."),
    )
    related_articles = RelatedField(Article.objects.none(), label=_("related articles"), required=False)
    file = forms.FileField(label=_("Add a picture or film"), required=False)
    drop_files = forms.ModelMultipleChoiceField(
        ArticleFile.objects.none(), label=_("Remove files"), required=False, widget=forms.CheckboxSelectMultiple
    )
    effective_from = forms.SplitDateTimeField(
        label=_("in force from"), required=False, widget=AdminSplitDateTime, help_text=_("Empty: at once.")
    )
    effective_until = forms.SplitDateTimeField(
        label=_("until"), required=False, widget=AdminSplitDateTime, help_text=_("For announcements only.")
    )
    note = forms.CharField(
        label=_("Note or reason"),
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=_("For the writer when it goes back, or why it is outdated."),
    )
    expected_number = forms.IntegerField(label=_("version"), required=False, widget=forms.HiddenInput)
    expected_revision = forms.IntegerField(label=_("version"), required=False, widget=forms.HiddenInput)
    expected = forms.IntegerField(label=_("version"), required=False, widget=forms.HiddenInput)

    class Meta:
        model = Article
        fields = ["code", *SETTINGS]

    def __init__(self, *args, **options):
        article = options.get("instance")
        self.draft = services.draft_of(article) if article else None
        self.newest = self.draft or (article.versions.order_by("-number").first() if article else None)
        options["initial"] = {**self._begin_with(article), **(options.get("initial") or {})}
        super().__init__(*args, **options)
        self.made: Article | None = None
        if article and article.pk:
            del self.fields["code"]
        else:
            self.fields["code"].required = False
            self.fields["code"].help_text = _("Stays for ever. Empty: made from the English title.")
        self._offer(article)
        self._close(article)

    def _begin_with(self, article: Article | None) -> dict:
        if article is None:
            return {}
        words = {name: getattr(self.newest, name) for name in WORDS} if self.newest else {}
        if self.newest and not self.draft:
            words["change_note"] = ""
        return words | {
            "phrasings": "\n".join(article.phrasings.order_by("pk").values_list("text", flat=True)),
            "related_articles": list(article.related.values_list("pk", flat=True)),
            "expected_number": self.newest.number if self.newest else None,
            "expected_revision": self.draft.revision if self.draft else None,
            "expected": article.head_seq,
        }

    def _offer(self, article: Article | None) -> None:
        others = articles_visible_to(self.by).select_related("live").order_by("code")
        self.fields["related_articles"].queryset = others.exclude(pk=article.pk) if article else others
        if article:
            self.fields["drop_files"].queryset = article.files.order_by("pk")

    def _close(self, article: Article | None) -> None:
        """What this person may not change now is shown, and not taken."""
        if article is None:
            return
        if self.draft and (against_touching(self.draft, self.by) or against_status(self.draft, Status.DRAFT)):
            self._disable(*WORDS)
        if against_changing(article, self.by):
            self._disable(*SETTINGS, "related_articles", "file", "drop_files")

    def _disable(self, *names: str) -> None:
        for name in names:
            if name in self.fields:
                self.fields[name].disabled = True

    @property
    def acts(self) -> list[tuple[str, str]]:
        """The buttons beside Save and Preview, for this person and this state."""
        article, draft = self.instance, self.draft
        if article.pk is None:
            return [("submit", gettext("Send for review"))]
        found = []
        if draft is None or draft.status == Status.DRAFT:
            found = [] if draft and against_touching(draft, self.by) else [("submit", gettext("Send for review"))]
            found += [("drop", gettext("Drop the draft"))] if draft and found else []
        elif not against_touching(draft, self.by):
            is_own = draft.written_by_id == self.by.pk
            found = [("send_back", gettext("Take it back") if is_own else gettext("Send back"))]
            found += [("publish", gettext("Publish"))] if services.may_review(self.by, draft) else []
        if not against_deciding(self.by) and article.live_id:
            found.append(("revive", gettext("Bring back")) if article.outdated_at else ("outdate", gettext("Mark as outdated")))
        return found

    def validate_unique(self):
        """The service says it, in the words of an address."""

    @property
    def is_only_looked_at(self) -> bool:
        return self.act == "preview"

    def is_valid(self):
        """Looking is not saving: a preview always comes back to the page."""
        return super().is_valid() and not self.is_only_looked_at

    def clean(self):
        cleaned = super().clean()
        if self.refusal:
            self.add_error("file", self.refusal)
        return cleaned

    def carry_out(self) -> None:
        self.made = self._save_all()
        self._act(self.made)

    def _save_all(self) -> Article:
        answers = self.cleaned_data
        words = {name: answers[name] for name in WORDS}
        lines = answers["phrasings"].splitlines()
        if self.instance.pk is None:
            settings = {name: answers[name] for name in ("code", *SETTINGS)}
            article = services.create_article(by=self.by, phrasings=lines, **settings, **words)
            if answers["related_articles"]:
                services.set_article(article, by=self.by, related=answers["related_articles"])
        else:
            article = self._save_settings()
            self._save_words(article, words)
            self._save_phrasings(article, lines)
        self._save_files(article)
        return article

    def _save_settings(self) -> Article:
        article, changed = self.instance, set(self.changed_data)
        settings = {name: self.cleaned_data[name] for name in SETTINGS if name in changed}
        related = self.cleaned_data["related_articles"] if "related_articles" in changed else None
        if not settings and related is None:
            return article
        return services.set_article(article, by=self.by, expected=self.cleaned_data["expected"], related=related, **settings)

    def _save_words(self, article: Article, words: dict[str, str]) -> None:
        changed = {name: text for name, text in words.items() if name in self.changed_data}
        if not changed and self.act != "submit":
            return
        draft, seen = self._seen_draft(article)
        if changed:
            draft = services.edit_draft(article, by=self.by, expected_revision=seen, **changed)
        self.cleaned_data["expected_revision"] = draft.revision if changed else seen

    def _seen_draft(self, article: Article) -> tuple[ArticleVersion, int]:
        """The draft that was open, with its revision then; a new one where the words of the newest version were."""
        seen, draft = self.cleaned_data["expected_revision"], services.draft_of(article)
        newest = draft or services.newest_published(article)
        if (draft is None) != (seen is None) or (newest and newest.number != self.cleaned_data["expected_number"]):
            raise VersionConflictError(newest)
        if draft is None:
            draft = services.start_draft(article, by=self.by)
        return draft, seen or draft.revision

    def _save_phrasings(self, article: Article, lines: list[str]) -> None:
        """Carry out what was done to the lines that the page showed; those that came meanwhile stay."""
        if "phrasings" not in self.changed_data:
            return
        begun = set(self.data.get(self["phrasings"].html_initial_name, "").splitlines())
        wanted = {" ".join(line.split()) for line in lines if line.strip()}
        for phrasing in article.phrasings.filter(text__in=begun - wanted):
            services.remove_phrasing(phrasing, by=self.by)
        for text in sorted(wanted - begun):
            services.add_phrasing(article, text=text, by=self.by)

    def _save_files(self, article: Article) -> None:
        for file in self.cleaned_data["drop_files"]:
            services.remove_file(file, by=self.by)
        if self.stored:
            services.add_file(article, stored=self.stored, by=self.by)

    def _act(self, article: Article) -> None:
        answers, by = self.cleaned_data, self.by
        seen = {"expected_revision": answers["expected_revision"]}
        match self.act:
            case "submit":
                services.submit_draft(article, by=by, **seen)
            case "publish":
                start, end = answers["effective_from"], answers["effective_until"]
                services.publish(article, by=by, effective_from=start, effective_until=end, **seen)
            case "send_back":
                services.send_back(article, by=by, note=answers["note"], **seen)
            case "drop":
                services.drop_draft(article, by=by, **seen)
            case "outdate":
                services.mark_outdated(article, by=by, reason=answers["note"])
            case "revive":
                services.revive(article, by=by)

    def tell_conflict(self, current: Any) -> None:
        if current:
            self.theirs = shown_fields(current, SETTINGS if isinstance(current, Article) else WORDS)
        if isinstance(current, Article):
            self.data["expected"] = str(current.head_seq)
        else:
            is_draft = current and current.status != Status.PUBLISHED
            self.data["expected_number"] = str(current.number) if current else ""
            self.data["expected_revision"] = str(current.revision) if is_draft else ""
        text = _("Somebody changed this article meanwhile. Your words are kept here. Saving again replaces what stands there now.")
        self.add_error(None, text)
