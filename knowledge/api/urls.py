"""Addresses of articles below /api/v1/."""

from rest_framework.routers import SimpleRouter

from .views import ArticleViewSet

router = SimpleRouter()
router.register("articles", ArticleViewSet, basename="api-article")

urlpatterns = router.urls
