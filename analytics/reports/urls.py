"""Addresses below ``/admin/reports/saved/``, in the admin's namespace. The AdminSite wraps each in ``admin_view``."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.show_reports, name="reports-saved"),
    path("new/", views.keep, name="reports-save"),
    path("<int:report_id>/", views.change, name="reports-saved-one"),
    path("<int:report_id>/<slug:act>/", views.act_on, name="reports-saved-act"),
]
