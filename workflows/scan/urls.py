"""Addresses of the warehouse below ``/admin/scan/``, in the admin's namespace. The AdminSite wraps each in ``admin_view``."""

from django.urls import path, re_path

from workflows.scan import inspecting, photos, screen, sending, unclaimed

urlpatterns = [
    path("", screen.show_screen, name="scan"),
    path("take/", screen.take, name="scan-take"),
    path("undo/", screen.undo, name="scan-undo"),
    path("place/", screen.choose_place, name="scan-place"),
    path("choose/<uuid:client_id>/", screen.choose_parcel, name="scan-choose"),
    path("worker.js", screen.show_worker, name="scan-worker"),
    path("tasks/", inspecting.show_tasks, name="scan-tasks"),
    path("inspect/<int:task_id>/", inspecting.show_inspection, name="scan-inspect"),
    path("inspect/<int:task_id>/line/<int:line_id>/", inspecting.record, name="scan-inspect-line"),
    path("inspect/<int:task_id>/good/", inspecting.record_good, name="scan-inspect-good"),
    path("inspect/<int:task_id>/end/", inspecting.end, name="scan-inspect-end"),
    path("inspect/<int:task_id>/take-over/", inspecting.take_over, name="scan-inspect-take-over"),
    path("inspect/<int:task_id>/line/<int:line_id>/again/", inspecting.look_again, name="scan-inspect-again"),
    path("inspect/<int:task_id>/print/", inspecting.show_sheet, name="scan-inspect-print"),
    re_path(r"^case/(?P<number>[^/]+)/photos/(?P<key>[\w-]+)/(?P<variant>preview|thumb)/$", photos.show_photo, name="scan-photo"),
    path("send/", sending.show_sendings, name="scan-send"),
    path("send/<int:outbound_id>/<slug:verb>/", sending.act, name="scan-send-act"),
    path("unclaimed/", unclaimed.show_unclaimed, name="scan-unclaimed"),
    path("unclaimed/<int:parcel_id>/", unclaimed.show_parcel, name="scan-unclaimed-parcel"),
    path("unclaimed/<int:parcel_id>/photos/", unclaimed.add_photos, name="scan-unclaimed-photos"),
    path("unclaimed/<int:parcel_id>/attach/", unclaimed.attach, name="scan-unclaimed-attach"),
    re_path(
        r"^unclaimed/(?P<parcel_id>\d+)/photos/(?P<key>[\w-]+)/(?P<variant>preview|thumb)/$",
        photos.show_unclaimed,
        name="scan-unclaimed-photo",
    ),
]
