"""Which segment is named first, and what is told to stand out."""

from __future__ import annotations

import math
import random
from datetime import date

import pytest

from bi_chat.analysis.drivers import Amounts, ByDimension, headline, quality, rank_drivers
from bi_chat.analysis.usual import Past, Usual, usual_moves
from bi_chat.values.plan import FieldRef

Row = tuple[str | None, float, float]


def counted(name: str, rows: list[Row]) -> ByDimension:
    """A dimension of a count: the amount is its number of rows."""
    return ByDimension(FieldRef("d", name), name, tuple((v, Amounts((a, b), (a, b))) for v, a, b in rows))


def whole(table: ByDimension) -> Amounts:
    before, after = (sum(a.top[i] for _, a in table.rows) for i in (0, 1))
    return Amounts((before, after), (before, after))


def named(tables: list[ByDimension], usual: dict[FieldRef, dict[object, Usual]] | None = None) -> str | None:
    total = whole(tables[0])
    ranked = rank_drivers(tables, total, ratio=False, usual=usual)  # type: ignore[arg-type]
    found = headline(ranked, total.top[1] - total.top[0])
    return str(found.segment.value) if found else None


REGIONS: list[Row] = [("North", 400, 404), ("South", 300, 306), ("East", 300, 96)]
SHOPS_ALL_EAST: list[Row] = [("N1", 200, 204), ("N2", 200, 200), ("S1", 300, 306), ("E1", 150, 50), ("E2", 150, 46)]
SHOPS_ONE: list[Row] = [("N1", 200, 202), ("N2", 200, 202), ("S1", 300, 306), ("E1", 210, 6), ("E2", 90, 90)]


def test_a_whole_region_is_named_rather_than_one_of_its_shops() -> None:
    assert named([counted("region", REGIONS), counted("shop", SHOPS_ALL_EAST)]) == "East"


def test_a_single_shop_is_named_rather_than_its_region() -> None:
    assert named([counted("region", REGIONS), counted("shop", SHOPS_ONE)]) == "E1"


def test_segments_and_residual_add_up_to_the_change() -> None:
    tables = [counted("region", REGIONS), counted("shop", SHOPS_ONE[:3])]
    total = whole(tables[0])
    for found in rank_drivers(tables, total, ratio=False):
        assert math.isclose(math.fsum(s.contribution for s in found.segments) + found.residual, -194, rel_tol=1e-9)


def test_a_segment_that_moved_against_the_total_is_never_named() -> None:
    assert named([counted("region", [("A", 100, 190), ("B", 500, 200), ("C", 100, 100)])]) == "B"


def test_rows_without_a_value_are_counted_but_not_named() -> None:
    tables = [counted("reason", [(None, 100, 400), ("late", 50, 70), ("broken", 50, 50)])]
    ranked = rank_drivers(tables, whole(tables[0]), ratio=False)
    assert ranked[0].segments[0].value is None
    assert headline(ranked, 320) is None or headline(ranked, 320).segment.value is not None  # type: ignore[union-attr]


def test_values_that_live_in_one_period_only_are_no_reason() -> None:
    campaigns: list[Row] = [("Spring 24", 300, 0), ("Spring 25", 0, 500), ("always", 50, 60)]
    regions: list[Row] = [("North", 150, 360), ("South", 200, 200)]
    tables = [counted("campaign", campaigns), counted("region", regions)]
    ranked = rank_drivers(tables, whole(tables[0]), ratio=False)
    assert [b.periodic for b in ranked if b.label == "campaign"] == [True]
    assert named(tables) == "North"


def test_nothing_stands_out_of_a_change_that_all_share() -> None:
    tables = [counted("region", [("A", 100, 152), ("B", 200, 297), ("C", 300, 451), ("D", 50, 74)])]
    ranked = rank_drivers(tables, whole(tables[0]), ratio=False)
    assert not any(s.stands_out for s in ranked[0].segments)


