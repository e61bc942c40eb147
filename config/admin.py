"""The one AdminSite: the desk's own pages and the stock admin for configuration."""

from django.contrib.admin import AdminSite
from django.utils.translation import gettext_lazy as _


class BihuanAdminSite(AdminSite):
    site_title = _("Bihuan")
    site_header = _("Bihuan")
    index_title = _("Configuration")
