"""Addresses below ``/admin/refunds/reconcile/``, in the admin's namespace. The AdminSite wraps each in ``admin_view``."""

from django.urls import path

from workflows.reconciling import anomaly_views, views

DAY = "<slug:gateway>/<str:day>"

urlpatterns = [
    path("", views.show_days, name="reconcile"),
    path("upload/", views.upload, name="reconcile-upload"),
    path("pull/", views.pull, name="reconcile-pull"),
    path("pulls/", views.show_pulls, name="reconcile-pulls"),
    path("anomalies/", anomaly_views.show_anomalies, name="reconcile-anomalies"),
    path("anomalies/<int:anomaly_id>/explain/", anomaly_views.explain, name="reconcile-explain"),
    path("anomalies/<int:anomaly_id>/elsewhere/", anomaly_views.count_as_elsewhere, name="reconcile-elsewhere"),
    path("anomalies/<int:anomaly_id>/confirm/", anomaly_views.confirm, name="reconcile-confirm"),
    path("anomalies/<int:anomaly_id>/return/", anomaly_views.send_back, name="reconcile-return"),
    path("anomalies/<int:anomaly_id>/lift/", anomaly_views.lift, name="reconcile-lift"),
    path("recoveries/", anomaly_views.show_recoveries, name="reconcile-recoveries"),
    path(f"day/{DAY}/", views.show_day, name="reconcile-day"),
    path(f"day/{DAY}/match/", views.match_day, name="reconcile-match"),
    path(f"day/{DAY}/close/", views.close_day, name="reconcile-close"),
    path(f"day/{DAY}/reopen/", views.reopen_day, name="reconcile-reopen"),
    path(f"day/{DAY}/print/", views.print_day, name="reconcile-print"),
    path(f"day/{DAY}/export/<slug:kind>/", views.export_day, name="reconcile-export"),
]
