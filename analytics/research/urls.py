"""Addresses below ``/admin/reports/research/``, in the admin's namespace. The AdminSite wraps each in ``admin_view``."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.show_exports, name="research"),
    path("new/", views.ask, name="research-new"),
    path("<int:export_id>/", views.show_one, name="research-export"),
    path("<int:export_id>/<str:file>", views.fetch, name="research-file"),
]
