"""Stock admin of the search: synonyms, words of the dictionary, and what people looked for in vain."""

from django import forms
from django.contrib import admin, messages
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from foundation.exceptions import Reason
from knowledge.models import DictionaryWord, SearchLog, Synonym
from knowledge.services import search_words
from ui.changelists import HouseAdmin, ReadOnlyAdmin

COMMAS = str.maketrans({"，": ",", "、": ",", "；": ",", ";": ",", "\n": ","})


class SynonymForm(forms.ModelForm):
    """One line of words; the commas of both languages part them."""

    words = forms.CharField(label=_("words"), help_text=_("Separated by commas."), max_length=500)

    class Meta:
        model = Synonym
        fields = ["words", "is_active"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["words"] = ", ".join(self.instance.words or [])

    def clean_words(self):
        words = self.cleaned_data["words"].translate(COMMAS).split(",")
        _refuse(search_words.reasons_against_synonym(search_words.plain_words(words)))
        return words


class DictionaryWordForm(forms.ModelForm):
    """One word as people write it."""

    class Meta:
        model = DictionaryWord
        fields = ["word"]

    def clean_word(self):
        (plain,) = search_words.plain_words([self.cleaned_data["word"]]) or [""]
        _refuse(search_words.reasons_against_word(plain))
        return plain


class WordsAdmin(HouseAdmin):
    """Rows that who publishes articles may write and remove."""

    def has_module_permission(self, request):
        return self.has_view_permission(request)

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm(search_words.RIGHT)

    has_add_permission = has_change_permission = has_view_permission

    def has_delete_permission(self, request, obj=None):
        return obj is not None and self.has_view_permission(request)

    def delete_model(self, request, obj):
        search_words.remove_word(obj, by=request.user)


@admin.register(Synonym)
class SynonymAdmin(WordsAdmin):
    form = SynonymForm
    list_display = ["__str__", "is_active"]
    ordering = ["id"]

    def has_add_permission(self, request):
        return self.has_view_permission(request)

    def save_model(self, request, obj, form, change):
        search_words.save_synonym(obj, words=form.cleaned_data["words"], is_active=form.cleaned_data["is_active"], by=request.user)


@admin.register(DictionaryWord)
class DictionaryWordAdmin(WordsAdmin):
    form = DictionaryWordForm
    list_display = ["word"]
    search_fields = ["word"]
    ordering = ["word"]

    def has_add_permission(self, request):
        return self.has_view_permission(request)

    def has_change_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        obj.pk = search_words.add_dictionary_word(form.cleaned_data["word"], by=request.user).pk


@admin.register(SearchLog)
class SearchLogAdmin(ReadOnlyAdmin):
    """Read, and settled when an article was written or a phrasing added."""

    list_display = ["query", "times", "found", "language", "place", "last_at"]
    list_filter = ["place", "language", ("settled_at", admin.EmptyFieldListFilter)]
    search_fields = ["query"]
    ordering = ["-times", "id"]
    actions = ["settle"]

    def has_module_permission(self, request):
        return self.has_view_permission(request)

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm(search_words.RIGHT)

    @admin.action(description=_("Settled: an answer can be found now"), permissions=["view"])
    def settle(self, request, chosen):
        count = search_words.settle_misses(chosen, by=request.user)
        self.message_user(
            request, ngettext("%(count)d search is settled.", "%(count)d searches are settled.", count) % {"count": count}, messages.SUCCESS
        )


def _refuse(reasons: list[Reason]) -> None:
    if reasons:
        raise forms.ValidationError([reason.text for reason in reasons])
