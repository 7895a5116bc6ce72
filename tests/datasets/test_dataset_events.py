"""The planted events are really to be seen in the data, at about the strength the READMEs say."""

from __future__ import annotations

from datetime import date

LINES = "purchase_lines l JOIN purchases p USING (purchase_no) JOIN articles a USING (article_no)"


def one(con, sql: str):
    (row,) = con.sql(sql).fetchall()
    return row if len(row) > 1 else row[0]


def test_stock_out_of_the_best_seller(teahouse) -> None:
    assert (
        one(teahouse, f"SELECT a.article FROM {LINES} GROUP BY 1 ORDER BY sum(l.packs) DESC LIMIT 1")
        == "Fern Valley Sencha"
    )
    sold = f"SELECT count(*) FROM {LINES} WHERE a.article_no = 101 AND p.billing_nation NOT IN ('CN', 'JP')"
    assert one(teahouse, f"{sold} AND placed_at >= DATE '2024-05-13' AND placed_at < DATE '2024-06-03'") == 0
    assert one(teahouse, f"{sold} AND placed_at >= DATE '2024-04-22' AND placed_at < DATE '2024-05-13'") > 20
    empty = (
        "SELECT list(as_at ORDER BY as_at) FROM stock_weekly "
        "WHERE article_no = 101 AND depot = 'Antwerp' AND packs_on_hand = 0"
    )
    assert one(teahouse, empty) == [date(2024, 5, 13), date(2024, 5, 20), date(2024, 5, 27)]


def test_price_rise_costs_volume_while_other_coffee_grows(teahouse) -> None:
    year = "placed_at >= DATE '{}-09-02' AND placed_at < DATE '{}-09-02'"
    packs = "SELECT sum(packs) FILTER (WHERE {}) / sum(packs) FILTER (WHERE {}) FROM " + LINES + " WHERE {}"
    after, before = year.format(2024, 2025), year.format(2023, 2024)
    assert 0.7 < one(teahouse, packs.format(after, before, "a.article_no = 201")) < 0.87
    others = "a.family = 'Coffee' AND a.article_no NOT IN (201, 213)"
    assert one(teahouse, packs.format(after, before, others)) > 1.15
    prices = (
        f"SELECT list(DISTINCT l.pack_price::DOUBLE ORDER BY l.pack_price::DOUBLE) FROM {LINES} "
        "WHERE a.article_no = 201"
    )
    assert one(teahouse, prices) == [13.9, 16.9]


def test_bad_batch_shows_in_refunds_ratings_and_words(teahouse) -> None:
    refunds = (
        "SELECT count(*) FROM refunds WHERE article_no = 141 AND refunded_on >= DATE '{}' AND refunded_on < DATE '{}'"
    )
    assert one(teahouse, refunds.format("2024-11-01", "2025-01-01")) > 5 * one(
        teahouse, refunds.format("2024-09-01", "2024-11-01")
    )
    stars = (
        "SELECT avg(stars) FROM feedback WHERE article_no = 141 AND written_on >= DATE '{}' AND written_on < DATE '{}'"
    )
    assert (
        one(teahouse, stars.format("2024-11-15", "2024-12-20"))
        < 2.4
        < 3.5
        < one(teahouse, stars.format("2023-01-01", "2024-11-01"))
    )
    mould = (
        "SELECT count(*) FILTER (WHERE article_no = 141), count(*) FROM feedback "
        "WHERE regexp_matches(words, '(?i)mo+uld|musty|霉')"
    )
    told, all_told = one(teahouse, mould)
    assert told > 25 and told == all_told


def test_shop_closed_for_renovation(teahouse) -> None:
    orders = (
        "SELECT count(*) FROM purchases WHERE shop_code = 'GWY' AND placed_at >= DATE '{}' AND placed_at < DATE '{}'"
    )
    assert one(teahouse, orders.format("2025-02-17", "2025-04-07")) == 0
    assert one(teahouse, orders.format("2025-04-07", "2025-05-26")) > 30


