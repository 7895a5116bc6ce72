"""Properties over random data and random plans: groups add up to totals, and whatever compiles runs."""

from __future__ import annotations

from datetime import date, timedelta

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shop import ASKED_ON, CATEGORY, CHANNEL, CITY, MODEL, MONTH, REGION, TABLES, by, during, of

from bi_chat.semantics.model import Dataset, Field, MetricDefinition, Relationship, SemanticModel
from bi_chat.sql.compile import compile_plan
from bi_chat.sql.guard import check
from bi_chat.values.catalog import Catalog, Column, Table
from bi_chat.values.issue import Issue
from bi_chat.values.period import DatePart, Days, Grain, Named
from bi_chat.values.plan import (
    TIME,
    Aggregate,
    AnyOf,
    Arithmetic,
    Bin,
    Change,
    Compare,
    Comparison,
    EntityMeasure,
    Exists,
    FieldRef,
    Fn,
    In,
    IsNull,
    Literal,
    Metric,
    Nested,
    Not,
    Order,
    PartOfDate,
    Plan,
    Rank,
    Rolling,
    Running,
    Share,
    TimeBucket,
)
from bi_chat.values.query import CheckedQuery


@st.composite
def stars(draw):
    """A fact with 1 to 3 dimensions, one of them with a parent, keys missing or dangling at will."""
    count = draw(st.integers(1, 3))
    keys = st.one_of(st.none(), st.integers(1, 4))
    parents = draw(st.lists(st.one_of(st.none(), st.integers(1, 2)), min_size=3, max_size=3))
    labels = draw(st.lists(st.sampled_from(["a", "b", None]), min_size=3, max_size=3))
    facts = draw(
        st.lists(
            st.tuples(st.lists(keys, min_size=count, max_size=count), st.integers(-5, 5), st.integers(0, 800)),
            max_size=25,
        )
    )
    return count, parents, labels, facts


def _star(con, star):
    count, parents, labels, facts = star
    con.execute("create or replace table parent (id int, name varchar); insert into parent values (1,'x'),(2,null)")
    datasets = [Dataset("parent", "parent", ("id",), (), (Field("id", "id"), Field("name", "name", "String")))]
    relations = []
    for i in range(count):
        con.execute(f"create or replace table dim{i} (id int, parent int, label varchar)")
        con.executemany(f"insert into dim{i} values (?,?,?)", [(n + 1, parents[n], labels[n]) for n in range(3)])
        fields = (Field("id", "id"), Field("label", "label", "String"))
        datasets.append(Dataset(f"dim{i}", f"dim{i}", ("id",), (), fields))
        relations.append(Relationship(f"to{i}", "fact", f"dim{i}", (f"k{i}",), ("id",)))
    relations.append(Relationship("up", "dim0", "parent", ("parent",), ("id",)))
    columns = ", ".join(f"k{i} int" for i in range(count))
    con.execute(f"create or replace table fact (id int, {columns}, amount int, happened timestamp)")
    start = date(2023, 1, 1)
    rows = [(n, *k, a, start + timedelta(days=d)) for n, (k, a, d) in enumerate(facts)]
    if rows:
        con.executemany(f"insert into fact values ({','.join('?' * (count + 3))})", rows)
    fact = (
        Field("id", "id", "Integer", nulls=False),
        Field("amount", "amount", "Integer"),
        Field("happened", "happened", "DateTime"),
    )
    datasets.append(Dataset("fact", "fact", ("id",), (), fact, default_time="happened"))
    metrics = (MetricDefinition("total", "SUM(fact.amount)"), MetricDefinition("rows", "COUNT(DISTINCT fact.id)"))
    return SemanticModel("star", tuple(datasets), tuple(relations), metrics)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(star=stars(), data=st.data())
def test_groups_add_up_to_the_total(star, data):
    with duckdb.connect() as con:
        model = _star(con, star)
        groupings = [FieldRef(f"dim{i}", "label") for i in range(star[0])] + [FieldRef("parent", "name"), MONTH]
        chosen = data.draw(st.lists(st.sampled_from(groupings), min_size=1, max_size=3, unique=True))
        measure = data.draw(st.sampled_from([Metric("total"), Metric("rows"), Aggregate(Fn.COUNT, "fact")]))
        window = data.draw(st.sampled_from([None, during(date(2023, 3, 1), date(2024, 1, 1))]))
        keep = data.draw(st.sampled_from([(), (In(groupings[0], ("a",), negated=True),), (IsNull(groupings[0]),)]))
        grouped = compile_plan(Plan(of(measure), by(*chosen), where=keep, window=window), model, date(2025, 1, 1))
        total = compile_plan(Plan(of(measure), where=keep, window=window), model, date(2025, 1, 1))
        assert not isinstance(grouped, Issue) and not isinstance(total, Issue)
        parts = [r[-1] for r in con.execute(grouped.sql).fetchall()]
        assert sum(p or 0 for p in parts) == (con.execute(total.sql).fetchone()[0] or 0)


