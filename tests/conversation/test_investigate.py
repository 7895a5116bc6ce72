"""From a plan to reasons and unusual days, over a small shop on a real DuckDB."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from bi_chat.conversation.breakdowns import candidates
from bi_chat.conversation.investigate import MOST_QUERIES, comparison_plan, driver_of, why
from bi_chat.conversation.parts import parts_of
from bi_chat.conversation.unusual import anomalies
from bi_chat.conversation.waterfall import waterfall
from bi_chat.engines.duckdb import DuckDBEngine
from bi_chat.narration.why import driver_sentences, unusual_sentences
from bi_chat.semantics.model import Dataset, Field, MetricDefinition, Relationship, SemanticModel
from bi_chat.sql.compile import compile_plan
from bi_chat.sql.guard import check
from bi_chat.values.analyses import Anomalies, Why
from bi_chat.values.drivers import Drivers, UnusualPoints
from bi_chat.values.issue import Issue, IssueCode
from bi_chat.values.period import Days, Earlier, Grain, Named
from bi_chat.values.plan import (
    Aggregate,
    Arithmetic,
    Compare,
    Constant,
    FieldRef,
    Fn,
    Literal,
    Measure,
    Measured,
    Metric,
    Plan,
    Window,
)
from bi_chat.values.result import Result

ASKED_ON = date(2024, 7, 1)
MAY, JUNE = Named(2024, ("month", 5)), Named(2024, ("month", 6))
# a shop in Graz shuts on 1 June; basket prices in Linz double; on 20 May everyone buys
SALES = """
create table towns (town_id int primary key, town varchar, province varchar, is_new boolean);
insert into towns values (1,'Graz','South',false),(2,'Linz','North',false),(3,'Wels','North',true),
  (4,'Enns','North',false);
create table sales (sale_id int primary key, day date, town_id int, channel varchar, note varchar, amount double);
insert into sales
select row_number() over (), day, town_id, case when n % 3 = 0 then 'web' else 'shop' end, 'note ' || (d * 97 + n * 31),
       case when town_id = 2 and day >= date '2024-06-01' then 20 else 10 end + (n + d) % 3
from (select unnest(range(0, 546)) as d) days, (select unnest([1, 2, 3, 4]) as town_id) towns,
     (select unnest(range(0, 30)) as n) baskets, lateral (select date '2023-01-01' + d::int as day) dates
where n < 6 + (d * 7 + town_id * 3) % 3 + case when day = date '2024-05-20' then 20 else 0 end
  and not (town_id = 1 and day >= date '2024-06-01');