def test_corporate_order_is_the_best_day_by_far(teahouse) -> None:
    first, second = teahouse.sql(
        f"SELECT p.placed_at::DATE, sum(l.net_amount) FROM {LINES} GROUP BY 1 ORDER BY 2 DESC LIMIT 2"
    ).fetchall()
    assert first[0] == date(2023, 11, 22) and first[1] > 5 * second[1]


def test_one_campaign_worked_and_one_did_not(teahouse) -> None:
    oolong = (
        f"SELECT sum(packs) FROM {LINES} WHERE a.article_group = 'Oolong' AND billing_nation = 'CN' AND placed_at >= "
    )
    during = one(teahouse, oolong + "DATE '2025-06-09' AND placed_at < DATE '2025-06-23'")
    assert during > 2.5 * one(teahouse, oolong + "DATE '2025-05-26' AND placed_at < DATE '2025-06-09'")
    orders = (
        "SELECT count(*) FROM purchases "
        "WHERE billing_nation = 'DE' AND placed_at >= DATE '{}' AND placed_at < DATE '{}'"
    )
    spend = (
        "SELECT sum(spend) FROM media_spend WHERE nation_code = 'DE' AND spent_on >= DATE '{}' AND spent_on < DATE '{}'"
    )
    hearth, later = ("2025-01-13", "2025-02-03"), ("2025-02-03", "2025-02-24")
    assert one(teahouse, orders.format(*hearth)) < 1.1 * one(teahouse, orders.format(*later))
    assert one(teahouse, spend.format(*hearth)) > 3 * one(teahouse, spend.format(*later))


def test_screens_were_down_and_the_tracker_lost_a_week(teahouse) -> None:
    screen = (
        "SELECT count(*) FROM purchases "
        "WHERE shop_code IS NULL AND placed_at >= TIMESTAMP '2025-08-05 06:00' AND placed_at < DATE '2025-08-06'"
    )
    assert one(teahouse, screen) == 0
    lost = "SELECT min(spent_on), max(spent_on), list(DISTINCT medium) FROM media_spend WHERE impressions IS NULL"
    assert one(teahouse, lost) == (date(2024, 3, 4), date(2024, 3, 10), ["Social feed"])


def test_business_has_its_rhythm(teahouse) -> None:
    months = dict(
        teahouse.sql(
            "SELECT month(placed_at), count(*) FROM purchases WHERE year(placed_at) = 2024 GROUP BY 1"
        ).fetchall()
    )
    assert months[12] > 1.4 * months[7]
    days = dict(
        teahouse.sql(
            "SELECT isodow(placed_at), count(*) FROM purchases WHERE shop_code IS NOT NULL GROUP BY 1"
        ).fetchall()
    )
    assert max(days, key=days.__getitem__) == 6
    years = dict(
        teahouse.sql(
            "SELECT year(placed_at), count(*) FROM purchases WHERE month(placed_at) <= 9 GROUP BY 1"
        ).fetchall()
    )
    assert years[2023] < years[2024] < years[2025]


def test_amounts_of_a_line_agree(teahouse) -> None:
    assert one(teahouse, "SELECT count(*) FROM purchase_lines WHERE packs * pack_price - rebate <> net_amount") == 0
    over = (
        "SELECT count(*) FROM refunds r JOIN purchase_lines l USING (purchase_no, article_no) "
        "WHERE r.refunded_amount > l.net_amount OR r.packs_back > l.packs"
    )
    assert one(teahouse, over) == 0


def drinks(market, condition: str) -> float:
    return float(one(market, f"SELECT avg(packs_sold) FROM demand_weekly JOIN skus USING (sku_code) WHERE {condition}"))


def test_structural_break_in_poland(market) -> None:
    weeks = "market_code = '{}' AND drink_type = 'Oat drink' AND week_start >= DATE '{}' AND week_start < DATE '{}'"
    year_before, year_after = ("2021-04-05", "2022-04-04"), ("2022-04-04", "2023-04-03")
    assert drinks(market, weeks.format("POL", *year_after)) < 0.8 * drinks(market, weeks.format("POL", *year_before))
    assert drinks(market, weeks.format("DEU", *year_after)) > 0.95 * drinks(market, weeks.format("DEU", *year_before))


