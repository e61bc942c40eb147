"""The examples of docs/api.md do what stands beside them."""

import json
import re

import pytest
from django.conf import settings

from complaints.models import Complaint
from orders.models import ApiToken, Order
from orders.tokenauth import CALLS_PER_MINUTE
from tests.api.machine import Machine
from tests.factories import make_category

pytestmark = pytest.mark.django_db
TEXT = (settings.BASE_DIR / "docs" / "api.md").read_text(encoding="utf-8")
BODIES = dict(re.findall(r"/api/v1/(\w+/) .*?-d '(.*?)'\n", TEXT, re.S))
ANSWER = re.search(r"```json\n(.*?)```", TEXT, re.S)[1]


def test_the_example_of_orders_answers_what_stands_below_it():
    machine = Machine("orders:write")

    answer = machine.post("orders/", json.loads(BODIES["orders/"]))

    assert answer.json() == json.loads(ANSWER)
    assert Order.objects.get().number == "QH10001"


def test_the_example_of_complaints_files_one_and_binds_the_order():
    machine = Machine("orders:write", "complaints:create")
    machine.post("orders/", json.loads(BODIES["orders/"]))
    category = make_category("logistics.damaged")
    option = {"code": "signed", "zh": "已签收", "en": "Accepted"}
    question = {
        "key": "signed",
        "type": "choice",
        "label_zh": "签收",
        "label_en": "Accepted",
        "hint_zh": "",
        "hint_en": "",
        "required": True,
    }
    category.forms.update(fields=[question | {"options": [option]}])

    answer = machine.post("complaints/", json.loads(BODIES["complaints/"]))

    assert answer.status_code == 201, answer.content
    assert Complaint.objects.get().order.external_id == "10001"


def test_every_scope_is_documented():
    assert set(re.findall(r"^\| `([a-z:]+)` \|", TEXT, re.M)) == set(ApiToken.Scope.values)
    assert f"at most {CALLS_PER_MINUTE} calls a minute" in TEXT