def test_chance_alone_seldom_stands_out() -> None:
    chance, found = random.Random(5), 0
    for _ in range(40):
        tables = []
        for size in (4, 8, 20):
            before = [0] * size
            after = [0] * size
            for side in (before, after):
                for _ in range(600):
                    side[chance.randrange(size)] += 1
            tables.append(counted(f"d{size}", [(f"v{i}", before[i], after[i]) for i in range(size)]))
        total = Amounts((600, 600.5), (600, 600))
        found += any(s.stands_out for b in rank_drivers(tables, total, ratio=False) for s in b.segments)
    assert found <= 8


def test_a_ratio_is_explained_by_the_segment_whose_own_value_moved() -> None:
    teams = [("A", 300.0, 900.0, 100, 100), ("B", 310.0, 300.0, 100, 100), ("C", 290.0, 300.0, 100, 100)]
    days = [(d, 180.0, 300.0, 60, 60) for d in ("Mo", "Tu", "We", "Th", "Fr")]
    tables = [
        ByDimension(FieldRef("d", name), name, tuple((v, Amounts((a, b), (m, n))) for v, a, b, m, n in rows))
        for name, rows in (("team", teams), ("day", days))
    ]
    total = Amounts((900, 1500), (300, 300))
    ranked = rank_drivers(tables, total, ratio=True)
    top = headline(ranked, 2.0)
    assert top is not None
    assert (top.segment.value, top.segment.mix) == ("A", 0.0)
    assert math.isclose(top.segment.contribution, 2.0)
    assert math.isclose(math.fsum(s.contribution for s in ranked[0].segments), 2.0)


def test_quality_needs_both_power_and_surprise() -> None:
    ranked = rank_drivers([counted("region", REGIONS)], whole(counted("region", REGIONS)), ratio=False)
    assert quality(ranked[0].segments[0], -194) > 0
    assert quality(ranked[0].segments[0], 194) == 0
    assert quality(ranked[0].segments[0], 0) == 0


@pytest.mark.parametrize(("drifts", "expected"), [(True, 0.1), (False, 0.0)])
def test_usual_moves_are_medians_over_earlier_pairs(drifts: bool, expected: float) -> None:
    past = []
    for year in range(2015, 2021):
        share = 0.2 + 0.1 * (year - 2015)
        past += [Past(date(year, 1, 1), "new", 100 * share, 1), Past(date(year, 1, 1), "old", 100 * (1 - share), 1)]
    pairs = [(date(y, 1, 1), date(y + 1, 1, 1)) for y in range(2015, 2020)]
    found = usual_moves(past, pairs, ratio=False, drifts=drifts)
    assert found["new"].drift == pytest.approx(expected)
    assert usual_moves(past, pairs[:2], ratio=False, drifts=drifts) == {}


def test_what_a_segment_does_every_year_is_expected_of_it() -> None:
    levels: list[Row] = [("Bud", 300, 520), ("Leaf", 700, 680)]
    towns: list[Row] = [("Graz", 250, 380), ("Linz", 250, 275), ("Wels", 250, 270), ("Enns", 250, 275)]
    tables = [counted("level", levels), counted("town", towns)]
    assert named(tables) == "Bud"
    usual = {FieldRef("d", "level"): {"Bud": Usual(0.16, 0.02), "Leaf": Usual(-0.16, 0.02)}}
    assert named(tables, usual) == "Graz"  # type: ignore[arg-type]


def test_a_shop_that_shut_is_a_reason_but_a_campaign_that_began_is_not() -> None:
    shut = [counted("shop", [("Graz", 40, 0), (None, 30, 28)])]
    assert named(shut) == "Graz"
    begun = ByDimension(
        FieldRef("d", "campaign"),
        "campaign",
        (("Summer", Amounts((0, 90), (0, 90))), (None, Amounts((100, 60), (100, 60)))),
        timed=True,
    )
    assert named([begun, counted("town", [("Graz", 50, 100), ("Linz", 50, 50)])]) == "Graz"


def test_of_names_for_the_same_rows_the_most_telling_is_taken() -> None:
    rows = counted("x", [("one", 40, 90), ("two", 60, 60)]).rows
    route = ByDimension(FieldRef("d", "route"), "route", rows, values=3)
    shop = ByDimension(FieldRef("d", "shop"), "shop", rows, values=11)
    top = headline(rank_drivers([route, shop], Amounts((100, 150), (100, 150)), ratio=False), 50)
    assert top is not None and top.field.field == "shop"
