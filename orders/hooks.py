"""Where carriers tell their news: ``/hooks/carrier/<code>/``. A push is proven, stored and acknowledged here, and read elsewhere."""

from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from foundation.limits import flood
from orders.carriers import adapter_for
from orders.carriers.base import CarrierAdapter, InvalidSignatureError
from orders.services.pushes import record_rejection, store_push

LARGEST_PUSH = 1024 * 1024
RECORDED_REJECTIONS, PER_SECONDS = 100, 3600


@csrf_exempt  # no cookie is read: the signature over the raw bytes says who it is
@require_POST
def take_push(request: HttpRequest, code: str) -> JsonResponse:
    adapter = _adapter_or_404(code)
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_PUSH or len(request.body) > LARGEST_PUSH:
        return JsonResponse({"code": "too_long"}, status=413)
    try:
        store_push(adapter, request.headers, request.body)
    except InvalidSignatureError as error:
        # Every stranger can send rubbish; a hundred records an hour are enough to see it.
        if flood(f"rejected push {code}", RECORDED_REJECTIONS, PER_SECONDS):
            record_rejection(adapter, request.body, why=str(error))
        return JsonResponse({"code": "not_proven"}, status=401)
    return JsonResponse(dict(adapter.receipt))


def _adapter_or_404(code: str) -> CarrierAdapter:
    try:
        return adapter_for(code)
    except LookupError as error:
        raise Http404 from error
