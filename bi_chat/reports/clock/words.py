"""In: when a report is due, in words of English or Chinese. Out: the cron fields that mean the same.

"weekdays at 8:00", "every Monday and Thursday at 9:30", "on the 1st at 6am", "每周一 8:00", "每月最后一天 18:30".
"""

from __future__ import annotations

import re

from bi_chat.reports.clock.cron import Cron, CronError, parse_cron

EXAMPLES = (
    'weekdays at 8:00 · every Monday at 9:30 · on the 1st at 6:00 · every 15 minutes · 每周一 8:00 · "0 8 * * 1-5"'
)
_WEEKDAYS = {
    "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6, "sun": 0,
    "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "日": 0, "天": 0,
}  # fmt: skip
_CRON = re.compile(r"[\d*,/\-a-zA-Z]+(?:\s+[\d*,/\-a-zA-Z]+){4}")
_TIME = re.compile(
    r"(?:(?P<part>上午|早上|早晨|凌晨|下午|晚上|中午)\s*)?(?<!\d)(?P<hour>\d{1,2})(?:[:：.](?P<minute>\d{2})|"
    r"\s*(?:点|时)(?P<half>半)?(?:(?P<zh_minute>\d{1,2})分)?)?\s*(?P<half_day>am|pm|a\.m\.|p\.m\.)?(?!\d|st|nd|rd|th|日|号)",
    re.IGNORECASE,
)
_EVERY = re.compile(r"every\s+(\d+)\s+(minutes?|hours?)|每\s*(\d+)\s*(分钟|个?小时)", re.IGNORECASE)
_DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th)\b|(?:每个?月的?)(\d{1,2})[日号]|第(\d{1,2})天", re.IGNORECASE)
_NAMED = re.compile(r"\b(mon|tue|wed|thu|fri|sat|sun)[a-z]*|(?<=[周期、，和及])([一二三四五六日天])", re.IGNORECASE)
_LEFT = re.compile(
    r"\b(?:every|each|on|at|the|of|and|to|through|days?|daily|weekly|monthly|month|weekdays?|workdays?|weekends?|week|"
    r"last|first|midnight|noon|o'?clock)\b|每个?|工作日|周末|月|周|星期|礼拜|最后一?天|月底|天|日|的|在|和|及|到|至|整|前|,|、|，|–|-",
    re.IGNORECASE,
)


def parse_schedule(text: str) -> Cron:
    """Words or cron fields. Raises CronError with what was not understood and what can be said."""
    said = " ".join(text.replace("\u3000", " ").split())
    if _CRON.fullmatch(said) and re.search(r"[*\d]", said.split()[0]):
        return parse_cron(said)
    if (steps := _EVERY.fullmatch(said)) is not None:
        return _stepped(steps)
    if re.fullmatch(r"(?:every hour|hourly|每个?小时)", said, re.IGNORECASE):
        return parse_cron("0 * * * *")
    days, rest = _days(said)
    times, rest = _times(rest)
    unknown = _LEFT.sub(" ", rest).strip(" .。")
    if unknown or not times:
        problem = f"{unknown!r} was not understood" if unknown else "the time of day is missing"
        raise CronError(f"{problem}. Write for example: {EXAMPLES}")
    hours = sorted({h for h, _ in times})
    minutes = {m for _, m in times}
    if len(minutes) > 1:
        raise CronError("several times of a day need the same minute. Write two reports, or cron fields")
    return parse_cron(f"{minutes.pop()} {','.join(map(str, hours))} {days}")


def _stepped(found: re.Match[str]) -> Cron:
    count = int(found[1] or found[3])
    minutes = (found[2] or found[4])[:1] in "m分"
    if count < 1 or (60 if minutes else 24) % count:
        raise CronError("a step has to fit into the hour or the day: 15 minutes, 2 hours")
    return parse_cron(f"*/{count} * * * *" if minutes else f"0 */{count} * * *")


def _days(said: str) -> tuple[str, str]:
    """The last three fields, and the words that are left."""
    low = said.lower()
    if re.search(r"\b(?:weekdays?|workdays?|workday)\b|工作日", low):
        return "* * 1-5", said
    if re.search(r"\bweekends?\b|周末", low):
        return "* * 0,6", said
    if re.search(r"\blast day\b|最后一?天|月底", low):
        return "L * *", said
    if found := [next(filter(None, m.groups())) for m in _DAY.finditer(said)]:
        return f"{','.join(found)} * *", _DAY.sub(" ", said)
    if re.search(r"first (?:day )?of (?:the|each|every) month", low):
        return "1 * *", said
    if named := _weekdays(said):
        return f"* * {named}", _NAMED.sub(" ", said)
    if re.search(r"every day|each day|daily|每天|每日", low):
        return "* * *", said
    raise CronError(f"which days? Write for example: {EXAMPLES}")


def _weekdays(said: str) -> str:
    found = [_WEEKDAYS[(m[1] or m[2]).lower()] for m in _NAMED.finditer(said)]
    if len(found) == 2 and re.search(r"\b(?:to|through)\b|到|至|–|[a-z]-[a-z]", said, re.IGNORECASE):
        first, last = found
        return ",".join(str(d % 7) for d in range(first, (last if last >= first else last + 7) + 1))
    return ",".join(map(str, found))


def _times(said: str) -> tuple[list[tuple[int, int]], str]:
    found = []
    for word, hour in (("midnight", 0), ("noon", 12)):
        if re.search(rf"\b{word}\b", said, re.IGNORECASE):
            found.append((hour, 0))
    for m in _TIME.finditer(said):
        hour, minute = int(m["hour"]), int(m["minute"] or m["zh_minute"] or (30 if m["half"] else 0))
        late = (m["half_day"] or "").lower().startswith("p") or m["part"] in ("下午", "晚上")
        early = (m["half_day"] or "").lower().startswith("a")
        hour = hour + 12 if late and hour < 12 else 0 if early and hour == 12 else hour
        found.append((hour, minute))
    return found, _TIME.sub(" ", said)
