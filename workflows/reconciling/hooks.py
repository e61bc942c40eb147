"""Where payment providers send their notices. The signature over the bytes is the only thing that is believed; no cookie is read."""

from django.core.exceptions import ImproperlyConfigured
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from foundation.limits import flood
from workflows.gateways import gateway_for
from workflows.services.notifications import receive_notice

MOST_BYTES = 64 * 1024
MOST_A_MINUTE = 1200


@csrf_exempt
@require_POST
def receive_payment_notice(request: HttpRequest, gateway: str) -> HttpResponse:
    """200 for a true notice, known or new; 401 for any other. What it says is asked of the provider, never believed."""
    if not flood(f"hook:{request.META.get('REMOTE_ADDR')}", MOST_A_MINUTE, 60):
        return HttpResponse(status=429)
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        return HttpResponse(status=413)
    try:
        adapter = gateway_for(gateway)
    except ImproperlyConfigured:
        raise Http404 from None
    is_true = receive_notice(adapter, request.headers, request.body)
    # One word that all of them take for "heard": Alipay asks for just this, the others for the status.
    return HttpResponse("success" if is_true else "", status=200 if is_true else 401, content_type="text/plain")
