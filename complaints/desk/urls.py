"""Addresses of the desk below ``/admin/desk/``, in the admin's namespace. The AdminSite wraps each in ``admin_view``."""

from django.urls import path, re_path

from complaints.desk import act_views, bulk, canned, composer, customer, export, files, new, palette, privacy, queue, search, workspace

NUMBER = "c/<str:number>"

urlpatterns = [
    path("", queue.show_queue, name="desk-queue"),
    path("list/", queue.show_list, name="desk-list"),
    path("arrivals/", queue.show_arrivals, name="desk-arrivals"),
    path("filter/", queue.show_filter, name="desk-filter"),
    path("views/", queue.save_view, name="desk-view-save"),
    path("views/<int:view_id>/delete/", queue.delete_view, name="desk-view-delete"),
    path("next/", queue.take_next, name="desk-next"),
    path("new/", new.file_for_customer, name="desk-new"),
    path("new/draft/", new.keep_new, name="desk-new-draft"),
    path("export/", export.export_list, name="desk-export"),
    path("search/", search.show_search, name="desk-search"),
    path("palette/", palette.show_palette, name="desk-palette"),
    path("keys/", palette.show_keys, name="desk-keys"),
    path("bulk/", bulk.preview, name="desk-bulk"),
    path("bulk/apply/", bulk.apply, name="desk-bulk-apply"),
    path("bulk/undo/", bulk.undo, name="desk-bulk-undo"),
    path(f"{NUMBER}/", workspace.show_complaint, name="desk-complaint"),
    path(f"{NUMBER}/claim/", queue.claim, name="desk-claim"),
    path(f"{NUMBER}/reply/", composer.send_reply, name="desk-reply"),
    path(f"{NUMBER}/note/", composer.write_note, name="desk-note"),
    path(f"{NUMBER}/draft/", composer.keep_draft, name="desk-draft"),
    path(f"{NUMBER}/messages/<int:message_id>/take-back/", composer.take_back, name="desk-take-back"),
    path(f"{NUMBER}/replies/", canned.show_replies, name="desk-replies"),
    path(f"{NUMBER}/act/<slug:name>/", act_views.do_act, name="desk-act"),
    path(f"{NUMBER}/files/", composer.add_file, name="desk-file-add"),
    path(f"{NUMBER}/files/<str:key>/remove/", composer.remove_file, name="desk-file-remove"),
    re_path(r"^c/(?P<number>[^/]+)/files/(?P<key>[\w-]+)/(?P<variant>preview|thumb|original)/$", files.show_file, name="desk-file"),
    path(f"{NUMBER}/pulse/", workspace.pulse, name="desk-pulse"),
    path(f"{NUMBER}/leave/", workspace.leave, name="desk-leave"),
    re_path(r"^c/(?P<number>[^/]+)/(?P<direction>next|previous)/$", workspace.go_to_neighbour, name="desk-neighbour"),
    path(f"{NUMBER}/chain/", workspace.show_chain, name="desk-chain"),
    path(f"{NUMBER}/decisions/", workspace.show_decisions, name="desk-decisions"),
    path(f"{NUMBER}/print/", workspace.show_print, name="desk-print"),
    path(f"{NUMBER}/customer/<slug:key>/", customer.show_section, name="desk-customer"),
    path(f"{NUMBER}/privacy/", privacy.show_privacy, name="desk-privacy"),
    path(f"{NUMBER}/privacy/ask/", privacy.ask, name="desk-privacy-ask"),
    path(f"{NUMBER}/hold/", privacy.hold, name="desk-hold"),
    path(f"{NUMBER}/hold/lift/", privacy.lift, name="desk-hold-lift"),
    path(f"{NUMBER}/bind/", customer.bind, name="desk-bind"),
    path(f"{NUMBER}/reveal/<slug:subject>/<slug:name>/", customer.reveal, name="desk-reveal"),
]