"""


def _f(name: str, kind: str, datatype: str = "String", distinct: int | None = None) -> Field:
    return Field(name, name, datatype, kind, is_time=kind == "time", distinct=distinct)


MODEL = SemanticModel(
    "shop",
    (
        Dataset(
            "towns",
            "towns",
            ("town_id",),
            fields=(
                _f("town_id", "key", "Integer", 4),
                _f("town", "category", distinct=4),
                _f("province", "category", distinct=2),
                _f("is_new", "flag", "Boolean", 2),
            ),
            display="town",
        ),
        Dataset(
            "sales",
            "sales",
            ("sale_id",),
            fields=(
                _f("sale_id", "key", "Integer"),
                _f("day", "time", "Date"),
                _f("town_id", "key", "Integer", 4),
                _f("channel", "category", distinct=2),
                _f("note", "text"),
                _f("amount", "measure", "Float"),
            ),
            default_time="day",
        ),
    ),
    (Relationship("sales_town", "sales", "towns", ("town_id",), ("town_id",)),),
    (
        MetricDefinition("revenue", "SUM(sales.amount)", unit="EUR", format="currency"),
        MetricDefinition("basket", "100.0 * SUM(sales.amount) / NULLIF(COUNT(*), 0)", unit="EUR"),
        MetricDefinition("mean amount", "AVG(sales.amount) FILTER (WHERE sales.channel = 'web')"),
        MetricDefinition("double basket", "2 * (revenue / COUNT(sales.sale_id))"),
    ),
)


@dataclass
class Shop:
    """Runs plans over the shop and counts them."""

    engine: DuckDBEngine
    asked: int = 0

    def run(self, plan: Plan, model: SemanticModel) -> Result | Issue:
        self.asked += 1
        query = compile_plan(plan, model, ASKED_ON)
        if isinstance(query, Issue):
            return query
        checked = check(query, self.engine.catalog(), row_limit=10_000)
        return checked if isinstance(checked, Issue) else self.engine.run(checked)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDBEngine]:
    file: Path = tmp_path_factory.mktemp("shop") / "shop.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute(SALES)
    found = DuckDBEngine(file)
    yield found
    found.close()


@pytest.fixture()
def shop(engine: DuckDBEngine) -> Shop:
    return Shop(engine)


@pytest.fixture()
def reasons(shop: Shop) -> Callable[..., Drivers]:
    def ask(measure: Measure, *where: Compare) -> Drivers:
        plan = Plan((Measured(measure),), where=where, window=Window(JUNE), analysis=Why(MAY))
        found = why(plan, MODEL, shop.run, asked_on=ASKED_ON)
        assert isinstance(found, Drivers), found
        return found

    return ask


def test_the_closed_shop_is_named(reasons: Callable[..., Drivers], shop: Shop) -> None:
    # Linz's doubled prices hide the loss in the amounts, not in the number of baskets
    found = reasons(Aggregate(Fn.COUNT, "sales"))
    assert driver_of(found) == ("town", "Graz")
    assert found.headline is not None and found.headline.segment.after == 0
    assert ("province", "South") in [(a.field.field, a.segment.value) for a in found.also], "the same rows"
    assert shop.asked <= MOST_QUERIES


def test_parts_and_residual_add_up_to_the_change(reasons: Callable[..., Drivers]) -> None:
    for measure in (Metric("revenue"), Metric("basket"), Metric("mean amount"), Metric("double basket")):
        found = reasons(measure)
        assert found.breakdowns
        for b in found.breakdowns:
            total = math.fsum(s.contribution for s in b.segments) + b.residual
            assert math.isclose(total, found.change, rel_tol=1e-9, abs_tol=1e-9)
            assert abs(b.residual) < 1e-6 * max(1, abs(found.change)), (measure, b.label)


def test_a_ratio_is_split_into_rate_and_mix(reasons: Callable[..., Drivers]) -> None:
    found = reasons(Metric("basket"))
    assert found.kind == "ratio"
    assert driver_of(found) == ("town", "Linz")
    assert found.headline is not None and found.headline.segment.rate is not None
    assert found.headline.segment.rate > 10 * abs(found.headline.segment.mix or 0)


def test_a_median_is_split_approximately_and_says_so(reasons: Callable[..., Drivers]) -> None:
    found = reasons(Aggregate(Fn.MEDIAN, "sales", FieldRef("sales", "amount")))
    assert found.kind == "typical"
    assert "split_approximately" in [n.code for n in found.notes]
    for b in found.breakdowns:
        total = math.fsum(s.contribution for s in b.segments) + b.residual
        assert math.isclose(total, found.change, rel_tol=1e-9, abs_tol=1e-9)


def test_what_the_question_fixes_is_no_reason(reasons: Callable[..., Drivers]) -> None:
    found = reasons(Aggregate(Fn.COUNT, "sales"), Compare(FieldRef("towns", "province"), "=", Literal("North")))
    assert "province" not in [b.field.field for b in found.breakdowns]


def test_keys_free_text_and_dates_are_no_reasons() -> None:
    assert {c.ref.field for c in candidates(MODEL, ("sales",), ())} == {"channel", "town", "province", "is_new"}
    assert candidates(MODEL, (), ()) == ()


@pytest.mark.parametrize(
    ("measure", "kind"),
    [
        (Metric("revenue"), "sum"),
        (Metric("basket"), "ratio"),
        (Metric("mean amount"), "ratio"),
        (Aggregate(Fn.AVG, "sales", FieldRef("sales", "amount")), "ratio"),
        (Aggregate(Fn.MAX, "sales", FieldRef("sales", "amount")), "typical"),
        (Arithmetic("/", Metric("revenue"), Aggregate(Fn.COUNT, "sales")), "ratio"),
        (Arithmetic("/", Metric("revenue"), Constant(12)), "sum"),
    ],
)
def test_how_a_measure_is_taken_apart(measure: Measure, kind: str) -> None:
    parts = parts_of(measure, MODEL)
    assert parts is not None and (parts.kind, parts.homes) == (kind, ("sales",))


def test_what_can_not_be_explained_is_refused(shop: Shop) -> None:
    plan = Plan((Measured(Metric("revenue")),), analysis=Why(MAY))
    for odd, code in (
        (plan, IssueCode.NO_TIME_FIELD),
        (Plan((), window=Window(JUNE), analysis=Why(MAY)), IssueCode.NO_MEASURE),
        (Plan((Measured(Metric("gone")),), window=Window(JUNE), analysis=Why(MAY)), IssueCode.UNSUPPORTED),
        (Plan((Measured(Metric("basket")),), window=Window(JUNE), analysis=Why(Named(1990))), IssueCode.EMPTY_RESULT),
    ):
        found = why(odd, MODEL, shop.run, asked_on=ASKED_ON)
        assert isinstance(found, Issue) and found.code is code


def test_an_earlier_period_takes_its_dates_from_the_window(shop: Shop) -> None:
    asked = Why(Earlier())
    plan = Plan((Measured(Metric("revenue")),), window=Window(JUNE), analysis=asked)
    found = why(plan, MODEL, shop.run, asked_on=ASKED_ON)
    assert isinstance(found, Drivers)
    assert (found.baseline.start, found.baseline.end) == (date(2024, 5, 1), date(2024, 6, 1))
    shown = shop.run(comparison_plan(plan, asked), MODEL)
    assert isinstance(shown, Result) and shown.rows[0][:2] == (found.after, found.before)


@pytest.mark.parametrize(
    ("language", "words"), [("en", "coincides above all with town Graz"), ("zh", "「Graz」同时出现")]
)
def test_sentences_are_careful_and_hold_only_known_numbers(
    reasons: Callable[..., Drivers], language: str, words: str
) -> None:
    found = reasons(Aggregate(Fn.COUNT, "sales"))
    told = driver_sentences(found, language)
    assert any(words in s for s in told)
    assert not any(w in " ".join(told) for w in ("caused", "because", "导致", "{", "["))
    assert any("31" in s and "30" in s for s in told), "periods of unequal length are said"


def test_the_waterfall_adds_up_and_can_be_drawn(reasons: Callable[..., Drivers]) -> None:
    found = reasons(Metric("revenue"))
    drawn = waterfall(found, "en")
    assert drawn is not None
    result, chart = drawn
    assert math.isclose(math.fsum(float(str(row[3])) for row in result.rows), found.change, abs_tol=1e-6)
    assert chart.x in result.frame.columns and chart.y[0] in result.frame.columns


def test_the_day_when_everyone_bought_is_unusual(shop: Shop) -> None:
    window = Window(Days(date(2024, 5, 1), date(2024, 6, 1)))
    plan = Plan((Measured(Aggregate(Fn.COUNT, "sales")),), window=window, analysis=Anomalies(Grain.DAY))
    found = anomalies(plan, MODEL, shop.run, asked_on=ASKED_ON)
    assert isinstance(found, UnusualPoints)
    assert [p.at for p in found.points] == [date(2024, 5, 20)]
    assert found.checked == 31
    told = unusual_sentences(found, "en")
    assert told[0].startswith("1 of 31") and "20 May 2024" in told[1]


def test_unusual_days_of_a_new_shop_are_refused(shop: Shop) -> None:
    early = date(2023, 1, 1) + timedelta(days=10)
    plan = Plan((Measured(Metric("revenue")),), analysis=Anomalies(Grain.DAY), window=Window(Days(None, early)))
    found = anomalies(plan, MODEL, shop.run, asked_on=early)
    assert isinstance(found, Issue) and found.code is IssueCode.UNSUPPORTED
    assert json.dumps(dict(found.fields))
