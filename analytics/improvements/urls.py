"""Addresses below ``/admin/reports/improvements/``, in the admin's namespace. The AdminSite wraps each in ``admin_view``."""

from django.urls import path

from analytics.improvements import panel, views

urlpatterns = [
    path("", views.show_list, name="improvements"),
    path("new/", views.propose, name="improvement-new"),
    path("of/<str:number>/", panel.show_panel, name="improvement-panel"),
    path("of/<str:number>/link/", panel.link, name="improvement-link"),
    path("<int:improvement_id>/", views.show_one, name="improvement"),
    path("<int:improvement_id>/<slug:verb>/", views.act, name="improvement-act"),
]
