"""In: a key and a language. Out: the few words that a report itself says, beside what answers tell."""

from __future__ import annotations

_WORDS = {
    "en": {
        "summary": "Summary",
        "moved": "What moved",
        "changed": "What changed",
        "why": "Why",
        "expected": "What to expect",
        "advice": "What to do",
        "appendix": "How each figure was made",
        "contents": "Contents",
        "period": "Period: {words}",
        "made": "Questions count from {when}",
        "as_of": "Data as of {when}",
        "page": "Page {page} of {pages}",
        "unanswered": "Not answered: {titles}",
        "without": "“{said}” does not hold: {found}",
        "no_pictures": "Charts could not be drawn here, so tables stand in for them.",
        "unusual": "{count} of the points looked at are unusual.",
        "rows_more": "… and {count} more rows.",
        "unknown": "unknown",
        "nothing_new": "nothing has ended since the report was due last.",
        "no_period": "The report's period can't be applied to this question, so it holds for all of time.",
    },
    "zh": {
        "summary": "摘要",
        "moved": "发生了什么",
        "changed": "变化",
        "why": "原因",
        "expected": "预期",
        "advice": "建议",
        "appendix": "数据来源与计算方法",
        "contents": "目录",
        "period": "时间：{words}",
        "made": "以{when}为今天",
        "as_of": "数据截至{when}",
        "page": "第{page}页，共{pages}页",
        "unanswered": "未能回答：{titles}",
        "without": "“{said}”不成立：{found}",
        "no_pictures": "此处无法绘制图表，以表格代替。",
        "unusual": "其中{count}个点异常。",
        "rows_more": "……还有{count}行。",
        "unknown": "未知",
        "nothing_new": "自上次报告以来没有新的完整时段。",
        "no_period": "报告的时间范围不适用于这个问题，这里是全部时间的结果。",
    },
}


def word(key: str, language: str, **fields: str) -> str:
    """One of them, with its fields filled in."""
    text = _WORDS.get(language, _WORDS["en"])[key]
    for name, value in fields.items():
        text = text.replace("{" + name + "}", value)
    return text
