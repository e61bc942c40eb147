"""All addresses of the site. Public pages are Chinese at / and English at /en/; staff pages and interfaces have one address."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from knowledge.help import sitemap

handler400 = "config.refusals.show_bad_request"
urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", include("config.api")),
    path("hooks/", include("orders.urls")),
    path("hooks/", include("workflows.hook_urls")),
    path("sitemap.xml", sitemap.show_sitemap, name="sitemap"),
    path("sitemap-<int:part>.xml", sitemap.show_sitemap_part, name="sitemap-part"),
    path("robots.txt", sitemap.show_robots, name="robots"),
    *i18n_patterns(
        # What stands below a complaint's address is asked for before the complaint's own verbs are.
        path("", include("workflows.portal.urls")),
        path("", include("complaints.urls")),
        path("", include("ui.urls")),
        path("help/", include("knowledge.help.urls")),
        prefix_default_language=False,
    ),
]
