"""Addresses below ``/admin/reports/spikes/``, in the admin's namespace. The AdminSite wraps each in ``admin_view``."""

from django.urls import path

from analytics.spikes import views

urlpatterns = [
    path("", views.show_list, name="spikes"),
    path("<int:spike_id>/", views.show_one, name="spike"),
    path("<int:spike_id>/acknowledge/", views.acknowledge, name="spike-acknowledge"),
    path("<int:spike_id>/explain/", views.explain, name="spike-explain"),
    path("<int:spike_id>/close/", views.close, name="spike-close"),
]
