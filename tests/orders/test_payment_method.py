"""How a payment was made, in the reader's words."""

import pytest
from django.utils import translation

from orders.models import Payment


@pytest.mark.parametrize(
    ("method", "language", "label"),
    [
        ("alipay", "zh-hans", "支付宝"),
        ("WeChat", "en", "WeChat Pay"),
        ("credit_card", "zh-hans", "信用卡"),
        ("花呗", "en", "花呗"),
        ("", "en", ""),
    ],
)
def test_usual_methods_have_words_and_others_stay_as_the_shop_says(method, language, label):
    with translation.override(language):
        assert Payment(method=method).method_label == label
