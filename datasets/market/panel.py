"""Out: what the Fjordale panel is about: markets, own articles, rivals, holidays, planted shocks. All invented."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta

FIRST_WEEK, WEEKS = date(2019, 1, 7), 353  # the last week is 6 to 12 October 2025
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Market:
    """`south` turns the seasons round; `trend` is growth a year; `price_level` scales euro prices."""

    code: str
    name: str
    climate: str
    people_m: float
    size: float
    trend: float
    price_level: float
    south: bool = False


MARKETS = (
    Market("DEU", "Germany", "Temperate", 83.5, 1.00, 0.05, 1.00),
    Market("ESP", "Spain", "Warm", 48.6, 0.62, 0.07, 0.92),
    Market("POL", "Poland", "Temperate", 36.7, 0.45, 0.09, 0.80),
    Market("CHN", "China", "Mixed", 1410.0, 1.35, 0.13, 1.08),
    Market("VNM", "Vietnam", "Tropical", 100.3, 0.38, 0.16, 0.70),
    Market("BRA", "Brazil", "Tropical", 211.1, 0.70, 0.04, 0.75, True),
)


@dataclass(frozen=True, slots=True)
class DrinkType:
    """`elasticity` to the own price, `cross` to the rivals' mean price, `summer` swing of the season, `ad` response."""

    name: str
    elasticity: float
    cross: float
    summer: float
    ad: float


DRINKS = (
    DrinkType("Oat drink", -1.5, 0.6, -0.06, 0.16),
    DrinkType("Kombucha", -2.2, 0.9, 0.24, 0.22),
    DrinkType("Canned coffee", -1.2, 0.4, 0.14, 0.12),
)


@dataclass(frozen=True, slots=True)
class Sku:
    """An own article; `pace` packs a week in a market of size 1, `price` euros a pack at price level 1."""

    code: str
    name: str
    drink: str
    litres: float
    pace: float
    price: float
    launch: date = FIRST_WEEK


SKUS = (
    Sku("OD1", "Fjordale Oat Classic", "Oat drink", 1.0, 5200, 2.20),
    Sku("OD2", "Fjordale Oat Barista", "Oat drink", 1.0, 3100, 2.70),
    Sku("KO1", "Fjordale Kombucha Ginger", "Kombucha", 0.5, 2400, 2.90),
    Sku("KO2", "Fjordale Kombucha Berry", "Kombucha", 0.5, 1900, 2.90),
    Sku("CC1", "Fjordale Flat Black", "Canned coffee", 0.25, 2800, 1.90),
    Sku("CC2", "Fjordale Oat Latte", "Canned coffee", 0.25, 2100, 2.10, date(2022, 3, 7)),
)


@dataclass(frozen=True, slots=True)
class Rival:
    """A competitor, its price against ours, and where and when it came."""

    name: str
    relative: float
    drinks: tuple[str, ...]
    markets: tuple[str, ...]
    since: date = FIRST_WEEK


_ALL = tuple(m.code for m in MARKETS)
RIVALS = (
    Rival("Tallgrass", 1.04, ("Oat drink", "Kombucha", "Canned coffee"), _ALL),
    Rival("Moonbrook", 0.90, ("Oat drink", "Canned coffee"), ("DEU", "ESP", "POL", "BRA")),
    Rival("Heron & Pike", 1.15, ("Kombucha",), ("DEU", "CHN", "VNM")),
    Rival("Quillo", 0.72, ("Kombucha",), ("DEU", "ESP"), date(2023, 3, 6)),
)
NEWCOMER, NEWCOMER_LOSS = RIVALS[-1], 0.26
DELISTED_MARKET, DELISTED_DRINK, DELISTED_WEEK, DELISTED_LEVEL = "POL", "Oat drink", date(2022, 4, 4), 0.66
PRICE_ROUNDS = ((date(2022, 9, 5), 1.07), (date(2024, 2, 5), 1.05))
VIRAL_MARKET, VIRAL_WEEK, VIRAL_SKU = "VNM", date(2024, 8, 19), "KO1"

