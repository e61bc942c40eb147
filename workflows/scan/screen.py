"""The scanning screen, and what its device sends."""

from uuid import UUID, uuid4

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from complaints.desk.doors import SeeOther
from workflows.models import WarehouseScan
from workflows.scan.batches import Scan as Reading
from workflows.scan.batches import clean_code, read_batch, reply_again, take_batch, take_one
from workflows.scan.doors import scan_view
from workflows.scan.modes import MODES, mode_in
from workflows.scan.places import Place, choose, place_of
from workflows.scan.replies import Outcome, Reply, look_of
from workflows.scan.work import RECENT, own_scans, scan_for, tally
from workflows.services.scan_doubts import doubt_scan
from workflows.services.scanning import replay, take_scan

CAMERA_HERE = "camera=(self), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"


@scan_view()
def show_screen(request):
    """With ``?scan=`` the answer to that one, as a form without scripts leads to."""
    place = place_of(request)
    if place.here is None:
        return render(request, "workflows/scan/nowhere.html")
    last = _asked_for(request)
    scans = list(own_scans(request.user, place.here)[:RECENT])
    context = {
        "place": place,
        "mode": mode_in(request.GET.get("mode") or (last.mode if last else "")),
        "modes": MODES,
        "reply": reply_again(last) if last else None,
        "recent": [(scan, *look_of(scan)) for scan in scans],
        "last": last or (scans[0] if scans else None),
        "count": own_scans(request.user, place.here).count(),
        "tally": tally(place.here),
        "client_id": uuid4(),
    }
    return with_camera(render(request, "workflows/scan/screen.html", context))


def _asked_for(request: HttpRequest) -> WarehouseScan | None:
    asked = request.GET.get("scan")
    return scan_for(request.user, uuid_in(asked)) if asked else None


def with_camera(response: HttpResponse) -> HttpResponse:
    """This one page may use the camera and the compiled reader of codes."""
    response.policy_extras = {"script_src": "'wasm-unsafe-eval'"}
    response.headers["Permissions-Policy"] = CAMERA_HERE
    return response


@scan_view("POST")
def take(request):
    """A batch of a device (JSON), or one code of a form."""
    place = place_of(request)
    if request.content_type == "application/json":
        replies = list(take_batch(read_batch(request.body, place), by=request.user))
        status = 200 if replies else 503
        return JsonResponse([reply.as_json() for reply in replies], safe=False, status=status)
    return _take_form(request, place)


def _take_form(request: HttpRequest, place: Place) -> HttpResponse:
    client_id, mode = uuid_in(request.POST.get("client_id")), mode_in(request.POST.get("mode"))
    scan = Reading(client_id, clean_code(request.POST.get("code")), timezone.now(), mode, place.find(request.POST.get("warehouse")))
    reply = take_one(scan, by=request.user)
    if reply.outcome == "refused":
        return _refuse(request, reply)
    return SeeOther(f"{reverse('admin:scan')}?mode={mode}&scan={client_id}")


def _refuse(request: HttpRequest, reply: Reply) -> HttpResponse:
    return render(request, "workflows/scan/refusal.html", {"words": reply.words}, status=422)


@scan_view("POST")
def undo(request):
    """Nothing that was taken in is undone here; a lead hears of it."""
    scan = scan_for(request.user, uuid_in(request.POST.get("client_id")))
    if scan is None:
        raise Http404
    asked = doubt_scan(scan, by=request.user)
    title = _("A lead looks at it") if asked else _("Noted")
    words = _undone_words(scan)
    if request.accepts("text/html"):
        return render(request, "workflows/scan/undone.html", {"scan": scan, "title": title, "words": words})
    return JsonResponse({"tone": "warn", "icon": "flag", "title": title, "words": words, "code": scan.code})


def _undone_words(scan: WarehouseScan) -> str:
    if scan.parcel_id:
        return _("What was scanned stays in the books, and the customer may have been told. The lead decides what to do.")
    if scan.unclaimed_id:
        return _("It stays on the list of parcels without a case, with your note.")
    return _("The scan changed nothing, so there is nothing to take back.")


@scan_view("POST")
def choose_place(request):
    choose(request, request.POST.get("warehouse"))
    return SeeOther(f"{reverse('admin:scan')}?mode={mode_in(request.POST.get('mode'))}")


@scan_view("GET", "HEAD", "POST")
def choose_parcel(request, client_id):
    """A code that fits several parcels: somebody says which one is in their hands."""
    scan = scan_for(request.user, client_id)
    if scan is None or scan.outcome != Outcome.CHOOSE:
        raise Http404
    found = replay(scan)
    if request.method == "POST":
        return _take_chosen(request, scan, found.choices)
    choices = [(parcel, parcel.cases.order_by("pk")) for parcel in found.choices]
    return render(request, "workflows/scan/choose.html", {"scan": scan, "choices": choices, "client_id": uuid4()})


def _take_chosen(request: HttpRequest, scan: WarehouseScan, choices) -> HttpResponse:
    chosen = next((parcel for parcel in choices if str(parcel.pk) == request.POST.get("parcel")), None)
    if chosen is None:
        raise BadRequest
    again = uuid_in(request.POST.get("client_id"))
    told = {"warehouse": scan.warehouse, "client_id": again, "scanned_at": scan.scanned_at, "mode": scan.mode}
    take_scan(scan.code, by=request.user, parcel=chosen, **told)
    return SeeOther(f"{reverse('admin:scan')}?mode={scan.mode}&scan={again}")


@scan_view()
def show_worker(request):
    """The service worker, from an address below which it may work: this page and nothing above it."""
    name = "js/scan-worker.js"
    path = finders.find(name)
    with open(path, "rb") if path else staticfiles_storage.open(name) as script:
        response = HttpResponse(script.read(), content_type="text/javascript; charset=utf-8")
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def uuid_in(text) -> UUID:
    try:
        return UUID(str(text))
    except ValueError as error:
        raise BadRequest from error
