"""A small shop whose every number can be checked by hand; each table is a trap for one kind of wrong number."""

from __future__ import annotations

from datetime import date

from bi_chat.semantics.model import Dataset, Field, MetricDefinition, Relationship, SemanticModel
from bi_chat.values.period import BusinessCalendar, Days, Grain
from bi_chat.values.plan import TIME, Dimension, FieldRef, Measure, Measured, Metric, Scalar, TimeBucket, Window

ASKED_ON = date(2024, 4, 10)

TABLES = """
create table stores (store_id int, city varchar, region varchar, area int);
insert into stores values (1,'Aden','North',100),(2,'Bern','North',50),(3,'Cork','South',200),(4,'Dove',null,10);
create table customers (customer_id int, name varchar, home_store int, tier varchar, joined date);
insert into customers values (1,'Ann',1,'gold','2023-01-10'),(2,'Bob',2,null,'2023-05-01'),
  (3,'Cyd',3,'silver','2024-01-05'),(4,'Dan',null,'gold','2024-02-29');
create table products (product_id int, title varchar, category varchar, cost decimal(8,2));
insert into products values (1,'Pen','Office',1.00),(2,'Ink','Office',2.00),(3,'Cup','Kitchen',3.00),(4,'Odd',null,4);
create table orders (order_id int, customer_id int, store_id int, placed timestamp, shipped date, channel varchar);
insert into orders values
  (1,1,1,'2024-01-31 23:30','2024-02-02','web'),(2,1,2,'2024-02-01 00:00','2024-02-05','shop'),
  (3,2,1,'2024-02-15 10:00',null,'web'),(4,3,3,'2024-04-02 09:00','2024-04-03','web'),
  (5,null,null,'2024-04-09 12:00',null,null),(6,2,2,'2023-02-10 12:00','2023-02-11','shop');
create table lines (order_id int, line_no int, product_id int, qty int, amount decimal(10,2));
insert into lines values (1,1,1,10,10.00),(1,2,3,1,5.00),(2,1,1,5,5.00),(3,1,2,2,8.00),(3,2,1,1,1.00),
  (4,1,3,4,20.00),(5,1,4,1,7.00),(5,2,null,1,3.00),(6,1,2,10,40.00);
create table refunds (refund_id int, order_id int, product_id int, refunded_on date, amount decimal(10,2));
insert into refunds values (1,1,1,'2024-02-10',2.00),(2,1,3,'2024-02-11',5.00),(3,3,2,'2024-03-01',8.00);
create table reviews (review_id int, product_id int, customer_id int, stars int, written date);
insert into reviews values (1,1,1,5,'2024-02-02'),(2,1,2,3,'2024-03-05'),(3,3,1,1,'2024-04-01');
create table subs (sub_id int, customer_id int, started date, ended date, fee double);
insert into subs values (1,1,'2024-01-01',null,10),(2,2,'2024-01-15','2024-03-01',20),(3,3,'2024-03-31',null,40),
  (4,4,'2024-02-01','2024-02-20',80);
create table stock (day date, store_id int, on_hand int);
insert into stock values ('2024-01-01',1,5),('2024-01-31',1,7),('2024-01-31',2,3),('2024-02-28',1,6),('2024-02-28',2,2),
  ('2024-02-10',1,99);
create table ads (day varchar, channel varchar, spend decimal(8,2));
insert into ads values ('20240131','web',4.00),('20240201','web',6.00),('20240229','tv',5.00),('20240301','web',1.00);
create table targets (region varchar, yr int, goal int);
insert into targets values ('North',2023,100),('North',2024,200),('South',2024,300);
create table results (region varchar, yr int, got int);
insert into results values ('North',2023,90),('North',2024,10),('North',2024,20),('South',2023,1),('South',2024,5);
create table days (day date, n int);
insert into days values ('2024-01-03',32),
  ('2020-12-28',1),('2021-01-03',2),('2021-01-04',4),('2024-12-30',8),('2025-01-05',16);
"""


def _f(name: str, datatype: str = "Integer", **more: object) -> Field:
    return Field(name, name, datatype, **more)  # type: ignore[arg-type]


