"""Stock admin of what is configured, and a read-only look at what is not. Complaints themselves are worked on at the desk."""

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from complaints import access
from complaints.channels.templates import VARIABLES, newest_templates, publish_template
from complaints.intake.form_preview import draw_preview
from complaints.intake.publishing import publish_form, with_use
from complaints.intake.question_rules import as_text
from complaints.intake.version_form import VersionForm
from complaints.legal_admin import LegalRuleAdmin  # noqa: F401 - registers itself
from complaints.models import Category, Complaint, Form, Macro, Outbox, Tag, Template
from complaints.services.delivery import retry_outbox
from complaints.services.macros import reasons_against, save_macro
from complaints.services.notices import NODES
from foundation.exceptions import ReasonedError
from ui.changelists import HouseAdmin, ReadOnlyAdmin
from ui.forms import NamedChoiceField
from ui.placeholders import names


@admin.register(Complaint)
class ComplaintAdmin(ReadOnlyAdmin):
    """Found here, opened at the desk: the list shows nothing of what customers wrote."""

    list_display = ["number", "category", "status", "priority", "team", "assignee", "filed_at", "at_desk"]
    list_filter = ["status", "priority"]
    list_select_related = ["category", "team", "assignee"]
    search_fields = ["number"]
    ordering = ["-id"]
    fields = [
        "number", "merchant", "category", "status", "priority", "team", "assignee", "channel", "cycle", "outcome", "filed_at", "promise_at",
        "due_at", "resolved_at", "closed_at", "at_desk",
    ]  # fmt: skip
    readonly_fields = ["at_desk"]

    def visible_rows(self, request, rows):
        return rows.filter(pk__in=access.visible_to(request.user).values("pk"))

    def has_module_permission(self, request):
        return self.has_view_permission(request)

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("complaints.use_desk")

    @admin.display(description=_("desk"))
    def at_desk(self, complaint):
        return format_html('<a href="{}">{}</a>', reverse("admin:desk-complaint", args=[complaint.number]), _("Open at the desk"))


@admin.register(Category)
class CategoryAdmin(HouseAdmin):
    """Kinds of complaints. One that was used is switched off, never deleted; its code stays."""

    list_display = ["code", "name_zh", "name_en", "root", "team", "priority", "promise_hours", "position", "is_active"]
    list_filter = ["root", "is_active"]
    list_select_related = ["team"]
    search_fields = ["code", "name_zh", "name_en"]

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj else []


@admin.register(Form)
class FormAdmin(HouseAdmin):
    """A version is read, never changed: complaints were filed with it. A change is a new version that begins with an old one."""

    list_display = ["category", "version", "is_current", "questions", "asks_lines", "used_by", "published_at"]
    list_select_related = ["category"]
    ordering = ["category__code", "-version"]
    form = VersionForm
    change_form_template = "admin/complaints/form/change_form.html"

    def visible_rows(self, request, rows):
        return with_use(rows)

    def has_change_permission(self, request, obj=None):
        return False

    def get_fields(self, request, obj=None):
        content = ["asks_lines", "evidence_zh", "evidence_en"]
        if obj is None:
            return ["category", "fields", *content, "seen"]
        return ["category", "version", "is_current", "published_at", "used_by", *content, "questions_as_text"]

    def get_readonly_fields(self, request, obj=None):
        return ["is_current", "used_by", "questions_as_text"] if obj else []

    def get_form(self, request, obj=None, **options):
        if obj is not None:
            return super().get_form(request, obj, **options | {"form": forms.ModelForm})
        form = super().get_form(request, obj, **options)
        form.by, form.source, form.is_preview = request.user, self._source(request), "_preview" in request.POST
        return form

    def formfield_for_dbfield(self, field, request, **options):
        """The category is chosen here and edited on its own page."""
        return field.formfield() if field.name == "category" else super().formfield_for_dbfield(field, request, **options)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        shown = self._previewed(context["adminform"].form) if add else obj
        context["previews"] = draw_preview(shown) if shown else []
        context["is_published"] = not add
        return super().render_change_form(request, context, add=add, change=change, form_url=form_url, obj=obj)

    def save_model(self, request, obj, form, change):
        seen = form.cleaned_data["seen"]
        published = publish_form(obj.category, content=form.content(), by=request.user, expected_version=seen)
        obj.pk, obj.version = published.pk, published.version

    def response_add(self, request, obj, post_url_continue=None):
        words = gettext("Version %(version)d is published. New complaints get it within half a minute.")
        messages.success(request, words % {"version": obj.version})
        return HttpResponseRedirect(reverse("admin:complaints_form_change", args=[obj.pk]))

    @admin.display(description=_("current"), boolean=True)
    def is_current(self, form):
        return form.version == form.newest

    @admin.display(description=_("questions"))
    def questions(self, form):
        return len(form.fields)

    @admin.display(description=_("complaints filed with it"))
    def used_by(self, form):
        return form.uses

    @admin.display(description=_("questions"))
    def questions_as_text(self, form):
        return format_html('<pre class="code" dir="ltr">{}</pre>', as_text(form.fields))

    def _source(self, request: HttpRequest) -> Form | None:
        number = request.GET.get("from", "")
        return self.get_object(request, number) if number.isascii() and number.isdigit() and len(number) < 18 else None

    def _previewed(self, form: VersionForm) -> Form | None:
        """What the page shows as customers would see it: what was written if it holds, before that what it begins with."""
        if form.is_bound:
            return None if form.errors else Form(**form.content())
        return form.source


