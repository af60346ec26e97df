"""敏感日期: days on which an entertaining article, or any article at all, may hurt. They warn and forbid nothing.

The shipped list holds national memorial days laid down by law or decision, and days and weeks the whole country looks
at. 清明 falls on 4 April or a day beside it, so three days are named. The office adds its own and switches others off.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

LONGEST_NAME, LONGEST_ADVICE = 30, 120
MOST_DAYS = 60

QUIET = "不发娱乐、庆祝、抽奖类内容，用语庄重；当天的推送请终审人再看一遍。"
CAREFUL = "重要时段，发布前请再核对表述、人名、职务和图片。"


@dataclass(frozen=True)
class Sensitive:
    """A day, or `days` in a row from it; every year, or in one `year`."""

    name: str
    month: int
    day: int
    days: int = 1
    year: int | None = None
    advice: str = QUIET

    def holds_on(self, day: date) -> bool:
        """Whether a day is one of these."""
        for year in (day.year - 1, day.year):
            first = _first(year, self.month, self.day) if self.year in (None, year) else None
            if first is not None and first <= day < first + timedelta(days=self.days):
                return True
        return False


def _first(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:  # the 29th of February of most years
        return None


SHIPPED: tuple[Sensitive, ...] = (
    Sensitive("全国两会前后", 3, 1, days=15, advice=CAREFUL),
    Sensitive("清明", 4, 4, days=3, advice="缅怀时节，" + QUIET),
    Sensitive("全民国家安全教育日", 4, 15, advice="发布涉及数据、设备、实验室的内容前，请再做一次保密自查。"),
    Sensitive("汶川地震纪念日（全国防灾减灾日）", 5, 12),
    Sensitive("高考", 6, 7, days=3, advice="不发干扰考生、炒作分数和录取的内容；招生信息以招生办发布为准。"),
    Sensitive("建党纪念日", 7, 1, advice=CAREFUL),
    Sensitive("七七事变纪念日", 7, 7),
    Sensitive("唐山大地震纪念日", 7, 28),
    Sensitive("建军节", 8, 1, advice=CAREFUL),
    Sensitive("日本宣布无条件投降日", 8, 15, advice=CAREFUL),
    Sensitive("抗日战争胜利纪念日", 9, 3, advice=CAREFUL),
    Sensitive("九一八事变纪念日", 9, 18),
    Sensitive("烈士纪念日", 9, 30),
    Sensitive("国庆节", 10, 1, days=7, advice="正确使用国旗、国徽、国歌；" + CAREFUL),
    Sensitive("国家宪法日", 12, 4, advice=CAREFUL),
    Sensitive("一二·九运动纪念日", 12, 9, advice=CAREFUL),
    Sensitive("南京大屠杀死难者国家公祭日", 12, 13, advice="全天" + QUIET + "公众号头像和封面不用喜庆颜色。"),
)


def on(known: Iterable[Sensitive], day: date) -> list[Sensitive]:
    """Which of these a day is."""
    return [each for each in known if each.holds_on(day)]


def fault_of(given: Sensitive) -> tuple[str, str] | None:
    """The field that cannot be so, and why, as a sentence; None if all is well."""
    if not 1 <= len(given.name) <= LONGEST_NAME:
        return "name", f"名称须填写，{LONGEST_NAME} 字以内。"
    if _first(given.year or 2024, given.month, given.day) is None:  # 2024 has a 29th of February
        return "day", f"{given.month} 月没有 {given.day} 日，请核对日期。"
    if not 1 <= given.days <= MOST_DAYS:
        return "days", f"持续天数须在 1 到 {MOST_DAYS} 之间。"
    if not 1 <= len(given.advice) <= LONGEST_ADVICE:
        return "advice", f"请写明发布员该注意什么，{LONGEST_ADVICE} 字以内。"
    return None
