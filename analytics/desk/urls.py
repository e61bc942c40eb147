"""Addresses of the figures below ``/admin/reports/``, in the admin's namespace."""

from django.urls import path, re_path

from analytics.desk import goal_views, remark_views, views

urlpatterns = [
    path("", views.show_board, name="reports"),
    path("goals/", goal_views.show_goals, name="reports-goals"),
    path("remarks/", remark_views.add_remark, name="reports-remarks"),
    path("remarks/<int:remark_id>/remove/", remark_views.remove_remark, name="reports-remark-remove"),
    path("backlog/", views.show_backlog, name="reports-backlog"),
    path("metric/<slug:metric_id>/", views.show_metric, name="reports-metric"),
    path("metric/<slug:metric_id>/list/", views.show_list, name="reports-list"),
    re_path(r"^metric/(?P<metric_id>[a-z0-9_]+)/list\.(?P<extension>csv|xlsx)$", views.export_list, name="reports-list-file"),
    path("<slug:key>/", views.show_board, name="reports-board"),
    path("<slug:key>/order/", views.order_tiles, name="reports-order"),
    re_path(
        r"^(?P<key>[a-z]+)/chart/(?P<chart_key>[a-z-]+)\.(?P<extension>png|csv|xlsx)$", views.export_chart, name="reports-chart-file"
    ),
]
