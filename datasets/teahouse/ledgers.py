"""In: the sales books and a source of chance. Out: what is kept beside them: stock, media spend and goals."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from datasets.chance import Chance
from datasets.teahouse import events
from datasets.teahouse.assortment import ARTICLES, FIRST_DAY, LAST_DAY, NATIONS, Article
from datasets.teahouse.books import Books
from datasets.teahouse.sales import PER_DAY

WEEK = timedelta(days=7)
MEDIA = {  # medium: (nations, euros a day for a share of 1.0, impressions a euro, clicks per thousand impressions)
    "Search ads": (("GB", "IE", "DE", "NL", "CA"), 96.0, 45.0, 34.0),
    "Social feed": (("GB", "DE", "NL", "CN", "JP"), 74.0, 140.0, 9.0),
    "Newsletter": (("GB", "IE", "DE", "NL", "CA", "JP"), 12.0, 210.0, 21.0),
    "Creator videos": (("CN",), 88.0, 120.0, 13.0),
    "Print": (("GB", "DE"), 40.0, 60.0, 0.0),
}
StockRow = tuple[date, str, int, int, int]
SpendRow = tuple[date, str, str, int, int | None, int | None]


def stock(books: Books, chance: Chance) -> list[StockRow]:
    """Packs on hand and on order each Monday by depot and article. A balance: weeks must not be added up."""
    sold: dict[tuple[str, int, date], int] = defaultdict(int)
    depot_of = {n.code: n.depot for n in NATIONS}
    when = {p.number: (p.placed.date(), depot_of[p.delivery]) for p in books.purchases}
    for line in books.lines:
        day, depot = when[line.purchase]
        sold[depot, line.article, day - timedelta(days=day.weekday())] += line.packs
    rows: list[StockRow] = []
    for depot in ("Antwerp", "Ningbo"):
        for article in ARTICLES:
            rows += _card(depot, article, sold, chance)
    return sorted(rows)


def _card(depot: str, article: Article, sold: dict[tuple[str, int, date], int], chance: Chance) -> list[StockRow]:
    monday = date(2023, 1, 2)
    weekly = [sold[depot, article.number, monday + WEEK * i] for i in range(146)]
    usual = max(2.0, sum(weekly) / max(1, sum(1 for w in weekly if w)))
    on_hand, coming, rows = int(usual * 7), list[tuple[date, int]](), list[StockRow]()
    while monday <= LAST_DAY:
        on_hand += sum(packs for due, packs in coming if due == monday)
        coming = [(due, packs) for due, packs in coming if due > monday]
        recent = [sold[depot, article.number, monday - WEEK * i] for i in range(1, 7)]
        pace = max(usual * 0.4, sum(recent) / 6)
        out = (
            article.number == events.STOCK_OUT_ARTICLE
            and depot == "Antwerp"
            and events.within(monday, events.STOCK_OUT)
        )
        if out:
            on_hand, coming = 0, [(events.STOCK_OUT[1] + timedelta(days=1), int(pace * 9))]
        elif on_hand + sum(p for _, p in coming) < pace * 6:
            coming.append((monday + WEEK * chance.integer(2, 3), int(pace * chance.uniform(5, 8)) + 6))
        if article.released <= monday and not (article.withdrawn and monday > article.withdrawn):
            rows.append((monday, depot, article.number, on_hand, sum(p for _, p in coming)))
        on_hand = max(0 if out else 2, on_hand - sold[depot, article.number, monday])
        monday += WEEK
    return rows


def media_spend(chance: Chance) -> list[SpendRow]:
    """Spend (cents), impressions and clicks by day, medium and nation; newsletters go out on Thursdays only."""
    rows: list[SpendRow] = []
    share = {n.code: n.share for n in NATIONS}
    day = FIRST_DAY
    while day <= LAST_DAY:
        for medium, (nations, euros, per_euro, per_mille) in MEDIA.items():
            for nation in nations:
                if (medium == "Newsletter" and day.weekday() != 3) or (medium == "Print" and day.weekday() != 5):
                    continue
                spend = (
                    euros
                    * share[nation]
                    * 1.13 ** ((day - FIRST_DAY).days / 365.25)
                    * (0.75 + 0.25 * events.YEAR[day.month - 1])
                )
                spend *= (
                    _push(day, medium, nation)
                    * max(0.3, chance.normal(1.0, 0.14))
                    * (7 if medium in ("Newsletter", "Print") else 1)
                )
                seen = int(spend * per_euro * max(0.3, chance.normal(1.0, 0.12)))
                clicks = int(seen * per_mille / 1000 * max(0.2, chance.normal(1.0, 0.15)))
                lost = medium == "Social feed" and events.within(day, events.TRACKER_GAP)
                rows.append(
                    (
                        day,
                        medium,
                        nation,
                        int(spend * 100),
                        None if lost else seen,
                        None if lost or medium == "Print" else clicks,
                    )
                )
        day += timedelta(days=1)
    return rows


def _push(day: date, medium: str, nation: str) -> float:
    """Campaigns that were pushed: Plum Rain Days paid off, Hearth Weeks did not."""
    if nation == "CN" and date(2025, 6, 7) <= day <= date(2025, 6, 22) and medium in ("Creator videos", "Social feed"):
        return 2.6
    if nation == "DE" and date(2025, 1, 11) <= day <= date(2025, 2, 2):
        return 3.8
    return 1.0


def goals(chance: Chance) -> list[tuple[date, str, int]]:
    """Revenue goal (cents) by month and nation to the end of 2025: an ordinary month plus some ambition."""
    rows: list[tuple[date, str, int]] = []
    for year in (2023, 2024, 2025):
        for month in range(1, 13):
            first = date(year, month, 1)
            for nation in NATIONS:
                day, purchases = first, 0.0
                while day.month == month:
                    purchases += sum(events.expected_purchases(day, nation, PER_DAY))
                    day += timedelta(days=1)
                euros = purchases * (53.0 if month == 12 else 46.5) * 1.03 * chance.normal(1.0, 0.03)
                rows.append((first, nation.code, max(1, round(euros / 50)) * 5000))
    return rows
