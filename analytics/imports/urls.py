"""Addresses below ``/admin/reports/imported/``, in the admin's namespace. The AdminSite wraps each in ``admin_view``."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.show_logs, name="imported-logs"),
    path("<int:log_id>/", views.show_log, name="imported-log"),
    path("<int:log_id>/delete/", views.remove_log, name="imported-log-delete"),
]
