"""In: a condition or a period in words. Out: what it means; None where it is none."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bi_chat.reports.report import Condition
from bi_chat.values.period import PeriodExpr

EXAMPLES = (
    "revenue fell more than 5 % week on week · orders rose by 10 % · stock is below 200 · something unusual happened · "
    "销售额周环比下降超过5% · 出现异常"
)
_IF = r"^(?:only\s+)?(?:if|when)?\s*"
_WAYS = {
    **dict.fromkeys(
        "fell falls dropped drops declined declines decreased decreases 下降 下跌 减少 降低".split(), "down"
    ),
    **dict.fromkeys("rose rises grew grows increased increases gained gains 上升 上涨 增长 增加".split(), "up"),
    **dict.fromkeys("changed changes moved moves 变化 波动 变动".split(), "either"),
}
_GRAINS = {
    **dict.fromkeys(("day on day", "day over day", "dod", "日环比", "较前一日"), "day"),
    **dict.fromkeys(("week on week", "week over week", "wow", "周环比", "较上周"), "week"),
    **dict.fromkeys(("month on month", "month over month", "mom", "月环比", "较上月"), "month"),
    **dict.fromkeys(("quarter on quarter", "quarter over quarter", "qoq", "季环比", "较上季度"), "quarter"),
    **dict.fromkeys(("year on year", "year over year", "yoy", "同比", "较去年同期"), "year"),
    "环比": "",
}
_OPS = {
    **dict.fromkeys(("below", "under", "less than", "低于", "小于", "不足"), "<"),
    **dict.fromkeys(("above", "over", "more than", "greater than", "高于", "大于", "超过"), ">"),
    **dict.fromkeys(("at least", "至少", "不低于"), ">="),
    **dict.fromkeys(("at most", "至多", "不超过"), "<="),
}


def _any(words: Iterable[str]) -> str:
    """One of the words, the longest first."""
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True)).replace(r"\ ", r"[\s-]+")


_NUMBER = r"(?P<number>-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)\s*"  # 1,5 is no number: it may be 1.5 or 15
_WAY, _WAY_ZH = _any(w for w in _WAYS if w.isascii()), _any(w for w in _WAYS if not w.isascii())
_GRAIN, _GRAIN_ZH = _any(w for w in _GRAINS if w.isascii()), _any(w for w in _GRAINS if not w.isascii())
_OP, _OP_ZH = _any(w for w in _OPS if w.isascii()), _any(w for w in _OPS if not w.isascii())
_IF_ZH, _END_ZH = r"^(?:仅?[在当]|如果|若)?", r"(?:以上)?(?:时|的话)?$"
_MOVED = (
    rf"{_IF}(?P<of>.*?)\s+(?P<way>{_WAY})(?:\s+by)?(?:\s+(?:more\s+than|over|at\s+least))?\s+{_NUMBER}"
    rf"(?:%|percent|per\s+cent)(?:\s*,?\s*(?P<grain>{_GRAIN}))?$",
    rf"{_IF_ZH}(?P<of>.*?)(?P<grain>{_GRAIN_ZH})?(?P<way>{_WAY_ZH})了?(?:超过|大于|多于|至少|达)?\s*{_NUMBER}[%％]{_END_ZH}",
)
_LEVEL = (
    rf"{_IF}(?P<of>.*?)\s+(?:is|was|are|were)\s+(?P<op>{_OP})\s+[$€¥£]?{_NUMBER}(?P<percent>%)?$",
    rf"{_IF_ZH}(?P<of>.*?)(?P<op>{_OP_ZH})\s*[$€¥£]?{_NUMBER}(?P<percent>[%％])?{_END_ZH}",
)
_UNUSUAL = (
    rf"{_IF}something\s+unusual\s+happen(?:ed|s)(?:\s+(?:in|to|with)\s+(?P<of>.*))?$",
    rf"{_IF}(?P<of>.*?)\s+(?:is|was|looks)\s+unusual$",
    rf"{_IF_ZH}(?P<of>.*?)(?:出现|有|发生)了?异常(?:情况)?{_END_ZH}",
)


def condition_in(text: str, at: int) -> Condition | None:
    """A condition with the name of the answer that it is about ('' for the first)."""
    said = " ".join(text.split()).rstrip(".。")
    if (found := _first(_MOVED, said)) is not None:
        share = float(found["number"].replace(",", "")) / 100
        grain = _GRAINS[_known(found["grain"])] if found["grain"] else ""
        return Condition(at, said, "moved", found["of"].strip(), _WAYS[found["way"].lower()], share, grain=grain)
    if (found := _first(_UNUSUAL, said)) is not None:
        return Condition(at, said, "unusual", (found["of"] or "").strip())
    if (found := _first(_LEVEL, said)) is not None:
        level = float(found["number"].replace(",", "")) / (100 if found["percent"] else 1)
        return Condition(at, said, "level", found["of"].strip(), op=_OPS[_known(found["op"])], level=level)
    return None


def _known(said: str) -> str:
    return " ".join(said.lower().replace("-", " ").split())


def _first(patterns: tuple[str, ...], said: str) -> re.Match[str] | None:
    return next((m for p in patterns if (m := re.match(p, said, re.IGNORECASE)) is not None), None)


def period_in(text: str) -> PeriodExpr | None:
    """The period that a text is, in any language; None where it says more or less than one."""
    from bi_chat.language.meanings import PeriodSaid
    from bi_chat.language.registry import detect, get

    language = get(detect(text))
    tokens = language.tokenize(text)
    for match in language.matches(tokens):
        if isinstance(match.meaning, PeriodSaid) and (match.start, match.end) == (0, len(tokens)):
            return match.meaning.expr
    return None
