"""What every view of cases shares: the cases of the token's own shop, and one case as an answer."""

from rest_framework.response import Response

from complaints.api.base import Scope, TokenContext
from workflows.access import case_of_shop
from workflows.api.read import CaseDetailRead
from workflows.models import Case

# What shows a case: whoever opens them and whoever works on their goods.
READERS = (Scope.CASES_CREATE, Scope.WMS)
SHOWN_WITH = ("complaint", "order", "policy", "warehouse", "parent")


class CaseContext(TokenContext):
    """Mixed into the views of cases."""

    def find_case(self, number: str) -> Case:
        """A case of the token's shop; any other is a 404."""
        return case_of_shop(self.request.auth.merchant, number, *SHOWN_WITH)

    def show_case(self, changed: Case, *, status: int = 200) -> Response:
        """A case as it is now, with its pieces and parcels."""
        case = self.find_case(changed.number)
        return Response(CaseDetailRead(case, context=self.get_serializer_context()).data, status=status)