class NoticeFilter(admin.SimpleListFilter):
    """Which notice, by what it tells instead of by its code."""

    title = _("notice")
    parameter_name = "node"

    def lookups(self, request, model_admin):
        return [(node.name, node.label) for node in NODES.values()]

    def queryset(self, request, rows):
        return rows.filter(node=self.value()) if self.value() else rows


class NoticeAdmin(HouseAdmin):
    """The base of what belongs to a notice: it is listed, and its pages are titled, by what the notice tells."""

    def get_object(self, request, object_id, from_field=None):
        row = super().get_object(request, object_id, from_field)
        if row is not None:
            row.notice_words = self.notice(row)
        return row

    @admin.display(description=_("notice"))
    def notice(self, row):
        return NODES[row.node].label if row.node in NODES else row.node


class TemplateForm(forms.ModelForm):
    """Known notice, known values: a mistyped value would stand in the customer's mail as it was typed."""

    node = forms.ChoiceField(label=_("notice"), choices=lambda: [(node.name, node.label) for node in NODES.values()])
    language = forms.ChoiceField(label=_("language"), choices=settings.LANGUAGES)

    class Meta:
        model = Template
        fields = ["node", "language", "subject", "body"]

    def clean_subject(self):
        return self._known_only("subject")

    def clean_body(self):
        return self._known_only("body")

    def _known_only(self, field):
        unknown = [name for name in names(self.cleaned_data[field]) if name not in VARIABLES]
        if unknown:
            raise forms.ValidationError(_("Unknown values: %(names)s"), params={"names": ", ".join(unknown)})
        return self.cleaned_data[field]


@admin.register(Template)
class TemplateAdmin(NoticeAdmin):
    """The newest words of each notice. Saving them adds a version; what was sent can be traced to its own."""

    list_display = ["notice", "language", "version", "subject", "created_at"]
    list_filter = [NoticeFilter, "language"]
    ordering = ["node", "language"]
    form = TemplateForm

    def visible_rows(self, request, rows):
        return rows.filter(pk__in=newest_templates())

    def get_readonly_fields(self, request, obj=None):
        return ["node", "notice", "language"] if obj else []

    def get_fields(self, request, obj=None):
        return ["notice" if obj else "node", "language", "subject", "body"]

    def save_model(self, request, obj, form, change):
        published = publish_template(obj.node, obj.language, subject=obj.subject, body=obj.body)
        obj.pk, obj.version, obj.notice_words = published.pk, published.version, self.notice(obj)


@admin.register(Outbox)
class OutboxAdmin(NoticeAdmin, ReadOnlyAdmin):
    """Messages on their way, without their texts. Failed ones are sent again from here."""

    list_display = ["id", "notice", "channel", "language", "state", "next_at", "attempts", "error"]
    list_filter = ["state", NoticeFilter]
    ordering = ["-id"]
    actions = ["retry"]
    readonly_fields = ["notice"]
    fields = ["notice", "channel", "language", "state", "created_at", "next_at", "sent_at", "expires_at", "attempts", "error"]

    def visible_rows(self, request, rows):
        if request.user.has_perm("accounts.configure"):
            return rows
        return rows.filter(complaint__in=access.visible_to(request.user))

    def has_module_permission(self, request):
        return self.has_view_permission(request)

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("complaints.retry_outbox")

    @admin.action(description=_("Send again"), permissions=["view"])
    def retry(self, request, rows):
        for row in rows:
            try:
                retry_outbox(row, by=request.user)
            except ReasonedError as error:
                messages.error(request, f"{row.pk}: {error.reasons[0].text}")


@admin.register(Tag)
class TagAdmin(HouseAdmin):
    list_display = ["name"]
    search_fields = ["name"]


class MacroForm(forms.ModelForm):
    """A macro's acts as three plain fields; an empty one is no act."""

    priority = forms.ChoiceField(label=_("sets the priority"), choices=[("", _("as it is")), *Complaint.Priority.choices], required=False)
    tag = forms.CharField(label=_("adds the tag"), max_length=40, required=False)
    passes_to = NamedChoiceField(
        label=_("passes to the team"), queryset=Team.objects.filter(is_active=True), to_field_name="code", required=False
    )

    class Meta:
        model = Macro
        fields = ["code", "name_zh", "name_en", "team", "category_code", "body_zh", "body_en", "is_active"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        acts = {action["act"]: action["value"] for action in self.instance.actions}
        for name, act in MACRO_ACTS.items():
            self.fields[name].initial = acts.get(act)

    def clean(self):
        answers = super().clean()
        passes_to = answers.get("passes_to")
        wanted = {"priority": answers.get("priority"), "tag": answers.get("tag"), "passes_to": passes_to and passes_to.code}
        self.instance.actions = [{"act": act, "value": wanted[name]} for name, act in MACRO_ACTS.items() if wanted[name]]
        return answers

    def _post_clean(self):
        super()._post_clean()
        for reason in [] if self.errors else reasons_against(self.instance, by=None):
            self.add_error(None, str(reason.text))


MACRO_ACTS = {"priority": "set_priority", "tag": "add_tag", "passes_to": "set_team"}


@admin.register(Macro)
class MacroAdmin(HouseAdmin):
    """Prepared texts with acts. At the desk they are applied as a visible pending set; nothing happens before sending."""

    list_display = ["code", "name_zh", "name_en", "team", "category_code", "is_active"]
    list_filter = ["is_active"]
    list_select_related = ["team"]
    search_fields = ["code", "name_zh", "name_en"]
    form = MacroForm

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj else []

    def save_model(self, request, obj, form, change):
        save_macro(obj, by=request.user)
