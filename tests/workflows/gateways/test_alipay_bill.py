import io
import zipfile
from datetime import date, datetime

import pytest

from foundation.fetch import FetchError
from tests.workflows.gateways.provider import Said
from tests.workflows.gateways.test_alipay import make_gateway, refuse, say
from workflows.gateways.base import BillLine
from workflows.gateways.libraries import BEIJING

DETAILS = """#支付宝业务明细查询
#起始日期：[2026年11月22日 00:00:00]   终止日期：[2026年11月23日 00:00:00]
支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,对方账户,订单金额（元）,商家实收（元）,退款批次号/请求号,服务费（元）,备注
2026112222001\t,B1\t,交易,茶壶,2026-11-22 09:00:00,2026-11-22 09:00:05,*三(158****1562),50.00,50.00,\t,-0.30,
2026112222001\t,B1\t,退款,茶壶,2026-11-22 10:00:00,2026-11-22 10:00:05,*三(158****1562),-12.34,-12.34,RF1\t,0.07,
#-----------------------------------------业务明细列表结束------------------------------------
"""
SUMMARY = "#支付宝业务汇总查询\n门店编号,门店名称,交易订单总笔数,退款订单总笔数\n合计,,1,1\n"


def packed(**tables: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as bundle:
        for name, text in tables.items():
            bundle.writestr(f"{name}.csv", text.encode("gbk"))
    return file.getvalue()


def serve(provider, content: bytes, link: str = "", status: int = 200) -> None:
    announcement = say(code="10000", msg="Success", bill_download_url=link or f"{provider.url}/bill?token=1")
    provider.reply(announcement, Said(status, content, {"Content-Type": "application/zip"}))


def test_a_bill_lists_the_refunds_of_the_day(provider):
    serve(provider, packed(汇总=SUMMARY, 明细=DETAILS))

    lines = list(make_gateway(provider).bill_lines(date(2026, 11, 22)))

    assert lines == [BillLine("RF1", 1234, "CNY", datetime(2026, 11, 22, 10, 0, 5, tzinfo=BEIJING), "退款", "2026112222001")]
    assert provider.asked[0].fields["biz_content"] == '{"bill_type":"trade","bill_date":"2026-11-22"}'
    assert provider.asked[1].path == "/bill?token=1"


@pytest.mark.parametrize("content", [packed(汇总=SUMMARY), b"<html>", packed(明细=DETAILS)[:-40]], ids=["summary", "page", "torn"])
def test_a_bill_without_details_is_an_error(provider, content):
    serve(provider, content)

    with pytest.raises((ValueError, OSError, zipfile.BadZipFile)):
        make_gateway(provider).bill_lines(date(2026, 11, 22))


def test_a_bill_that_cannot_be_fetched_is_an_error(provider):
    serve(provider, packed(明细=DETAILS), status=403)

    with pytest.raises(RuntimeError, match="http_403"):
        make_gateway(provider).bill_lines(date(2026, 11, 22))


@pytest.mark.parametrize("link", ["http://127.0.0.1:1/bill", "http://10.0.0.1/bill", "file:///etc/hostname"])
def test_a_bill_is_fetched_from_no_address_inside(provider, link):
    serve(provider, packed(明细=DETAILS), link=link)

    with pytest.raises(FetchError, match="forbidden"):
        make_gateway(provider).bill_lines(date(2026, 11, 22))


def test_a_refused_bill_is_an_error(provider):
    provider.reply(refuse("isp.bill_not_exist"))

    with pytest.raises(RuntimeError, match="isp.bill_not_exist"):
        make_gateway(provider).bill_lines(date(2026, 11, 22))
