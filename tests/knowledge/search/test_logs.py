"""What is kept of a search in vain says nothing about who searched."""

import pytest

from knowledge.models import SearchLog
from knowledge.search.logs import note_miss

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("火星快递", "火星快递"),
        ("快递 13800138000 没到", "快递 # 没到"),
        ("快递一三八零零一三八零零零没到", "快递#没到"),
        ("浦东新区世纪大道100号 13800138000，包裹没到", "# #,包裹没到"),
        ("世紀大道100號，包裹沒到", "#,包裹没到"),
        ("微信号 li_xiaoman88 登不上", "微信号 # 登不上"),
        ("a.b@mail.example 登不上", "# 登不上"),
        ("https://shop.example/t/AbCdEf12/ 打不开", "# 打不开"),
        ("订单 65432 没到", "订单 # 没到"),
        ("RTX-4090 装不上", "rtx-4090 装不上"),
    ],
)
def test_personal_data_is_taken_out(typed, kept):
    note_miss(typed, language="zh", place="help", found=0)

    assert list(SearchLog.objects.values_list("query", flat=True)) == [kept]


@pytest.mark.parametrize("typed", ["13800138000", "a.b@mail.example", "世纪大道100号", "？！", "1234"])
def test_what_has_no_words_left_is_not_kept(typed):
    note_miss(typed, language="zh", place="help", found=0)

    assert not SearchLog.objects.exists()
