"""Stock admin of shops, warehouses, carriers, tokens and imports. Orders and customers are seen on the desk, never here."""

from django import forms
from django.contrib import admin, messages
from django.utils.translation import gettext_lazy as _

from foundation.exceptions import ReasonedError
from orders import tokens
from orders.models import ApiToken, Carrier, ImportRun, Merchant, MerchantMember, Warehouse, WarehouseMember
from ui.changelists import HouseAdmin, HouseInline, ReadOnlyAdmin


class CodedAdmin(HouseAdmin):
    """Rows that other rows and files name by code: the code never changes."""

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj else []


class MemberForm(forms.ModelForm):
    class Meta:
        fields = ["user"]
        labels = {"user": _("user")}


class MemberInline(HouseInline):
    """Who sees the rows of a shop or warehouse: whoever may change it says so. Machines get theirs with their token."""

    form = MemberForm
    autocomplete_fields = ["user"]
    verbose_name, verbose_name_plural = _("member"), _("members")

    def get_queryset(self, request):
        return super().get_queryset(request).filter(user__is_staff=True).select_related("user")

    def has_change_permission(self, request, obj=None):
        return request.user.has_perm(f"orders.change_{self.parent_model._meta.model_name}")

    has_view_permission = has_add_permission = has_delete_permission = has_change_permission


class MerchantMemberInline(MemberInline):
    model = MerchantMember


class WarehouseMemberInline(MemberInline):
    model = WarehouseMember


@admin.register(Merchant)
class MerchantAdmin(CodedAdmin):
    inlines = [MerchantMemberInline]
    list_display = ["code", "name", "currency", "is_active"]
    search_fields = ["code", "name"]


@admin.register(Warehouse)
class WarehouseAdmin(CodedAdmin):
    inlines = [WarehouseMemberInline]
    list_display = ["code", "name", "merchant"]
    list_select_related = ["merchant"]
    search_fields = ["code", "name"]


@admin.register(Carrier)
class CarrierAdmin(CodedAdmin):
    list_display = ["code", "name_zh", "name_en", "tracker"]
    search_fields = ["code", "name_zh", "name_en"]


class TokenForm(forms.ModelForm):
    """A new token: which shop, what for, until when."""

    scopes = forms.MultipleChoiceField(label=_("scopes"), choices=ApiToken.Scope.choices, widget=forms.CheckboxSelectMultiple)

    class Meta:
        model = ApiToken
        fields = ["merchant", "name", "expires_at"]


@admin.register(ApiToken)
class ApiTokenAdmin(HouseAdmin):
    """Tokens are made and revoked. The secret is shown once, in the answer to making it, and can never be read again."""

    form = TokenForm
    fields = ["merchant", "name", "scopes", "expires_at"]
    list_display = ["name", "prefix", "merchant", "scope_list", "expires_at", "revoked_at", "last_used_at"]
    list_filter = ["merchant"]
    list_select_related = ["merchant"]
    ordering = ["-id"]
    actions = ["revoke"]

    def has_change_permission(self, request, obj=None):
        return obj is None and request.user.has_perm("orders.change_apitoken")

    @admin.display(description=_("scopes"))
    def scope_list(self, token):
        return ", ".join(token.scopes)

    def save_model(self, request, obj, form, change):
        token, secret = tokens.issue_token(by=request.user, **form.cleaned_data)
        obj.pk, obj._state.adding = token.pk, False
        self.message_user(request, _("The token, shown this once: %(secret)s") % {"secret": secret}, messages.WARNING)

    @admin.action(description=_("Revoke the chosen tokens"))
    def revoke(self, request, chosen):
        for token in chosen:
            try:
                tokens.revoke_token(token, by=request.user)
            except ReasonedError as error:
                self.message_user(request, error.reasons[0].text, messages.ERROR)


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyAdmin):
    list_display = ["started_at", "profile", "merchant", "finished_at"]
    list_filter = ["profile"]
    list_select_related = ["merchant"]
    ordering = ["-id"]