FIELDS = [
    REGION,
    CITY,
    CATEGORY,
    CHANNEL,
    FieldRef("customers", "name"),
    FieldRef("customers", "tier"),
    FieldRef("orders", "order_id"),
    FieldRef("stores", "region", ("home_store",)),
    FieldRef("reviews", "stars"),
    FieldRef("products", "cost"),
]
SCALARS = [
    *FIELDS,
    MONTH,
    TimeBucket(TIME, Grain.WEEK),
    TimeBucket(TIME, Grain.QUARTER, fiscal=True),
    PartOfDate(TIME, DatePart.DAY_OF_WEEK),
    TimeBucket(FieldRef("orders", "shipped"), Grain.DAY),
    Bin(FieldRef("products", "cost"), 2),
    Bin(EntityMeasure(Metric("revenue"), "orders"), 10),
]
MEASURES = [
    *(Metric(m.name) for m in MODEL.metrics),
    Aggregate(Fn.COUNT, "orders"),
    Aggregate(Fn.COUNT, "customers"),
    Aggregate(Fn.AVG, "reviews", FieldRef("reviews", "stars")),
    Aggregate(Fn.SUM, "stock", FieldRef("stock", "on_hand")),
    Aggregate(Fn.SUM, "stores", FieldRef("stores", "area")),
    Aggregate(Fn.COUNT, "orders", FieldRef("orders", "customer_id"), distinct=True),
    Aggregate(Fn.MEDIAN, "lines", FieldRef("lines", "amount"), where=(In(CATEGORY, ("Office",)),)),
    Aggregate(Fn.CORRELATION, "lines", FieldRef("lines", "amount"), other=FieldRef("lines", "qty")),
    Arithmetic("/", Metric("refunded"), Metric("order count")),
    Arithmetic("-", Metric("revenue"), Metric("refunded")),
    Nested(Fn.AVG, Metric("revenue"), (FieldRef("orders", "order_id"),)),
    Nested(Fn.MAX, Metric("revenue"), (MONTH,)),
]
CONDITIONS = [
    In(CATEGORY, ("Office",)),
    In(CATEGORY, ("Office",), negated=True),
    In(CITY, ("Aden", None)),
    Not(In(CHANNEL, ("web",))),
    AnyOf((In(CATEGORY, ("Kitchen",)), IsNull(CHANNEL))),
    Exists("refunds"),
    Exists("orders", (In(CHANNEL, ("web",)),), negated=True),
    Compare(FieldRef("products", "cost"), ">", Literal(1.5)),
    Compare(EntityMeasure(Metric("revenue"), "orders"), ">", Literal(9)),
]
CALCULATIONS = [Share(), Share(0, (0,)), Change(), Change(0, Grain.YEAR), Running(), Rolling(0, 3), Rank()]


@st.composite
def plans(draw):
    measures = draw(st.lists(st.sampled_from(MEASURES), max_size=3))
    dimensions = draw(st.lists(st.sampled_from(SCALARS), max_size=3, unique=True))
    order = draw(st.lists(st.sampled_from([*measures, *dimensions]), max_size=2)) if measures or dimensions else []
    calculated = draw(st.lists(st.sampled_from(CALCULATIONS), max_size=2, unique=True)) if measures else []
    window = draw(st.sampled_from([None, during(date(2024, 1, 10), date(2024, 4, 1))]))
    having = draw(st.sampled_from([(), (Compare(Metric("order count"), ">", Literal(1)),)]))
    compared = Comparison(draw(st.sampled_from([Named(2023), Days(date(2023, 10, 1), date(2024, 1, 1))])))
    return Plan(
        of(*measures),
        by(*dimensions),
        base=None if measures else draw(st.sampled_from([None, "orders", "customers"])),
        where=tuple(draw(st.lists(st.sampled_from(CONDITIONS), max_size=2, unique=True))),
        window=window,
        having=having,
        order=tuple(Order(o) for o in order),
        limit=draw(st.sampled_from([None, 2])),
        limit_per=(0,) if dimensions and draw(st.booleans()) else (),
        calculations=tuple(calculated),
        comparison=compared if window and measures and not calculated and draw(st.booleans()) else None,
        ties=draw(st.booleans()),
    )


@pytest.fixture(scope="module")
def shop():
    with duckdb.connect() as con:
        con.execute(TABLES)
        listed = con.execute("select table_name, column_name, data_type from information_schema.columns").fetchall()
        columns = {t: tuple(Column(c, kind) for u, c, kind in listed if u == t) for t, _, _ in listed}
        yield con, Catalog(tuple(Table(name, found) for name, found in columns.items()))


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(plan=plans())
def test_whatever_compiles_passes_the_guard_and_runs(shop, plan):
    query = compile_plan(plan, MODEL, ASKED_ON)
    if isinstance(query, Issue):
        assert query.problem
        return
    con, catalog = shop
    checked = check(query, catalog)
    assert isinstance(checked, CheckedQuery), checked
    result = con.execute(query.sql)
    assert [d[0] for d in result.description] == [c.name for c in query.columns]
    first = result.fetchall()
    if plan.limit is not None and plan.measures:
        assert first == con.execute(query.sql).fetchall()
    visible = [r for r in first if r]
    if plan.measures and not plan.dimensions and not plan.having:
        assert len(visible) == 1
    if plan.measures and plan.dimensions:
        keys = [r[: len(plan.dimensions)] for r in visible]
        assert len(set(keys)) == len(keys), "a group stands in more than one row"


def test_the_same_plan_gives_the_same_text():
    plan = Plan(of("revenue", "refunded"), by(REGION, MONTH))
    texts = {compile_plan(plan, MODEL, ASKED_ON).sql for _ in range(3)}  # type: ignore[union-attr]
    assert len(texts) == 1
