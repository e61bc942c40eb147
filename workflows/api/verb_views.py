"""One address per verb: POST /cases/{number}/{verb}/ with the expected version. Every other verb is refused with its reasons."""

from django.db import transaction
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.views import APIView

from complaints.api.views import KEY, REFUSALS
from foundation.rest import claim_key
from foundation.verbs import require
from workflows.access import roles_of
from workflows.api import read
from workflows.api.base import READERS, CaseContext, Scope
from workflows.api.verbs import VERBS, Verb
from workflows.cases.asking import Asking
from workflows.cases.refusals import reasons_against
from workflows.machines.spine import SPINE


class VerbView(CaseContext, APIView):
    """Carries out one verb and answers with the case as it is then."""

    scopes = {"post": Scope.WMS}
    verb: Verb

    def post(self, request, number):
        case = self.find_case(number)
        values = self.take_in(self.verb.takes)
        with transaction.atomic():
            key = claim_key(request)
            if not key.is_repeat:
                self.verb.calls(case, by=request.user, request_id=key.id, **values)
        return self.show_case(case)


class OtherVerbView(CaseContext, APIView):
    """Verbs of people and of the system: known, and refused to every machine."""

    scopes = {"post": READERS}

    @extend_schema(exclude=True)
    def post(self, request, number, verb):
        case = self.find_case(number)
        found = next((each for each in SPINE.verbs if each.name == verb), None)
        if found is None:
            raise Http404
        by = request.user
        require(reasons_against(Asking(case, found, case, by, roles_of(by, case), is_rehearsal=True)))
        raise Http404


def verb_views() -> dict[str, type[VerbView]]:
    """A view per verb, so that each has its own input in the description."""
    return {name: _make_view(name, verb) for name, verb in VERBS.items()}


def _make_view(name: str, verb: Verb) -> type[VerbView]:
    responses = {200: read.CaseDetailRead, **REFUSALS}
    describe = extend_schema(operation_id=f"cases_{name}", parameters=[KEY], request=verb.takes, responses=responses)
    title = "".join(part.title() for part in name.split("_"))
    return type(f"Case{title}View", (VerbView,), {"verb": verb, "post": describe(_copy_of_post()), "__doc__": verb.takes.__doc__})


def _copy_of_post():
    """The description hangs on the function, so each verb needs one of its own."""

    def post(self, request, number):
        return VerbView.post(self, request, number)

    return post
