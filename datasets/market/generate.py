"""Out: the Parquet files of the market data set. Run from the repository root:

python -m datasets.market.generate [FOLDER]     (default: beside this file)
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import mean

from datasets.chance import Chance
from datasets.market.panel import (
    DRINKS,
    FIRST_WEEK,
    MARKETS,
    NEWCOMER,
    PRICE_ROUNDS,
    RIVALS,
    SKUS,
    WEEK,
    WEEKS,
    Market,
    Sku,
    festive,
    holidays,
    season,
    shocks,
)
from datasets.parquet import cents, write_table

SEED = 4099
ALL_WEEKS = tuple(FIRST_WEEK + WEEK * i for i in range(WEEKS))
LAG = (0.15, 0.30, 0.35, 0.20)  # share of the advertising effect in the week of spending and the three after it
Prices = dict[tuple[str, str, str], list[int]]
Series = dict[tuple[str, str], list[float]]
DemandRow = tuple[date, str, str, int, int, bool, int]  # week, market, sku, packs, price, on promotion, revenue


def generate(folder: Path) -> None:
    """Write every table into the folder. The same on every run and machine."""
    own, promoted = own_prices(Chance(SEED))
    rivals = rival_prices(Chance(SEED + 1))
    spend = advertising(Chance(SEED + 2))
    interest = search(Chance(SEED + 3), spend)
    drivers = Drivers(own, promoted, rivals, spend, interest)
    demand = list[DemandRow]()
    for row, market in enumerate(MARKETS):
        for column, sku in enumerate(SKUS):
            demand += demand_of(market, sku, drivers, Chance(SEED + 10 * row + column))
    _write_facts(folder, sorted(demand), rivals, spend, interest)
    _write_names(folder)


def base_price(sku: Sku, market: Market, week: date) -> float:
    """The price without promotion: two rounds of increases."""
    price = sku.price * market.price_level
    for since, factor in PRICE_ROUNDS:
        price *= factor if week >= since else 1.0
    return round(price * 20) / 20


def own_prices(chance: Chance) -> tuple[Prices, dict[tuple[str, str], list[bool]]]:
    """Own pack prices (cents) and promotion flags by market and sku; a promotion lasts two weeks."""
    prices: Prices = {}
    flags: dict[tuple[str, str], list[bool]] = {}
    for market in MARKETS:
        for sku in SKUS:
            left, off, series, on = 0, 0.0, list[int](), list[bool]()
            for week in ALL_WEEKS:
                if left == 0 and chance.happens(0.06):
                    left, off = 2, chance.pick((0.10, 0.15, 0.20, 0.25))
                series.append(cents(base_price(sku, market, week) * (1 - off if left else 1.0)))
                on.append(left > 0)
                left = max(0, left - 1)
            prices[market.code, sku.drink, sku.code], flags[market.code, sku.code] = series, on
    return prices, flags


def rival_prices(chance: Chance) -> Prices:
    """Rivals' pack prices (cents) by market, drink and rival; 0 before they came."""
    prices: Prices = {}
    for rival in RIVALS:
        for market in MARKETS:
            for drink in DRINKS:
                if market.code in rival.markets and drink.name in rival.drinks:
                    first = next(s for s in SKUS if s.drink == drink.name)
                    level, series = 1.0, list[int]()
                    for week in ALL_WEEKS:
                        level = 1.0 + 0.9 * (level - 1.0) + chance.normal(0.0, 0.012)
                        sale = 0.85 if chance.happens(0.07) else 1.0
                        price = base_price(first, market, week) * rival.relative * level * sale
                        series.append(cents(price) if week >= rival.since else 0)
                    prices[market.code, drink.name, rival.name] = series
    return prices


def advertising(chance: Chance) -> Series:
    """Euros a week by market and drink: quiet weeks, and flights of four to six weeks."""
    spend: Series = {}
    for market in MARKETS:
        for drink in DRINKS:
            left, series = 0, list[float]()
            for _ in ALL_WEEKS:
                left = chance.integer(4, 6) if left == 0 and chance.happens(0.05) else max(0, left - 1)
                level = 4200.0 if left else 500.0 if chance.happens(0.6) else 0.0
                series.append(round(level * market.size * max(0.4, chance.normal(1.0, 0.18)), 2))
            spend[market.code, drink.name] = series
    return spend


def _pressure(spend: list[float], index: int, market: Market) -> float:
    """Advertising as it works in a week: the lagged sum, 1.0 for a steady flight."""
    return sum(share * spend[index - lag] for lag, share in enumerate(LAG) if index >= lag) / (4200.0 * market.size)


