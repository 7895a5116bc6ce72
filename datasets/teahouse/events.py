"""Out: what is planted in the data on purpose, as dates and factors. The README lists the same events in words."""

from __future__ import annotations

import math
from datetime import date

from datasets.teahouse.assortment import ARTICLE, CAMPAIGNS, FIRST_DAY, Article, Campaign, Nation

STOCK_OUT_ARTICLE, STOCK_OUT = 101, (date(2024, 5, 13), date(2024, 6, 2))
PRICE_ARTICLE, PRICE_DAY, PRICE_NEW = 201, date(2024, 9, 2), 16.90
BATCH_ARTICLE, BATCH = 141, (date(2024, 11, 4), date(2024, 12, 1))
CLOSED_SHOP, CLOSED = "GWY", (date(2025, 2, 17), date(2025, 4, 6))
OUTAGE_DAY, OUTAGE_HOUR = date(2025, 8, 5), 6
CORPORATE_DAY, CORPORATE_HOUR = date(2023, 11, 22), 10
CORPORATE_LINES = ((313, 420), (311, 300), (305, 40))
TRACKER_GAP = (date(2024, 3, 4), date(2024, 3, 10))
LUNAR_NEW_YEAR = (date(2023, 1, 22), date(2024, 2, 10), date(2025, 1, 29))

# Monday to Sunday; shops live on Saturdays, screens on Sunday evenings
COUNTER_WEEK = (0.80, 0.82, 0.88, 0.95, 1.15, 1.55, 0.85)
SCREEN_WEEK = (1.10, 1.00, 0.96, 0.94, 0.88, 0.92, 1.20)
YEAR = (0.95, 0.92, 0.94, 0.96, 0.93, 0.88, 0.84, 0.86, 0.98, 1.05, 1.28, 1.55)
GROUP_YEAR = {
    "Herbal": (1.1, 1.05, 1.0, 0.95, 1.0, 1.1, 1.2, 1.15, 1.0, 1.0, 1.1, 1.1),
    "Gift boxes": (0.9, 0.9, 0.8, 0.8, 0.9, 0.7, 0.6, 0.6, 0.8, 1.0, 2.2, 3.6),
    "Teaware": (0.9, 0.9, 0.9, 0.9, 1.0, 0.9, 0.8, 0.8, 0.9, 1.0, 1.5, 2.0),
}
ICED = {
    145: (0.3, 0.3, 0.6, 1.0, 1.7, 2.6, 3.2, 2.8, 1.3, 0.6, 0.3, 0.3),
    212: (0.4, 0.4, 0.7, 1.0, 1.6, 2.3, 2.8, 2.5, 1.2, 0.7, 0.4, 0.4),
}
TASTE = {
    "CN": {"Green tea": 1.7, "Oolong": 2.0, "Pu-erh": 3.0, "Black tea": 0.5, "Herbal": 0.4, "Whole beans": 0.8},
    "JP": {"Green tea": 1.2, "Oolong": 1.6, "Black tea": 1.1, "Herbal": 0.7},
    "GB": {"Black tea": 1.6, "Pu-erh": 0.3},
    "IE": {"Black tea": 1.9, "Pu-erh": 0.2},
    "DE": {"Herbal": 1.6, "Whole beans": 1.4, "Pu-erh": 0.3},
    "NL": {"Whole beans": 1.5, "Herbal": 1.3, "Pu-erh": 0.3},
    "CA": {"Whole beans": 1.3, "Pu-erh": 0.4},
}


def within(day: date, span: tuple[date, date]) -> bool:
    """Whether the day lies in the span, both ends included."""
    return span[0] <= day <= span[1]


def expected_purchases(day: date, nation: Nation, per_day: float) -> tuple[float, float]:
    """Mean (counter, screen) purchases of an ordinary day: growth, season and weekday, no planted event."""
    years = (day - FIRST_DAY).days / 365.25
    growth = {"CN": 1.42, "JP": 1.30, "GB": 1.10}.get(nation.code, 1.17) ** years
    level = per_day * nation.share * growth * YEAR[day.month - 1] * _lunar(day, nation)
    if nation.code == "CN" and (day.month, day.day) == (11, 11):
        level *= 3.2
    weekday = day.weekday()
    counter = nation.counter * (0.72 if nation.code == "CN" and day < date(2023, 9, 9) else 1.0)
    return level * counter * COUNTER_WEEK[weekday], level * (1 - nation.counter) * SCREEN_WEEK[weekday]


def _lunar(day: date, nation: Nation) -> float:
    """Gifts are bought in the three weeks before the lunar new year; the week after it is quiet."""
    if nation.code != "CN":
        return 1.0
    ahead = min(((n - day).days for n in LUNAR_NEW_YEAR if (n - day).days > -8), default=999)
    if 0 < ahead <= 21:
        return 1.55
    return 0.6 if -7 <= ahead <= 0 else 1.0


def shaken(day: date, nation: Nation, counter: float, screen: float) -> tuple[float, float]:
    """The same means after the planted events that change how many people buy."""
    for campaign in CAMPAIGNS:
        if runs(campaign, day, nation.code):
            counter, screen = counter * campaign.lift, screen * campaign.lift
    if nation.code == "IE" and within(day, CLOSED):
        counter, screen = 0.0, screen * 1.12
    elif nation.code == "IE" and day > CLOSED[1]:
        counter *= 1.3
    if day == OUTAGE_DAY:
        screen *= 0.15
    return counter, screen


def runs(campaign: Campaign, day: date, nation: str) -> bool:
    """Whether the campaign runs there on that day."""
    return campaign.first <= day <= campaign.last and (not campaign.nations or nation in campaign.nations)


def shelf_price(article: Article, day: date) -> float:
    """The price of a pack on that day; one article was made dearer, all shelves rose a little in 2025."""
    price = article.shelf
    if article.number == PRICE_ARTICLE and day >= PRICE_DAY:
        price = PRICE_NEW
    if day >= date(2025, 1, 1) and article.family == "Tea":
        price = round(price * 1.03 * 10) / 10
    return price


def appeal(article: Article, day: date, nation: str) -> float:
    """How often the article is bought relative to the others, on that day and there."""
    if day < article.released or (article.withdrawn and day > article.withdrawn):
        return 0.0
    if article.number == STOCK_OUT_ARTICLE and nation not in ("CN", "JP") and within(day, STOCK_OUT):
        return 0.0
    weight = article.appeal * TASTE.get(nation, {}).get(article.group, 1.0)
    weight *= GROUP_YEAR.get(article.group, (1.0,) * 12)[day.month - 1]
    weight *= ICED.get(article.number, (1.0,) * 12)[day.month - 1]
    if article.number == PRICE_ARTICLE and day >= PRICE_DAY:
        weight *= (PRICE_NEW / ARTICLE[PRICE_ARTICLE].shelf) ** -2.7
    if article.number == 102 and nation not in ("CN", "JP") and within(day, STOCK_OUT):
        weight *= 1.5  # some buyers of the missing sencha take another green tea
    if article.number == BATCH_ARTICLE and date(2024, 12, 2) <= day <= date(2025, 3, 31):
        weight *= 0.55  # word got round
    if article.number == 312 and nation == "CN" and _lunar(day, Nation("CN", "", "", 0, 0, "")) > 1.2:
        weight *= 5.0
    for campaign in CAMPAIGNS:
        if campaign.group == article.group and runs(campaign, day, nation):
            weight *= 2.1 if campaign.code == "PLM25" else 1.3
    return weight * (1.0 + 0.06 * math.sin(article.number))
