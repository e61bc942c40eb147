"""What every view of the API shares: whose rows, whether in full, and the trace that full reading leaves."""

from rest_framework.response import Response

from accounts.models import AccessLog
from accounts.services import record_accesses
from complaints.access import find_or_404
from complaints.api.access import complaints_of
from complaints.api.read import ComplaintRead
from complaints.models import Complaint
from orders.models import ApiToken

Scope = ApiToken.Scope


class TokenContext:
    """Mixed into the views: the token's shop, its complaints, and input and output by serializers."""

    @property
    def sees_personal(self) -> bool:
        token = getattr(self.request, "auth", None) if self.request else None
        return token is not None and Scope.PII in token.scopes

    def get_serializer_context(self) -> dict:
        return {"request": self.request, "view": self, "format": None, "sees_personal": self.sees_personal}

    def find(self, number: str, *related: str) -> Complaint:
        """A complaint of the token's shop; any other is a 404."""
        return find_or_404(complaints_of(self.request.auth), number, *related)

    def take_in(self, serializer_class) -> dict:
        """What was sent, checked; unknown fields and wrong values answer 400."""
        serializer = serializer_class(data=self.request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def show(self, changed: Complaint, *, status: int = 200) -> Response:
        """A complaint as it is now."""
        complaint = complaints_of(self.request.auth).get(pk=changed.pk)
        self.note_reading([complaint])
        return Response(ComplaintRead(complaint, context=self.get_serializer_context()).data, status=status)

    def note_reading(self, complaints) -> None:
        """Whoever reads personal data in full leaves a row per complaint, a machine like a person."""
        if self.sees_personal:
            network = self.request.META.get("REMOTE_ADDR")
            record_accesses(AccessLog.Act.REVEAL, complaints, by=self.request.user, field="contact", reason="API", network=network)