DATASETS = (
    Dataset(
        "stores",
        "shop.main.stores",
        ("store_id",),
        (),
        (_f("store_id"), _f("city", "String"), _f("region", "String"), _f("area")),
    ),
    Dataset(
        "customers",
        "customers",
        ("customer_id",),
        (),
        (
            _f("customer_id", nulls=False),
            _f("name", "String"),
            _f("home_store"),
            _f("tier", "String"),
            _f("joined", "Date"),
        ),
        default_time="joined",
    ),
    Dataset(
        "products",
        "products",
        ("product_id",),
        (),
        (_f("product_id"), _f("title", "String"), _f("category", "String"), _f("cost", "Decimal")),
    ),
    Dataset(
        "orders",
        "orders",
        ("order_id",),
        (),
        (
            _f("order_id"),
            _f("customer_id"),
            _f("store_id"),
            _f("placed", "DateTime", low="2023-02-10T12:00:00", high="2024-04-09T12:00:00"),
            _f("shipped", "Date"),
            _f("channel", "String"),
        ),
        default_time="placed",
    ),
    Dataset(
        "lines",
        "lines",
        ("order_id", "line_no"),
        (),
        (_f("order_id"), _f("line_no"), _f("product_id"), _f("qty"), _f("amount", "Decimal")),
        default_time="orders.placed",
    ),
    Dataset(
        "refunds",
        "refunds",
        ("refund_id",),
        (),
        (_f("refund_id"), _f("order_id"), _f("product_id"), _f("refunded_on", "Date"), _f("amount", "Decimal")),
        default_time="refunded_on",
    ),
    Dataset(
        "reviews",
        "reviews",
        ("review_id",),
        (),
        (_f("review_id"), _f("product_id"), _f("customer_id"), _f("stars"), _f("written", "Date")),
        default_time="written",
    ),
    Dataset(
        "subs",
        "subs",
        ("sub_id",),
        (),
        (_f("sub_id"), _f("customer_id"), _f("started", "Date"), _f("ended", "Date"), _f("fee", "Float")),
        default_time="started",
    ),
    Dataset(
        "stock",
        "stock",
        (),
        (),
        (_f("day", "Date"), _f("store_id"), _f("on_hand", additivity="semi")),
        default_time="day",
    ),
    Dataset(
        "ads",
        "ads",
        (),
        (),
        (_f("day", "String", time_format="%Y%m%d", is_time=True), _f("channel", "String"), _f("spend", "Decimal")),
        default_time="day",
    ),
    Dataset("targets", "targets", ("region", "yr"), (), (_f("region", "String"), _f("yr", is_time=True), _f("goal"))),
    Dataset(
        "results", "results", (), (), (_f("region", "String"), _f("yr", is_time=True), _f("got")), default_time="yr"
    ),
    Dataset("days", "days", (), (), (_f("day", "Date"), _f("n")), default_time="day"),
)

RELATIONSHIPS = (
    Relationship("line_order", "lines", "orders", ("order_id",), ("order_id",)),
    Relationship("line_product", "lines", "products", ("product_id",), ("product_id",)),
    Relationship("order_customer", "orders", "customers", ("customer_id",), ("customer_id",)),
    Relationship("order_store", "orders", "stores", ("store_id",), ("store_id",), role="order store"),
    Relationship("home_store", "customers", "stores", ("home_store",), ("store_id",), role="home store"),
    Relationship("refund_order", "refunds", "orders", ("order_id",), ("order_id",)),
    Relationship("refund_product", "refunds", "products", ("product_id",), ("product_id",)),
    Relationship("review_product", "reviews", "products", ("product_id",), ("product_id",)),
    Relationship("review_customer", "reviews", "customers", ("customer_id",), ("customer_id",)),
    Relationship("sub_customer", "subs", "customers", ("customer_id",), ("customer_id",)),
    Relationship("stock_store", "stock", "stores", ("store_id",), ("store_id",)),
    Relationship("result_target", "results", "targets", ("region", "yr"), ("region", "yr")),
)

METRICS = (
    MetricDefinition("revenue", "SUM(lines.amount)", time="orders.placed", unit="USD"),
    MetricDefinition("order count", "COUNT(DISTINCT orders.order_id)", time="orders.placed"),
    MetricDefinition("refunded", "SUM(refunds.amount)", time="refunds.refunded_on"),
    MetricDefinition("refund rate", "SUM(refunds.amount) / SUM(lines.amount)"),
    MetricDefinition("average order", "SUM(lines.amount) / COUNT(DISTINCT lines.order_id)"),
    MetricDefinition("margin", "SUM(lines.amount - lines.qty * products.cost)"),
    MetricDefinition("sales per area", "SUM(lines.amount) / stores.area", time="orders.placed"),
    MetricDefinition("mrr", "SUM(subs.fee)", as_of=("subs.started", "subs.ended")),
    MetricDefinition("on hand", "SUM(stock.on_hand)"),
    MetricDefinition("rating", "AVG(reviews.stars)", time="reviews.written"),
)

MODEL = SemanticModel("shop", DATASETS, RELATIONSHIPS, METRICS, BusinessCalendar(fiscal_start_month=2))


# short words for plans
REGION = FieldRef("stores", "region")
CITY = FieldRef("stores", "city")
CATEGORY = FieldRef("products", "category")
CHANNEL = FieldRef("orders", "channel")
MONTH = TimeBucket(TIME, Grain.MONTH)


def by(*scalars: Scalar) -> tuple[Dimension, ...]:
    """Groupings, or columns of a list."""
    return tuple(Dimension(s) for s in scalars)


def of(*measures: Measure | str) -> tuple[Measured, ...]:
    """Measures; a text is the name of a metric."""
    return tuple(Measured(Metric(m) if isinstance(m, str) else m) for m in measures)


def during(start: date, end: date, field: FieldRef | None = None) -> Window:
    """A half-open window."""
    return Window(Days(start, end), field)
