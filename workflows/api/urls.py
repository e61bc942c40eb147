"""Addresses of cases below /api/v1/."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from workflows.api.verb_views import OtherVerbView, verb_views
from workflows.api.views import CaseViewSet

router = SimpleRouter()
router.register("cases", CaseViewSet, basename="api-case")

urlpatterns = [
    *(path(f"cases/<str:number>/{name}/", view.as_view(), name=f"api-case-{name}") for name, view in verb_views().items()),
    *router.urls,
    path("cases/<str:number>/<slug:verb>/", OtherVerbView.as_view(), name="api-case-other"),
]
