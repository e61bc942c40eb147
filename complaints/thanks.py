"""Messages that only say thank you: they neither reopen a complaint nor ask for an answer."""

import re
import unicodedata

LONGEST = 60
# What may surround the gratitude in a message that says nothing else.
FILLERS_ZH = re.compile("非常|可以|您|你|们|啦|哈|呀|的|了|很|太|好|都|就")
FILLERS_EN = re.compile(r"\b(you|great|perfect|good|fine|all|very|much|so|many|a|lot|for|your|the|help|it|i|we|it's|its|everything|is)\b")
GRATITUDE_ZH = re.compile("谢谢|多谢|感谢|谢[啦了]|辛苦|好的|收到|知道了|明白|没问题|已解决|解决了|没事了|满意")
GRATITUDE_EN = re.compile(r"\b(thanks?|thx|ty|ok(ay)?|cheers|appreciated?|got it|solved|resolved|received|noted|no problem)\b")
# 没解决, 不满意, not solved: a denial is never mere thanks. 没问题, 没事了 and "no problem" are no denials.
DENIAL_ZH = re.compile("不|没(?!问题|事了)|未|别|无法|但|可是|吗|呢|[?？]")
DENIAL_EN = re.compile(r"\b(not|but|no(?! problem)|never|still|however|why|when)\b|n't")
SIGNS = re.compile(r"[\W_]+")


def is_thanks_only(text: str) -> bool:
    """Whether a text says thanks (or yes, received, solved) and nothing else. When in doubt it is a real message."""
    words = unicodedata.normalize("NFKC", text).strip().lower().replace("’", "'")
    if not words or len(words) > LONGEST or DENIAL_ZH.search(words) or DENIAL_EN.search(words):
        return False
    rest = GRATITUDE_EN.sub(" ", GRATITUDE_ZH.sub(" ", words))
    return rest != words and not SIGNS.sub("", FILLERS_EN.sub(" ", FILLERS_ZH.sub(" ", rest)))
