"""Addresses below ``/admin/refunds/``, in the admin's namespace; reconciliation has its own beneath."""

from django.urls import path, re_path

from workflows.finance import bulk_views, chaos_views, views

urlpatterns = [
    path("", views.show_refunds, name="refunds"),
    path("export/", views.export_refunds, name="refunds-export"),
    path("chaos/", chaos_views.show_chaos, name="refunds-chaos"),
    path("bulk/", bulk_views.sign_several, name="refunds-bulk"),
    path("<str:refund_no>/", views.show_refund, name="refund"),
    re_path(r"^(?P<refund_no>\w+)/file/(?P<key>[\w-]+)/(?P<variant>preview|thumb)/$", views.show_file, name="refund-file"),
    path("<str:refund_no>/print/", views.print_refund, name="refund-print"),
    path("<str:refund_no>/<slug:name>/", views.do_act, name="refund-act"),
]
