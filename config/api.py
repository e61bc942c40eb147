"""The interface for machines: /api/v1/, its description and its page."""

from django.http import JsonResponse
from django.shortcuts import render
from django.urls import include, path, re_path
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.views import SpectacularAPIView

from config.middleware import content_policy
from foundation.rest import PROBLEM


class TokenScheme(OpenApiAuthenticationExtension):
    """How the description names the token."""

    target_class = "orders.tokenauth.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema):
        return {"type": "http", "scheme": "bearer", "bearerFormat": "bh_…"}


def show_docs(request):
    """Swagger UI from our own files; it draws its icons as data addresses, so this page alone allows them for images."""
    response = render(request, "api/docs.html")
    response.headers["Content-Security-Policy"] = content_policy(img_src="data:")
    return response


def answer_unknown(request, **_rest):
    problem = {"status": 404, "code": "not_found", "title": _("There is nothing at this address.")}
    return JsonResponse(problem, status=404, content_type=PROBLEM)


urlpatterns = [
    path("docs/", show_docs, name="api-docs"),
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("v1/", include("complaints.api.urls")),
    path("v1/", include("orders.api.urls")),
    path("v1/", include("knowledge.api.urls")),
    path("v1/", include("workflows.api.urls")),
    re_path(r"", answer_unknown),
]
