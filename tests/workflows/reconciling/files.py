"""Statements as providers let people download them."""

from datetime import date

DAY = date(2026, 3, 3)
WECHAT_HEADING = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,"
    "退款申请时间,退款成功时间,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,"
    "申请退款金额,费率备注"
)
WECHAT_TOTAL = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"


def wechat_row(key: str, amount: str, *, status: str = "SUCCESS", at: str = "2026-03-03 10:00:05", payment: str = "4200001") -> str:
    cells = [at, "wx1", "1900", "0", "", payment, "B1", "oUser", "JSAPI", "REFUND", "OTHERS", "CNY", "0.00", "0.00", at, at, "5030", key]
    cells += [amount, "0.00", "ORIGINAL", status, "茶壶", "", "0.00", "0.60%", "0.00", amount, ""]
    return ",".join(f"`{cell}" for cell in cells)


def wechat_file(*rows: str, total: str | None = None, count: int | None = None) -> str:
    """A whole file; ``total`` and ``count`` are what its last line says, else what is in it."""
    said = total or f"{sum(int(row.split(',')[27].strip('`').replace('.', '')) for row in rows) / 100:.2f}"
    number = len(rows) if count is None else count
    return "\n".join([WECHAT_HEADING, *rows, WECHAT_TOTAL, f"`{number},`0.00,`{said},`0.00,`0.00,`0.00,`{said}", ""])


def alipay_file(*rows: tuple[str, str, str], count: int | None = None, total: str = "", end: bool = True) -> str:
    """Rows are (key, amount, kind)."""
    lines = [
        "#支付宝业务明细查询",
        "#账号：[2088001]",
        "#起始日期：[2026年03月03日 00:00:00]   终止日期：[2026年03月04日 00:00:00]",
        "#-----------------------------------------业务明细列表----------------------------------------",
        "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,对方账户,订单金额（元）,商家实收（元）,退款批次号/请求号,服务费（元）,备注",
        *(
            f"2026030322001\t,B1\t,{kind},茶壶,2026-03-03 09:00:00,2026-03-03 10:00:05,*三(158****1562),{amount},{amount},{key}\t,0.07,"
            for key, amount, kind in rows
        ),
    ]
    refunds = [row for row in rows if row[2] == "退款"]
    if end:
        lines.append("#-----------------------------------------业务明细列表结束------------------------------------")
        said = f"，商家实收退款共{total}元" if total else ""
        lines.append(f"#退款合计：{len(refunds) if count is None else count}笔{said}，商家优惠退款共0.00元")
    return "\n".join([*lines, ""])


def demo_file(*rows: tuple[str, str, str], count: int | None = None, total: str = "", payment: str = "T1", day: str = "2026-03-03") -> str:
    """Rows are (key, amount, kind)."""
    lines = ["out_refund_no,transaction_id,amount,currency,at,kind"]
    lines += [f'"{key}",{payment},{amount},CNY,{day}T10:00:05+08:00,{kind}' for key, amount, kind in rows]
    signed = sum((-1 if kind == "bounced" else 1) * int(amount.replace(".", "")) for _key, amount, kind in rows)
    said = total or f"{'-' if signed < 0 else ''}{abs(signed) // 100}.{abs(signed) % 100:02}"
    return "\n".join([*lines, f"total,{len(rows) if count is None else count},{said}", ""])


def stripe_file(*rows: tuple[str, str, str]) -> str:
    lines = ["id,Created (UTC),Amount,Currency,Status,PaymentIntent ID,out_refund_no (metadata)"]
    lines += [f"re_{number},2026-03-03 02:00:05,{amount},usd,{kind},pi_1,{key}" for number, (key, amount, kind) in enumerate(rows)]
    return "\n".join([*lines, ""])
