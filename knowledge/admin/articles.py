"""Stock admin of articles: the list, the form with both languages side by side, the history, and the categories."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.forms import ModelForm
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.redirects import see_other
from foundation.files import UploadRefusedError, accept_upload, delete_file
from knowledge import access, services
from knowledge.admin.article_form import WORDS, ArticleForm
from knowledge.admin.article_history import history_of
from knowledge.admin.carried_out import CarriedOutAdmin
from knowledge.file_answers import answer_file
from knowledge.models import Article, ArticleCategory
from knowledge.shelf import in_state, states_of, states_offered, with_figures
from ui.changelists import HouseAdmin
from ui.localize import is_english
from ui.markdown import render_markdown

ACTS = ("preview", "submit", "publish", "send_back", "drop", "outdate", "revive")
DONE = {
    "submit": _("Sent for review. Somebody else publishes it."),
    "publish": _("Published."),
    "send_back": _("It is a draft again."),
    "drop": _("The draft is gone."),
    "outdate": _("Marked as outdated: readers do not see it any more."),
    "revive": _("Readers see it again."),
}


class StateFilter(admin.SimpleListFilter):
    """What readers have, and what waits for whom."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return states_offered(request.user)

    def queryset(self, request, rows):
        return in_state(rows, self.value(), by=request.user) if self.value() else rows


