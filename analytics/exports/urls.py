"""Addresses below ``/admin/reports/files/``, in the admin's namespace. The AdminSite wraps each in ``admin_view``."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.show_exports, name="reports-exports"),
    path("<uuid:export_key>/", views.show_export, name="reports-export"),
    path("<uuid:export_key>/file/", views.fetch, name="reports-export-file"),
]
