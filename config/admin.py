"""The one AdminSite: one log-in, one session, one system of rights for the desk's own pages and for the configuration."""

from importlib import import_module

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.shortcuts import redirect
from django.urls import URLPattern, include, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.calendars import coverage_warnings
from accounts.urls import public_urls, staff_urls
from accounts.views import profile, signing_in
from config.rail import landing_url
from workflows.policies.shelf import unsigned_types
from workflows.policies.words import say_unsigned

# Pages of the apps inside the site; each module has plain views in ``urlpatterns`` and is wrapped here.
MOUNTS = (
    ("desk/cases/", "workflows.desk.urls"),
    ("desk/", "complaints.desk.urls"),
    ("mailbox/", "complaints.channels.urls"),
    ("privacy/", "complaints.privacy.urls"),
    ("scan/", "workflows.scan.urls"),
    ("refunds/reconcile/", "workflows.reconciling.urls"),
    ("refunds/", "workflows.finance.urls"),
    ("build/flows/", "workflows.flows.desk.urls"),
    ("build/policies/", "workflows.policies.desk.urls"),
    ("reports/spikes/", "analytics.spikes.urls"),
    ("reports/improvements/", "analytics.improvements.urls"),
    ("reports/research/", "analytics.research.urls"),
    ("reports/imported/", "analytics.imports.urls"),
    ("reports/saved/", "analytics.reports.urls"),
    ("reports/files/", "analytics.exports.urls"),
    ("reports/", "analytics.desk.urls"),
)


class BihuanAdminSite(AdminSite):
    """Django's admin with our own way in, our own pages, and a start page per role."""

    site_title = site_header = _("Bihuan")
    index_title = _("Configuration")
    enable_nav_sidebar = True

    login = staticmethod(signing_in.log_in)
    logout = staticmethod(signing_in.log_out)

    def password_change(self, request, extra_context=None):
        return profile.change_password(request)

    def get_urls(self):
        own = [path("configuration/", self.admin_view(self.show_configuration), name="configuration")]
        mounted = [path(prefix, include(self.wrap(import_module(name).urlpatterns))) for prefix, name in MOUNTS]
        return [*public_urls, *self.wrap(staff_urls), *own, *mounted, *super().get_urls()]

    def wrap(self, patterns: list[URLPattern]) -> list[URLPattern]:
        """The same addresses, open to logged-in staff only."""
        return [URLPattern(each.pattern, self.admin_view(each.callback), each.default_args, each.name) for each in patterns]

    def index(self, request, extra_context=None):
        return redirect(landing_url(request.user))

    def show_configuration(self, request):
        """The index, with what somebody must do soon at its head."""
        if request.user.has_perm("accounts.add_publicday"):
            for warning in coverage_warnings(timezone.localdate()):
                link = format_html('<a href="{}">{}</a>', reverse("admin:accounts_publicday_add"), gettext("Bring in the next year"))
                messages.warning(request, format_html("{} {}", warning.words, link))
        if request.user.has_perm("workflows.view_casepolicy") and (count := unsigned_types()):
            link = format_html('<a href="{}">{}</a>', reverse("admin:policies"), gettext("See the rules"))
            messages.warning(request, format_html("{} {}", say_unsigned(count), link))
        return super().index(request)
