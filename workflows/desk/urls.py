"""Addresses below ``/admin/desk/cases/``, in the admin's namespace."""

from django.urls import path

from workflows.desk import track_views, views

urlpatterns = [
    path("", views.show_cases, name="cases"),
    path("of/<str:number>/", views.show_panel, name="case-panel"),
    path("of/<str:number>/new/", views.open_case, name="case-new"),
    path("<str:number>/", views.show_case, name="case"),
    path("<str:number>/tracks/", track_views.show_tracks, name="case-tracks"),
    path("<str:number>/tracks/<slug:machine>/<int:pk>/<slug:name>/", track_views.do_track_act, name="case-track-act"),
    path("<str:number>/<slug:name>/", views.do_act, name="case-act"),
]
