"""What people read in the help centre of the demo shop, how often it was enough, and who complained all the same."""

from collections.abc import Iterator
from datetime import timedelta

from foundation.crypto import blind_index
from knowledge.help.sessions import settle_readings
from knowledge.models import Article, ReadingSession

from .corpus import ENGLISH_SHARE, chance
from .plan import Plan

FOR_EACH_COMPLAINT, MOST = 4, 20_000
HELPED_SHARE = 0.4
# Of those who were helped, and of those who were not.
CAME_BACK_SHARE = (0.06, 0.22)
FEW_MINUTES, SOME_HOURS = timedelta(minutes=15), timedelta(hours=10)


def add_readings(plan: Plan) -> None:
    """Write the sessions and settle those that are over."""
    articles = list(Article.objects.filter(live__isnull=False, outdated_at=None, audience=Article.Audience.PUBLIC).order_by("pk"))
    if articles:
        ReadingSession.objects.bulk_create(_sessions(plan, articles), batch_size=1000)
    while settle_readings():
        continue


def _sessions(plan: Plan, articles: list[Article]) -> Iterator[ReadingSession]:
    for number in range(min(MOST, FOR_EACH_COMPLAINT * plan.complaints)):
        luck = chance(plan.seed, "reading", number)
        article = articles[int(len(articles) * luck.random() ** 2)]  # a few are read by most
        began_at = plan.now - timedelta(days=plan.days) * luck.random()
        last_at = min(plan.now, began_at + FEW_MINUTES * luck.random())
        is_helped = luck.random() < HELPED_SHARE
        complained_at = last_at + SOME_HOURS * luck.random()
        is_back = luck.random() < CAME_BACK_SHARE[not is_helped] and complained_at < plan.now
        yield ReadingSession(
            digest=blind_index(f"{plan.seed}:{number}", purpose="reading-session"),
            began_at=began_at,
            last_at=last_at,
            helped_at=last_at if is_helped else None,
            complained_at=complained_at if is_back else None,
            language="en" if luck.random() < ENGLISH_SHARE else "zh-hans",
            article_code=article.code,
            category_code=article.category_code,
        )
