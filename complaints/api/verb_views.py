"""One address per verb: POST /complaints/{number}/{verb}/ with the expected version."""

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework.views import APIView

from complaints.api import read
from complaints.api.base import Scope, TokenContext
from complaints.api.verbs import VERBS, Verb
from complaints.api.views import KEY, REFUSALS
from foundation.rest import claim_key


class VerbView(TokenContext, APIView):
    """Carries out one verb and answers with the complaint as it is then."""

    scopes = {"post": Scope.COMPLAINTS_WRITE}
    verb: Verb

    def post(self, request, number):
        complaint = self.find(number)
        values = self.take_in(self.verb.takes)
        with transaction.atomic():
            key = claim_key(request)
            if not key.is_repeat:
                self.verb.calls(complaint, by=request.user, request_id=key.id, **values)
        return self.show(complaint)


def verb_views() -> dict[str, type[VerbView]]:
    """A view per verb, so that each has its own input in the description."""
    return {name: _make_view(name, verb) for name, verb in VERBS.items()}


def _make_view(name: str, verb: Verb) -> type[VerbView]:
    responses = {200: read.ComplaintRead, **REFUSALS}
    describe = extend_schema(operation_id=f"complaints_{name}", parameters=[KEY], request=verb.takes, responses=responses)
    title = "".join(part.title() for part in name.split("_"))
    return type(f"{title}View", (VerbView,), {"verb": verb, "post": describe(_copy_of_post()), "__doc__": verb.takes.__doc__})


def _copy_of_post():
    """The description hangs on the function, so each verb needs one of its own."""

    def post(self, request, number):
        return VerbView.post(self, request, number)

    return post
