"""The base of every stock admin page: what may be filtered, sorted and deleted is on a list, everything else is refused."""

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.forms import BaseInlineFormSet


class HouseChangeList(ChangeList):
    """Sorts by the columns of ``sortable_by`` only; Django's own list merely hides the links of the others."""

    def get_ordering_field(self, field_name):
        return super().get_ordering_field(field_name) if field_name in self.sortable_by else None


class HouseAdmin(admin.ModelAdmin):
    """Rows are scoped by ``visible_rows`` on every page, look-ups come from ``list_filter`` and ``lookups``, nothing is deleted.

    ``sortable_by`` is empty unless an admin names columns: the order of rows must not tell what a column hides.
    """

    lookups: tuple[str, ...] = ()
    sortable_by: tuple[str, ...] = ()
    list_per_page = 50
    show_full_result_count = False

    def get_queryset(self, request):
        return self.visible_rows(request, super().get_queryset(request))

    def visible_rows(self, request, rows):
        """Narrow the rows to what this user may see."""
        return rows

    def has_delete_permission(self, request, obj=None):
        return False

    def lookup_allowed(self, lookup, value, request=None):
        return lookup.removesuffix("__exact").removesuffix("__isnull") in (*self.lookups, *self._filtered_fields())

    def get_changelist(self, request, **kwargs):
        return HouseChangeList

    def get_actions(self, request):
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def _filtered_fields(self) -> list[str]:
        return [each if isinstance(each, str) else getattr(each, "parameter_name", "") for each in self.list_filter]


class LabelledFormSet(BaseInlineFormSet):
    """Every input of a table of forms says its column, which stands in the head of the table only."""

    def add_fields(self, form, index):
        super().add_fields(form, index)
        for field in form.fields.values():
            inner = getattr(field.widget, "widget", field.widget)
            if not inner.is_hidden:
                inner.attrs.setdefault("aria-label", str(field.label))


class HouseInline(admin.TabularInline):
    """The base of rows that are edited on the page of another row."""

    formset = LabelledFormSet
    extra = 0


class ReadOnlyAdmin(HouseAdmin):
    """Rows that are looked at here and changed elsewhere, or never."""

    actions = None

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False
