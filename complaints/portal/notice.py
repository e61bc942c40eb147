"""The notice of personal data as a page, the present version or an earlier one."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from complaints.portal.answers import show
from complaints.privacy_notice import current_notice, find_notice


@require_safe
def show_notice(request: HttpRequest, version: str = "") -> HttpResponse:
    notice = find_notice(version) if version else current_notice()
    if notice is None:
        raise Http404
    return show(request, "notice.html", {"notice": notice})