def test_newcomer_is_cheap_and_takes_demand(market) -> None:
    first = market.sql(
        "SELECT market_code, min(week_start) FROM competitor_prices WHERE competitor = 'Quillo' GROUP BY 1"
    ).fetchall()
    assert sorted(first) == [("DEU", date(2023, 3, 6)), ("ESP", date(2023, 3, 6))]
    weeks = "market_code = '{}' AND drink_type = 'Kombucha' AND week_start >= DATE '{}' AND week_start < DATE '{}'"
    for code, falls in (("ESP", True), ("DEU", True), ("CHN", False)):
        before = drinks(market, weeks.format(code, "2022-06-06", "2023-03-06"))
        after = drinks(market, weeks.format(code, "2023-06-05", "2024-03-04"))
        assert (after < 0.93 * before) == falls, code


def test_lunar_new_year_moves_demand(market) -> None:
    sql = """SELECT week_start, sum(packs_sold) FROM demand_weekly
        WHERE market_code = 'VNM' AND week_start IN (DATE '{}', DATE '{}')
             GROUP BY 1 ORDER BY 1"""
    for before, after in (("2024-01-29", "2024-02-12"), ("2025-01-20", "2025-02-03"), ("2023-01-09", "2023-01-23")):
        (_, stocked), (_, quiet) = market.sql(sql.format(before, after)).fetchall()
        assert stocked > 1.5 * quiet


def test_price_elasticity_has_the_planted_order(market) -> None:
    # within a market, article and quarter, so that trend and season do not blur the slope
    rows = market.sql("""
        WITH d AS (SELECT drink_type, ln(packs_sold) AS q, ln(pack_price) AS p,
            market_code, sku_code, date_trunc('quarter', week_start) AS t
                   FROM demand_weekly JOIN skus USING (sku_code)),
             c AS (SELECT drink_type, q - avg(q) OVER w AS q,
                 p - avg(p) OVER w AS p FROM d WINDOW w AS (PARTITION BY market_code, sku_code, t))
        SELECT drink_type, regr_slope(q, p) FROM c GROUP BY 1""").fetchall()
    slope = dict(rows)
    assert slope["Kombucha"] < slope["Oat drink"] < slope["Canned coffee"] < -0.9
    assert abs(slope["Kombucha"] + 2.2) < 0.35


def test_advertising_works_later_and_search_leads(market) -> None:
    sql = """
        WITH d AS (SELECT market_code, drink_type, week_start, ln(sum(packs_sold)) AS q
            FROM demand_weekly JOIN skus USING (sku_code)
                   WHERE sku_code <> 'CC2' GROUP BY ALL),
             c AS (SELECT *, q - avg(q)
                 OVER (PARTITION BY market_code, drink_type
                     ORDER BY week_start ROWS BETWEEN 6 PRECEDING AND 6 FOLLOWING) AS e FROM d)
        SELECT corr(c.e, a.spend_eur) FROM c JOIN ad_spend a
            ON a.market_code = c.market_code AND a.drink_type = c.drink_type
               AND a.week_start = c.week_start - INTERVAL {} WEEK"""
    by_lag = {lag: one(market, sql.format(lag)) for lag in (0, 2, 6)}
    assert by_lag[2] > by_lag[0] and by_lag[2] > by_lag[6]


def test_a_week_of_fame(market) -> None:
    sql = (
        "SELECT week_start FROM demand_weekly "
        "WHERE market_code = 'VNM' AND sku_code = 'KO1' ORDER BY packs_sold DESC LIMIT 1"
    )
    assert one(market, sql) == date(2024, 8, 19)


def test_panel_has_every_week_once(market) -> None:
    weeks, first, last = one(
        market, "SELECT count(DISTINCT week_start), min(week_start), max(week_start) FROM demand_weekly"
    )
    assert (weeks, first, last) == (353, date(2019, 1, 7), date(2025, 10, 6))
    assert one(market, "SELECT count(*) FROM (SELECT week_start FROM demand_weekly WHERE isodow(week_start) <> 1)") == 0