def search(chance: Chance, spend: Series) -> Series:
    """Latent interest around 1.0: a slow walk, the season two weeks ahead, and advertising at once."""
    interest: Series = {}
    for market in MARKETS:
        for drink in DRINKS:
            walk, series = 1.0, list[float]()
            for index, week in enumerate(ALL_WEEKS):
                walk = 1.0 + 0.93 * (walk - 1.0) + chance.normal(0.0, 0.035)
                lift = 1.0 + 0.18 * min(1.5, spend[market.code, drink.name][index] / (4200.0 * market.size))
                series.append(max(0.2, walk * season(week + 2 * WEEK, market, drink) * lift))
            interest[market.code, drink.name] = series
    return interest


@dataclass(frozen=True, slots=True)
class Drivers:
    """All that moves demand besides the calendar."""

    own: Prices
    promoted: dict[tuple[str, str], list[bool]]
    rivals: Prices
    spend: Series
    interest: Series


def demand_of(market: Market, sku: Sku, drivers: Drivers, chance: Chance) -> list[DemandRow]:
    """One own article in one market, week after week, with an error that lingers."""
    prices, flags = drivers.own[market.code, sku.drink, sku.code], drivers.promoted[market.code, sku.code]
    rows, error = list[DemandRow](), 0.0
    for index, week in enumerate(ALL_WEEKS):
        error = 0.45 * error + chance.normal(0.0, 0.05)
        if week >= sku.launch:
            packs = max(0, round(_level(market, sku, drivers, index) * (1.0 + error)))
            rows.append((week, market.code, sku.code, packs, prices[index], flags[index], packs * prices[index]))
    return rows


def _level(market: Market, sku: Sku, drivers: Drivers, index: int) -> float:
    """Packs of a week without chance: size and trend, prices, season and holidays, shocks, advertising, interest."""
    week, drink = ALL_WEEKS[index], next(d for d in DRINKS if d.name == sku.drink)
    price = drivers.own[market.code, sku.drink, sku.code][index] / 100 / (base_price(sku, market, FIRST_WEEK) * 1.04)
    # the newcomer is left out of the rivals' mean: its effect is planted on its own
    others = [s for (m, d, r), s in drivers.rivals.items() if (m, d) == (market.code, sku.drink) and r != NEWCOMER.name]
    rival = mean(s[index] for s in others) / mean(s[0] for s in others)
    grown_up = min(1.0, 0.35 + (week - sku.launch).days / 300) if sku.launch > FIRST_WEEK else 1.0
    level: float = sku.pace * market.size * (1 + market.trend) ** (index / 52.18) * grown_up
    level *= price**drink.elasticity * rival**drink.cross
    level *= season(week, market, drink) * festive(week, market.code, sku.drink) * shocks(week, market.code, sku)
    level *= 1.0 + drink.ad * _pressure(drivers.spend[market.code, sku.drink], index, market)
    pull: float = drivers.interest[market.code, sku.drink][max(0, index - 2)] ** 0.25
    return level * pull


def _write_facts(
    folder: Path,
    demand: list[DemandRow],
    rivals: Prices,
    spend: Series,
    interest: Series,
) -> None:
    schema = (
        "week_start date, market_code text, sku_code text, packs_sold int, pack_price money, "
        "on_promotion flag, revenue_eur money"
    )
    write_table(folder, "demand_weekly", schema, demand)
    prices = [(w, m, d, r, s[i] or None) for (m, d, r), s in rivals.items() for i, w in enumerate(ALL_WEEKS) if s[i]]
    write_table(
        folder,
        "competitor_prices",
        "week_start date, market_code text, drink_type text, competitor text, shelf_price money",
        sorted(prices),
    )
    peak = {key: max(series) for key, series in interest.items()}
    gaps = {("BRA", i) for i in range(130, 133)}  # three weeks that the panel never received
    index = [
        (w, m, d, None if (m, i) in gaps else round(100 * s[i] / peak[m, d]))
        for (m, d), s in interest.items()
        for i, w in enumerate(ALL_WEEKS)
    ]
    write_table(
        folder,
        "search_interest",
        "week_start date, market_code text, drink_type text, interest_index int",
        sorted(index, key=lambda r: (r[0], r[1], r[2])),
    )
    ads = [(w, m, d, cents(s[i])) for (m, d), s in spend.items() for i, w in enumerate(ALL_WEEKS)]
    write_table(
        folder,
        "ad_spend",
        "week_start date, market_code text, drink_type text, spend_eur money",
        sorted(ads),
    )


def _write_names(folder: Path) -> None:
    write_table(
        folder,
        "holidays",
        "holiday_date date, market_code text, holiday text, is_lunar flag",
        holidays(),
    )
    write_table(
        folder,
        "markets",
        "market_code text, market text, climate text, people_millions float",
        [(m.code, m.name, m.climate, m.people_m) for m in MARKETS],
    )
    write_table(
        folder,
        "skus",
        "sku_code text, sku text, drink_type text, pack_litres float, first_week date",
        [(s.code, s.name, s.drink, s.litres, s.launch) for s in SKUS],
    )
    write_table(folder, "drink_types", "drink_type text", [(d.name,) for d in DRINKS])


if __name__ == "__main__":
    generate(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
