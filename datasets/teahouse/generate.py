"""Out: the Parquet files of the teahouse data set. Run from the repository root:

python -m datasets.teahouse.generate [FOLDER]     (default: beside this file)
"""

from __future__ import annotations

import sys
from pathlib import Path

from datasets.chance import Chance
from datasets.parquet import cents, write_table
from datasets.teahouse import ledgers, voices
from datasets.teahouse.assortment import ARTICLES, CAMPAIGNS, NATIONS, SHOPS
from datasets.teahouse.books import Books, Shopper
from datasets.teahouse.sales import Till

SEED = 1706
TOWNS = {
    "GB": ("Bath", "York", "Norwich", "Ludlow", "Kendal"),
    "IE": ("Galway", "Ennis"),
    "DE": ("Bremen", "Leipzig", "Jena", "Celle"),
    "NL": ("Utrecht", "Zwolle"),
    "CN": ("Hangzhou", "Suzhou", "Chengdu", "Ningbo"),
    "CA": ("Halifax", "Moncton"),
    "JP": ("Kobe", "Nara"),
}


def generate(folder: Path) -> None:
    """Write every table into the folder. The same on every run and machine."""
    books = Till(Chance(SEED)).sell_all()
    _write_people(folder, books)
    _write_sales(folder, books)
    _write_range(folder)
    _write_ledgers(folder, books)


def _write_people(folder: Path, books: Books) -> None:
    chance = Chance(SEED + 1)
    schema = (
        "shopper_code text, display_name text, shopper_kind text, home_nation text, home_town text, "
        "joined_on date, birth_year int, club_level text, takes_newsletter flag"
    )
    rows = [
        (s.code, s.name, s.kind, s.nation, _town(s, chance), s.joined, s.birth_year, _level(s, chance), s.newsletter)
        for s in sorted(books.shoppers, key=lambda s: s.code)
    ]
    write_table(folder, "shoppers", schema, rows)
    opinion_schema = (
        "feedback_no int, article_no int, shopper_code text, written_on date, stars int, words text, written_in text"
    )
    opinions = voices.collect(books, Chance(SEED + 2))
    write_table(
        folder,
        "feedback",
        opinion_schema,
        [(o.number, o.article, o.shopper, o.day, o.stars, o.words, o.language) for o in opinions],
    )


def _town(shopper: Shopper, chance: Chance) -> str | None:
    if chance.happens(0.05):
        return None
    town = chance.pick(TOWNS[shopper.nation])
    return chance.pick((town.upper(), f"{town} ")) if chance.happens(0.012) else town


def _level(shopper: Shopper, chance: Chance) -> str | None:
    if shopper.kind == "Company" or chance.happens(0.12):
        return None
    return "Blossom" if shopper.bought >= 14 else "Leaf" if shopper.bought >= 5 else "Bud"


def _write_sales(folder: Path, books: Books) -> None:
    schema = (
        "purchase_no int, shopper_code text, shop_code text, sold_via text, placed_at timestamp, "
        "billing_nation text, delivery_nation text, paid_with text, campaign_code text, "
        "delivered_on date"
    )
    rows = [
        (p.number, p.shopper, p.shop, p.via, p.placed, p.billing, p.delivery, p.paid_with, p.campaign, p.delivered)
        for p in books.purchases
    ]
    write_table(folder, "purchases", schema, rows)
    line_schema = (
        "purchase_no int, line_pos int, article_no int, packs int, pack_price money, rebate money, "
        "net_amount money, cost_amount money"
    )
    write_table(
        folder,
        "purchase_lines",
        line_schema,
        [(n.purchase, n.position, n.article, n.packs, n.price, n.rebate, n.net, n.cost) for n in books.lines],
    )
    refund_schema = (
        "refund_no int, purchase_no int, article_no int, refunded_on date, packs_back int, "
        "refunded_amount money, cause text"
    )
    refunds = sorted(books.refunds, key=lambda r: (r.day, r.purchase, r.article))
    write_table(
        folder,
        "refunds",
        refund_schema,
        [(no, r.purchase, r.article, r.day, r.packs, r.amount, r.cause) for no, r in enumerate(refunds, 901)],
    )


def _write_range(folder: Path) -> None:
    write_table(
        folder,
        "nations",
        "nation_code text, nation text, zone text",
        [(n.code, n.name, n.zone) for n in NATIONS],
    )
    _write_articles(folder)
    shop_schema = "shop_code text, shop text, nation_code text, town text, setting text, opened date, floor_m2 int"
    write_table(
        folder,
        "shops",
        shop_schema,
        [(s.code, s.name, s.nation, s.town, s.setting, s.opened, s.floor_m2) for s in SHOPS],
    )
    campaign_schema = (
        "campaign_code text, campaign text, mechanic text, rebate_percent int, first_day date, last_day date"
    )
    write_table(
        folder,
        "campaigns",
        campaign_schema,
        [(c.code, c.name, c.mechanic, c.rebate, c.first, c.last) for c in CAMPAIGNS],
    )


def _write_articles(folder: Path) -> None:
    schema = (
        "article_no int, article text, article_group text, family text, origin text, pack_grams int, "
        "shelf_price money, buying_price money, has_caffeine flag, released date, withdrawn date"
    )
    rows = [
        (
            a.number,
            a.name,
            a.group,
            a.family,
            a.origin,
            a.grams,
            cents(a.shelf),
            cents(a.buying),
            a.caffeine,
            a.released,
            a.withdrawn,
        )
        for a in ARTICLES
    ]
    write_table(folder, "articles", schema, rows)


def _write_ledgers(folder: Path, books: Books) -> None:
    stock_schema = "as_at date, depot text, article_no int, packs_on_hand int, packs_on_order int"
    write_table(folder, "stock_weekly", stock_schema, ledgers.stock(books, Chance(SEED + 3)))
    spend_schema = "spent_on date, medium text, nation_code text, spend money, impressions bigint, clicks bigint"
    write_table(folder, "media_spend", spend_schema, ledgers.media_spend(Chance(SEED + 4)))
    write_table(
        folder,
        "revenue_goals",
        "goal_month date, nation_code text, goal_amount money",
        ledgers.goals(Chance(SEED + 5)),
    )


if __name__ == "__main__":
    generate(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
