"""Addresses of complaints and attachments below /api/v1/."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from complaints.api.file_views import AttachmentContentView, AttachmentsView, AttachmentView
from complaints.api.link_views import FilingLinksView
from complaints.api.verb_views import verb_views
from complaints.api.views import ComplaintViewSet

router = SimpleRouter()
router.register("complaints", ComplaintViewSet, basename="api-complaint")

urlpatterns = [
    *(path(f"complaints/<str:number>/{name}/", view.as_view(), name=f"api-complaint-{name}") for name, view in verb_views().items()),
    *router.urls,
    path("filing-links/", FilingLinksView.as_view(), name="api-filing-links"),
    path("attachments/", AttachmentsView.as_view(), name="api-attachments"),
    path("attachments/<str:key>/", AttachmentView.as_view(), name="api-attachment"),
    path("attachments/<str:key>/content/", AttachmentContentView.as_view(), name="api-attachment-content"),
]
