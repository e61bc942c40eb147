"""A shop's system that calls the API."""

import json
from typing import Any

from django.test import Client

from orders.tokens import issue_token
from tests.factories import make_merchant

FILED = {"category": "logistics.stalled", "description": "包裹三天没动了", "contact": {"name": "李小满", "phone": "138 0000 1234"}}


class Machine:
    """A token of one shop with some scopes, and the calls it makes."""

    def __init__(self, *scopes: str, shop: str = "qinghe", **token: Any) -> None:
        self.client = Client()
        self.shop = make_merchant(shop)
        self.token, self.secret = issue_token(self.shop, name="ERP", scopes=list(scopes), by=None, **token)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"}

    def get(self, path: str, **query: Any):
        return self.client.get(f"/api/v1/{path}", query, headers=self.headers)

    def post(self, path: str, body: Any = None, *, key: str = ""):
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        return self.client.post(f"/api/v1/{path}", json.dumps(body or {}), content_type="application/json", headers=headers)

    def upload(self, file):
        return self.client.post("/api/v1/attachments/", {"file": file}, headers=self.headers)
