"""Addresses of the figures below ``/admin/reports/``, in the admin's namespace."""

from django.urls import path

from analytics.desk import goal_views, remark_views, views

urlpatterns = [
    path("", views.show_board, name="reports"),
    path("goals/", goal_views.show_goals, name="reports-goals"),
    path("remarks/", remark_views.add_remark, name="reports-remarks"),
    path("remarks/<int:remark_id>/remove/", remark_views.remove_remark, name="reports-remark-remove"),
    path("filters/", views.show_filters, name="reports-filters"),
    path("backlog/", views.show_backlog, name="reports-backlog"),
    path("metric/<slug:metric_id>/", views.show_metric, name="reports-metric"),
    path("metric/<slug:metric_id>/list/", views.show_list, name="reports-list"),
    path("metric/<slug:metric_id>/list.<slug:extension>", views.export_list, name="reports-list-file"),
    path("<slug:board_key>/", views.show_board, name="reports-board"),
    path("<slug:board_key>/order/", views.order_tiles, name="reports-order"),
    path("<slug:board_key>/chart/<slug:chart_key>.<slug:extension>", views.export_chart, name="reports-chart-file"),
]
