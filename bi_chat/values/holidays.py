"""In: a holiday's name and a year. Out: its days in that year, half-open.

Movable feasts follow their published rules; the days of the Chinese lunisolar calendar are a table, because they
follow from the sun and the moon. They are calendar facts, as published by the Hong Kong Observatory's conversion tables
(https://www.hko.gov.hk/en/gts/time/conversion.htm).
"""

from __future__ import annotations

from datetime import date, timedelta

# by name: month, day and length in days
FIXED: dict[str, tuple[int, int, int]] = {
    "new_year": (1, 1, 1),
    "valentines_day": (2, 14, 1),
    "womens_day": (3, 8, 1),
    "may_day": (5, 1, 1),
    "may_holidays": (5, 1, 5),
    "childrens_day": (6, 1, 1),
    "mid_year_sale": (6, 18, 1),
    "independence_day": (7, 4, 1),
    "national_day": (10, 1, 7),
    "halloween": (10, 31, 1),
    "singles_day": (11, 11, 1),
    "double_twelve": (12, 12, 1),
    "christmas_eve": (12, 24, 1),
    "christmas": (12, 25, 1),
    "boxing_day": (12, 26, 1),
    "new_years_eve": (12, 31, 1),
}

# by name: month, ISO weekday, which one of the month (-1 the last), days added
WEEKDAY_OF_MONTH: dict[str, tuple[int, int, int, int]] = {
    "mothers_day": (5, 7, 2, 0),
    "memorial_day": (5, 1, -1, 0),
    "fathers_day": (6, 7, 3, 0),
    "labor_day": (9, 1, 1, 0),
    "thanksgiving": (11, 4, 4, 0),
    "black_friday": (11, 4, 4, 1),
    "cyber_monday": (11, 4, 4, 4),
}

# by name: days after Easter Sunday, length
EASTER: dict[str, tuple[int, int]] = {"good_friday": (-2, 1), "easter": (0, 1), "easter_monday": (1, 1)}

# by name: column of LUNAR, days added, length
LUNAR_DAYS: dict[str, tuple[int, int, int]] = {
    "lunar_new_years_eve": (0, -1, 1),
    "spring_festival": (0, 0, 7),
    "lantern_festival": (0, 14, 1),
    "qingming": (1, 0, 1),
    "dragon_boat": (2, 0, 1),
    "qixi": (3, 0, 1),
    "mid_autumn": (4, 0, 1),
    "double_ninth": (5, 0, 1),
}

# by year, as month * 100 + day: 1st of the 1st lunar month, Qingming, 5th of the 5th, 7th of the 7th, 15th of the 8th,
# 9th of the 9th
LUNAR: dict[int, tuple[int, int, int, int, int, int]] = {
    2015: (219, 405, 620, 820, 927, 1021),
    2016: (208, 404, 609, 809, 915, 1009),
    2017: (128, 404, 530, 828, 1004, 1028),
    2018: (216, 405, 618, 817, 924, 1017),
    2019: (205, 405, 607, 807, 913, 1007),
    2020: (125, 404, 625, 825, 1001, 1025),
    2021: (212, 404, 614, 814, 921, 1014),
    2022: (201, 405, 603, 804, 910, 1004),
    2023: (122, 405, 622, 822, 929, 1023),
    2024: (210, 404, 610, 810, 917, 1011),
    2025: (129, 404, 531, 829, 1006, 1029),
    2026: (217, 405, 619, 819, 925, 1018),
    2027: (206, 405, 609, 808, 915, 1008),
    2028: (126, 404, 528, 826, 1003, 1026),
    2029: (213, 404, 616, 816, 922, 1016),
    2030: (203, 405, 605, 805, 912, 1005),
    2031: (123, 405, 624, 824, 1001, 1024),
    2032: (211, 404, 612, 812, 919, 1012),
    2033: (131, 404, 601, 801, 908, 1001),
    2034: (219, 405, 620, 820, 927, 1020),
    2035: (208, 405, 610, 810, 916, 1009),
}


def holiday(name: str, year: int) -> tuple[date, date]:
    """First day of a holiday and the day after its last. ValueError: an unknown name or a year off the table."""
    if name in FIXED:
        month, day, length = FIXED[name]
        return _span(date(year, month, day), length)
    if name in WEEKDAY_OF_MONTH:
        return _span(_nth_weekday(year, WEEKDAY_OF_MONTH[name]), 1)
    if name in EASTER:
        offset, length = EASTER[name]
        return _span(easter(year) + timedelta(days=offset), length)
    if name in LUNAR_DAYS and year in LUNAR:
        column, offset, length = LUNAR_DAYS[name]
        month, day = divmod(LUNAR[year][column], 100)
        return _span(date(year, month, day) + timedelta(days=offset), length)
    raise ValueError(f"no dates are known for {name} in {year}")


def is_holiday(name: str) -> bool:
    """Whether `holiday` knows the name."""
    return any(name in table for table in (FIXED, WEEKDAY_OF_MONTH, EASTER, LUNAR_DAYS))


def easter(year: int) -> date:
    """Easter Sunday of the Western churches (the anonymous Gregorian algorithm, Nature 13, 1876)."""
    century, rest = divmod(year, 100)
    golden = year % 19
    moon = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    sunday = (32 + 2 * (century % 4) + 2 * (rest // 4) - moon - rest % 4) % 7
    late = (golden + 11 * moon + 22 * sunday) // 451
    month, day = divmod(moon + sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def _span(first: date, days: int) -> tuple[date, date]:
    return first, first + timedelta(days=days)


def _nth_weekday(year: int, rule: tuple[int, int, int, int]) -> date:
    month, weekday, which, plus = rule
    if which < 0:
        last = (date(year, month, 28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        return last - timedelta(days=(last.isoweekday() - weekday) % 7)
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.isoweekday()) % 7 + 7 * (which - 1) + plus)
