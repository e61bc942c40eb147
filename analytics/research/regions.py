"""The provinces of China by the beginning of their names, with their ISO 3166-2 codes and the region that each belongs to."""

_BY_REGION = {
    "north": "北京 BJ 天津 TJ 河北 HE 山西 SX 内蒙古 NM",
    "northeast": "辽宁 LN 吉林 JL 黑龙江 HL",
    "east": "上海 SH 江苏 JS 浙江 ZJ 安徽 AH 福建 FJ 江西 JX 山东 SD",
    "central": "河南 HA 湖北 HB 湖南 HN",
    "south": "广东 GD 广西 GX 海南 HI",
    "southwest": "重庆 CQ 四川 SC 贵州 GZ 云南 YN 西藏 XZ",
    "northwest": "陕西 SN 甘肃 GS 青海 QH 宁夏 NX 新疆 XJ",
    "outer": "台湾 TW 香港 HK 澳门 MO",
}


def _pairs(words: list[str]) -> list[tuple[str, str]]:
    return list(zip(words[::2], words[1::2], strict=True))


PROVINCES = {name: (f"CN-{code}", region) for region, text in _BY_REGION.items() for name, code in _pairs(text.split())}
REGIONS = dict(PROVINCES.values())
