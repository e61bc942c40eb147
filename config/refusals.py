"""What is said when a request cannot even be read."""

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template

TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)


def show_bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """413 for more than a form can hold, 400 for what no browser sends; the page says what to do."""
    status = 413 if isinstance(exception, TOO_MUCH) else 400
    return HttpResponse(get_template(f"{status}.html").render({}, request), status=status)