@admin.register(Article)
class ArticleAdmin(CarriedOutAdmin, HouseAdmin):
    """Everything is carried out by the form through the services; this class shows it."""

    form = ArticleForm
    list_display = ["title", "kind", "audience", "category", "state", "reads", "helpful", "changed"]
    list_filter = [StateFilter, "kind", "audience", "category"]
    lookups = ("category__id",)
    list_select_related = ["category", "live"]
    search_fields = ["code", "live__title_zh", "live__title_en"]
    ordering = ["-id"]
    change_form_template = "admin/knowledge/article/change_form.html"
    add_form_template = "admin/knowledge/article/change_form.html"

    def visible_rows(self, request, rows):
        return with_figures(rows.filter(pk__in=access.articles_visible_to(request.user).values("pk")), by=request.user)

    def get_search_fields(self, request):
        """Who only reads finds by the words in force, and learns nothing of drafts and of what customers asked."""
        drafted = ["code", "versions__title_zh", "versions__title_en", "phrasings__text"]
        return drafted if self.has_change_permission(request) else self.search_fields

    def has_module_permission(self, request):
        return self.has_view_permission(request)

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("knowledge.view_article")

    def has_add_permission(self, request):
        return request.user.has_perm("knowledge.write_article")

    def has_change_permission(self, request, obj=None):
        return request.user.has_perm("knowledge.write_article")

    def get_form(self, request, obj=None, change=False, **options):
        if obj and not self.has_change_permission(request, obj):
            return super().get_form(request, obj, change=change, **options | {"form": ModelForm})
        options["fields"] = None
        form = super().get_form(request, obj, change=change, **options)
        act = next((name for name in ACTS if f"_{name}" in request.POST), "")
        stored, refusal = getattr(request, "stored_file", None), getattr(request, "file_refusal", "")
        return type("OwnArticleForm", (form,), {"by": request.user, "act": act, "stored": stored, "refusal": refusal})

    def get_fieldsets(self, request, obj=None):
        if not self.has_change_permission(request, obj):
            return [(None, {"fields": ["code", "kind", "audience", "category", "state", "words_zh", "words_en", "stored_files"]})]
        place = {"fields": ["state" if obj else "code", ("kind", "audience"), ("category", "category_code")]}
        words = {"fields": [("title_zh", "title_en"), ("body_zh", "body_en"), "change_note"], "classes": ["two-languages"]}
        found = {"fields": ["phrasings", "related_articles"]}
        seen = ["expected_number", "expected_revision", "expected"]
        stored = ["stored_files", "drop_files"] if obj and obj.files.exists() else []
        files = {"fields": ["file", *stored, *seen]}
        sets = [(_("Place and readers"), place), (_("Words"), words), (_("How it is found"), found), (_("Files"), files)]
        if obj and request.user.has_perm("knowledge.publish_article"):
            sets.insert(2, (_("Review and dates"), {"fields": [("effective_from", "effective_until"), "note"]}))
        return sets

    def get_readonly_fields(self, request, obj=None):
        if obj is None:
            return []
        if self.has_change_permission(request, obj):
            return ["state", "stored_files"]
        return ["code", "state", "words_zh", "words_en", "stored_files"]

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """A file is taken in before the transaction begins: that reads and writes the disk."""
        if request.method == "POST" and request.FILES.get("file") and self.has_change_permission(request):
            try:
                request.stored_file = accept_upload(request.FILES["file"])
            except UploadRefusedError as error:
                request.file_refusal = error.text
        return super().changeform_view(request, object_id, form_url, extra_context)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        form = context["adminform"].form
        if isinstance(form, ArticleForm):
            context |= {"acts": form.acts, "previews": _previews(form), "draft": form.draft}
            if stored := getattr(request, "stored_file", None):
                delete_file(stored.id)  # the form came back, so the browser asks for it anew
        return super().render_change_form(request, context, add=add, change=change, form_url=form_url, obj=obj)

    def response_add(self, request, obj, post_url_continue=None):
        return self._done(request, obj)

    def response_change(self, request, obj):
        return self._done(request, obj)

    def _done(self, request, obj):
        act = next((name for name in ACTS if f"_{name}" in request.POST), "")
        saved = _("Saved as a draft.") if services.draft_of(obj) else _("Saved.")
        messages.success(request, DONE.get(act, saved))
        return see_other(reverse("admin:knowledge_article_change", args=[obj.pk]))

    def view_on_site(self, article):
        """Its page in the help centre, where it has one."""
        is_there = article.audience == Article.Audience.PUBLIC and article.live_id and not article.outdated_at
        return reverse("help:article", args=[article.code]) if is_there else None

    def get_urls(self):
        show = self.admin_site.admin_view(require_safe(self.file_view))
        return [path("<int:article_id>/files/<int:article_file>/", show, name="article-file"), *super().get_urls()]

    def file_view(self, request, article_id, article_file):
        """A file of an article that this person reads here, also of one for the staff."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        file = get_object_or_404(access.files_visible_to(request.user), article=article_id, pk=article_file)
        return answer_file(file)

    def history_view(self, request, object_id, extra_context=None):
        """Every version with its words, what readers saw on a day, and how two versions differ."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        article = self.get_object(request, object_id)
        if article is None:
            raise Http404
        context = self.admin_site.each_context(request) | history_of(article, request.GET, by=request.user)
        context |= {"opts": self.opts, "title": gettext("History of “%(title)s”") % {"title": self.title(article)}, "article": article}
        return render(request, "admin/knowledge/article/history.html", context)

    @admin.display(description=_("title"))
    def title(self, article):
        first, second = article.newest_zh, article.newest_en
        return (second or first if is_english() else first or second) or article.code

    @admin.display(description=_("state"))
    def state(self, article):
        return format_html_join(" ", '<span class="tag">{}</span>', ([word] for word in states_of(article)))

    @admin.display(description=_("Files"))
    def stored_files(self, article):
        places = ((reverse("admin:article-file", args=[article.pk, file.pk]), file.name) for file in article.files.order_by("pk"))
        return format_html_join(" ", '<a href="{}">{}</a>', places) or "–"

    @admin.display(description=_("reads"))
    def reads(self, article):
        return article.views

    @admin.display(description=_("helpful"))
    def helpful(self, article):
        return f"{100 * article.yes // article.votes} % / {article.votes}" if article.votes else "–"

    @admin.display(description=_("changed"))
    def changed(self, article):
        return article.changed_at

    @admin.display(description=_("text (Chinese)"))
    def words_zh(self, article):
        return _shown(article.live.title_zh, article.live.body_zh, "zh-Hans")

    @admin.display(description=_("text (English)"))
    def words_en(self, article):
        return _shown(article.live.title_en, article.live.body_en, "en")


@admin.register(ArticleCategory)
class ArticleCategoryAdmin(HouseAdmin):
    """The shelves of the help centre."""

    list_display = ["code", "name_zh", "name_en", "rank"]
    search_fields = ["code", "name_zh", "name_en"]

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj else []


def _shown(title: str, body: str, language: str):
    return format_html('<div lang="{}"><strong>{}</strong>{}</div>', language, title, render_markdown(body))


def _previews(form: ArticleForm) -> list[dict]:
    """Both languages as readers would see them, of what is typed or stored."""
    words = {name: form[name].value() or "" for name in WORDS}
    halves = (("zh-Hans", gettext("Chinese"), "zh"), ("en", gettext("English"), "en"))
    return [
        {"language": code, "name": name, "title": words[f"title_{end}"], "html": render_markdown(words[f"body_{end}"])}
        for code, name, end in halves
    ]
