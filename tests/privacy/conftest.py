"""The shop and the visitor of the portal's tests."""

from tests.complaints.portal.conftest import address, shop, stranger, visitor

__all__ = ["address", "shop", "stranger", "visitor"]
