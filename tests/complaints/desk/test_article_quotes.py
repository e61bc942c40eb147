"""Steps of an article as plain text."""

import pytest

from complaints.desk.article_quotes import LONGEST, quote_steps


@pytest.mark.parametrize(
    ("body", "quoted"),
    [
        ("先说明。\n\n1. 打开**订单**\n2. 点 [退款](https://a.example/r)\n\n再见。", "标题\n1. 打开订单\n2. 点 退款 https://a.example/r"),
        ("## 小标题\n第一段 *重要*。\n\n\n第二段。", "标题\n小标题\n第一段 重要。\n\n第二段。"),
        ("- 一\n- 二", "标题\n· 一\n· 二"),
        ("只有 1. 一步\n1. 做", "标题\n只有 1. 一步\n1. 做"),
        ("a * b * c", "标题\na * b * c"),
        ("", "标题"),
    ],
)
def test_markdown_becomes_lines_that_read_well(body, quoted):
    assert quote_steps("标题", body) == quoted


def test_a_long_article_is_cut_at_a_line():
    quoted = quote_steps("标题", "\n".join(f"{number}. {'步' * 100}" for number in range(1, 30)))

    assert len(quoted) <= LONGEST + 10 and quoted.endswith("步" * 100)