LUNAR = (
    date(2019, 2, 5),
    date(2020, 1, 25),
    date(2021, 2, 12),
    date(2022, 2, 1),
    date(2023, 1, 22),
    date(2024, 2, 10),
    date(2025, 1, 29),
    date(2026, 2, 17),
)
MID_AUTUMN = (
    date(2019, 9, 13),
    date(2020, 10, 1),
    date(2021, 9, 21),
    date(2022, 9, 10),
    date(2023, 9, 29),
    date(2024, 9, 17),
    date(2025, 10, 6),
    date(2026, 9, 25),
)
EASTER = (
    date(2019, 4, 21),
    date(2020, 4, 12),
    date(2021, 4, 4),
    date(2022, 4, 17),
    date(2023, 4, 9),
    date(2024, 3, 31),
    date(2025, 4, 20),
    date(2026, 4, 5),
)
FIXED = {  # (month, day): (name, markets)
    (1, 1): ("New Year's Day", _ALL),
    (5, 1): ("Labour Day", _ALL),
    (12, 25): ("Christmas Day", ("DEU", "ESP", "POL", "BRA")),
    (10, 1): ("National Day", ("CHN",)),
    (9, 2): ("National Day", ("VNM",)),
    (10, 3): ("National Day", ("DEU",)),
    (10, 12): ("National Day", ("ESP",)),
    (11, 11): ("Independence Day", ("POL",)),
    (9, 7): ("Independence Day", ("BRA",)),
}
HolidayRow = tuple[date, str, str, bool]


def holidays() -> list[HolidayRow]:
    """(day, market, holiday, is lunar) from 2019 to the end of 2026, so that forecasts know what comes."""
    rows: list[HolidayRow] = []
    for year in range(2019, 2027):
        rows += [(date(year, m, d), code, name, False) for (m, d), (name, codes) in FIXED.items() for code in codes]
    for index in range(8):
        rows += [(LUNAR[index], "CHN", "Spring Festival", True), (LUNAR[index], "VNM", "Tet", True)]
        rows += [(MID_AUTUMN[index], code, "Mid-Autumn Festival", True) for code in ("CHN", "VNM")]
        rows += [(EASTER[index], code, "Easter Sunday", False) for code in ("DEU", "ESP", "POL", "BRA")]
        rows += [(EASTER[index] - timedelta(days=47), "BRA", "Carnival", False)]
    return sorted(rows)


def season(week: date, market: Market, drink: DrinkType) -> float:
    """Yearly wave: highest in July in the north, in January in the south, weak in the tropics."""
    phase = 2 * math.pi * (week.timetuple().tm_yday - 200) / 365.25
    if market.south:
        phase += math.pi
    strength = 0.45 if market.climate == "Tropical" else 1.0
    return 1.0 + drink.summer * strength * math.cos(phase)


def festive(week: date, market: str, drink: str) -> float:
    """What holidays do to a week: stocking up before the lunar new year, shut shops in it, a lift for the others."""
    if market in ("CHN", "VNM"):
        ahead = min((abs((n - week).days), (n - week).days) for n in LUNAR)[1]
        big = 0.30 if market == "CHN" else 0.45
        if 7 <= ahead <= 20:
            return 1.0 + big
        if 0 <= ahead <= 6:
            return 0.86
        if -7 <= ahead < 0:
            return 0.72
    if market not in ("CHN", "VNM") and week.month == 12 and week.day >= 14:
        return 1.22 if drink == "Oat drink" else 1.05
    if market == "BRA" and any(0 <= (e - timedelta(days=47) - week).days <= 6 for e in EASTER):
        return 1.25
    return 1.0


def shocks(week: date, market: str, sku: Sku) -> float:
    """The planted breaks: a chain drops our oat drinks, a cheap newcomer, a week of fame."""
    factor = 1.0
    if market == DELISTED_MARKET and sku.drink == DELISTED_DRINK and week >= DELISTED_WEEK:
        factor *= DELISTED_LEVEL
    if market in NEWCOMER.markets and sku.drink in NEWCOMER.drinks and week >= NEWCOMER.since:
        factor *= 1.0 - NEWCOMER_LOSS * min(1.0, ((week - NEWCOMER.since).days / 7 + 1) / 12)
    if market == VIRAL_MARKET and sku.code == VIRAL_SKU and week == VIRAL_WEEK:
        factor *= 2.4
    if date(2020, 3, 16) <= week <= date(2020, 5, 11):
        factor *= 0.8 if sku.drink == "Canned coffee" else 1.12
    return factor
