"""Out: what Larkfield Tea is before the first sale: nations, shops, articles, campaigns. All names are invented."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

FIRST_DAY, LAST_DAY = date(2023, 1, 1), date(2025, 10, 17)


@dataclass(frozen=True, slots=True)
class Nation:
    """`share` of all purchases; `counter` share bought in shops; `depot` that serves it."""

    code: str
    name: str
    zone: str
    share: float
    counter: float
    depot: str


NATIONS = (
    Nation("GB", "United Kingdom", "British Isles", 0.26, 0.45, "Antwerp"),
    Nation("IE", "Ireland", "British Isles", 0.08, 0.60, "Antwerp"),
    Nation("DE", "Germany", "Continent", 0.21, 0.35, "Antwerp"),
    Nation("NL", "Netherlands", "Continent", 0.11, 0.35, "Antwerp"),
    Nation("CN", "China", "Overseas", 0.23, 0.33, "Ningbo"),
    Nation("CA", "Canada", "Overseas", 0.07, 0.50, "Antwerp"),
    Nation("JP", "Japan", "Overseas", 0.04, 0.0, "Ningbo"),
)


@dataclass(frozen=True, slots=True)
class Shop:
    """`weight` within its nation."""

    code: str
    name: str
    nation: str
    town: str
    setting: str
    opened: date
    floor_m2: int
    weight: float


SHOPS = (
    Shop("BAT", "Larkfield Bath", "GB", "Bath", "High street", date(2011, 5, 7), 92, 1.0),
    Shop("YRK", "Larkfield York", "GB", "York", "High street", date(2014, 9, 13), 78, 0.8),
    Shop("NWH", "Larkfield Norwich", "GB", "Norwich", "Arcade", date(2019, 3, 2), 55, 0.5),
    Shop("GWY", "Larkfield Galway", "IE", "Galway", "High street", date(2016, 6, 18), 84, 1.0),
    Shop("BRE", "Larkfield Bremen", "DE", "Bremen", "High street", date(2015, 10, 10), 101, 1.0),
    Shop("LEJ", "Larkfield Leipzig", "DE", "Leipzig", "Station kiosk", date(2020, 2, 1), 24, 0.7),
    Shop("UTC", "Larkfield Utrecht", "NL", "Utrecht", "Station kiosk", date(2018, 4, 21), 31, 1.0),
    Shop("HGH", "Larkfield Hangzhou", "CN", "Hangzhou", "Shopping centre", date(2019, 11, 2), 140, 1.0),
    Shop("SZV", "Larkfield Suzhou", "CN", "Suzhou", "Arcade", date(2021, 5, 15), 66, 0.6),
    Shop("CTU", "Larkfield Chengdu", "CN", "Chengdu", "Shopping centre", date(2023, 9, 9), 118, 0.9),
    Shop("YHZ", "Larkfield Halifax", "CA", "Halifax", "High street", date(2020, 8, 29), 88, 1.0),
)


@dataclass(frozen=True, slots=True)
class Article:
    """Prices in euros a pack; `appeal` is the relative frequency of being bought."""

    number: int
    name: str
    group: str
    family: str
    origin: str | None
    grams: int | None
    shelf: float
    buying: float
    appeal: float
    caffeine: bool | None
    released: date = date(2018, 3, 1)
    withdrawn: date | None = None


_TEA, _COFFEE, _WARE = "Tea", "Coffee", "Teaware and gifts"
ARTICLES = (
    Article(101, "Fern Valley Sencha", "Green tea", _TEA, "Japan", 100, 12.50, 4.90, 10.0, True),
    Article(102, "Mistgate Longjing", "Green tea", _TEA, "China", 80, 19.80, 8.60, 4.5, True),
    Article(103, "Jade Needle", "Green tea", _TEA, "China", 80, 15.40, 6.20, 3.6, True),
    Article(104, "Garden Matcha", "Green tea", _TEA, "Japan", 40, 24.50, 10.90, 3.2, True),
    Article(111, "Larkfield Breakfast", "Black tea", _TEA, "Sri Lanka", 250, 9.90, 3.30, 9.0, True),
    Article(112, "Smoky Pine Souchong", "Black tea", _TEA, "China", 100, 13.20, 5.10, 2.4, True),
    Article(113, "Bergamot Grey", "Black tea", _TEA, "India", 200, 10.80, 3.80, 7.0, True),
    Article(114, "High Ridge Darjeeling", "Black tea", _TEA, "India", 100, 17.60, 7.40, 3.0, True),
    Article(121, "Iron Petal Oolong", "Oolong", _TEA, "China", 100, 16.90, 6.80, 4.8, True),
    Article(122, "Honey Bark Oolong", "Oolong", _TEA, "Taiwan", 100, 21.50, 9.30, 3.0, True),
    Article(123, "Cliffside Oolong", "Oolong", _TEA, "China", 75, 26.00, 11.80, 1.6, True, date(2024, 3, 18)),
    Article(131, "Old Grove Pu-erh", "Pu-erh", _TEA, "China", 200, 23.90, 9.70, 2.2, True),
    Article(132, "Tangerine Pu-erh", "Pu-erh", _TEA, "China", 150, 18.70, 7.20, 2.0, True),
    Article(141, "Rosehip Hibiscus", "Herbal", _TEA, "Egypt", 150, 10.40, 3.10, 8.0, False),
    Article(142, "Evening Chamomile", "Herbal", _TEA, "Egypt", 90, 8.90, 2.80, 5.0, False),
    Article(143, "Ginger Lemongrass", "Herbal", _TEA, "Thailand", 120, 9.20, 2.90, 4.2, False),
    Article(144, "Peppermint Cut", "Herbal", _TEA, "Morocco", 80, 7.60, 2.10, 3.9, False),
    Article(145, "Iced Peach Blend", "Herbal", _TEA, None, 150, 9.80, 3.20, 3.4, False, date(2023, 4, 3)),
    Article(
        146, "Liquorice Root", "Herbal", _TEA, None, 100, 7.90, 2.40, 1.0, False, date(2018, 3, 1), date(2024, 1, 31)
    ),
    Article(201, "Harbour Espresso", "Whole beans", _COFFEE, "Brazil", 500, 13.90, 6.10, 7.5, True),
    Article(202, "Quayside Filter", "Whole beans", _COFFEE, "Colombia", 500, 14.60, 6.60, 4.6, True),
    Article(203, "Sidama Morning", "Whole beans", _COFFEE, "Ethiopia", 250, 12.20, 5.60, 3.1, True),
    Article(204, "Lighthouse Decaf", "Whole beans", _COFFEE, "Mexico", 500, 14.90, 7.00, 1.9, False),
    Article(211, "Harbour Ground", "Ground coffee", _COFFEE, "Brazil", 500, 12.90, 5.80, 3.4, True),
    Article(212, "Cold Brew Bags", "Ground coffee", _COFFEE, "Colombia", 300, 11.50, 4.70, 2.3, True),
    Article(
        213, "Drip Sachets Ten", "Ground coffee", _COFFEE, "Ethiopia", 110, 9.40, 3.90, 2.8, True, date(2024, 10, 7)
    ),
    Article(301, "Stoneware Pot", "Teaware", _WARE, "Portugal", None, 38.00, 17.50, 1.4, None),
    Article(302, "Glass Gaiwan", "Teaware", _WARE, "China", None, 22.00, 8.80, 1.7, None),
    Article(303, "Bamboo Whisk", "Teaware", _WARE, "China", None, 14.50, 5.20, 1.2, None),
    Article(304, "Travel Infuser", "Teaware", _WARE, "China", None, 18.90, 7.30, 2.0, None),
    Article(305, "Copper Kettle", "Teaware", _WARE, "Türkiye", None, 74.00, 39.00, 0.4, None),
    Article(311, "Four Seasons Box", "Gift boxes", _WARE, None, 320, 29.00, 12.60, 1.6, True),
    Article(312, "Lantern Tea Box", "Gift boxes", _WARE, None, 260, 36.00, 15.20, 1.1, True),
    Article(313, "Roaster's Trio", "Gift boxes", _WARE, None, 750, 34.50, 16.00, 1.0, True),
    Article(314, "Little Sampler", "Gift boxes", _WARE, None, 90, 14.00, 5.60, 2.2, True),
    Article(399, "Brass Sample Spoon", "Teaware", _WARE, "India", None, 11.00, 4.40, 0.0, None, date(2025, 9, 1)),
)
ARTICLE = {a.number: a for a in ARTICLES}


@dataclass(frozen=True, slots=True)
class Campaign:
    """A rebate for articles of `group` (None = all) in `nations` (empty = all), first to last day included."""

    code: str
    name: str
    mechanic: str
    rebate: int
    first: date
    last: date
    nations: tuple[str, ...] = ()
    group: str | None = None
    lift: float = 1.25


def _yearly(
    code: str, name: str, days: tuple[tuple[date, date], ...], rebate: int, lift: float
) -> tuple[Campaign, ...]:
    return tuple(Campaign(f"{code}{a:%y}", f"{name} {a.year}", "Percent off", rebate, a, b, lift=lift) for a, b in days)


CAMPAIGNS = (
    *_yearly("ADV", "Advent Cups", tuple((date(y, 12, 1), date(y, 12, 12)) for y in (2023, 2024)), 10, 1.3),
    *_yearly("SPR", "First Flush", tuple((date(y, 4, 15), date(y, 4, 28)) for y in (2023, 2024, 2025)), 12, 1.25),
    Campaign("LAN23", "Lantern Gifts 2023", "Percent off", 10, date(2023, 1, 9), date(2023, 1, 21), ("CN",), None, 1.2),
    Campaign("LAN24", "Lantern Gifts 2024", "Percent off", 10, date(2024, 1, 26), date(2024, 2, 9), ("CN",), None, 1.3),
    Campaign(
        "LAN25", "Lantern Gifts 2025", "Percent off", 10, date(2025, 1, 13), date(2025, 1, 28), ("CN",), None, 1.3
    ),
    Campaign("ICE24", "Iced Afternoons", "Percent off", 15, date(2024, 7, 8), date(2024, 7, 28), (), "Herbal", 1.1),
    Campaign("HUR25", "Hearth Weeks", "Percent off", 20, date(2025, 1, 13), date(2025, 2, 2), ("DE",), None, 1.0),
    Campaign("PLM25", "Plum Rain Days", "Percent off", 8, date(2025, 6, 9), date(2025, 6, 22), ("CN",), "Oolong", 1.75),
    Campaign("NEW25", "Copper Autumn", "Percent off", 10, date(2025, 11, 3), date(2025, 11, 16)),
)
