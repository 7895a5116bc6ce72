"""In: a drafted model. Out: the same with the few business measures that everybody asks for by another name.

Example: "revenue" in a shop's database is nobody's column name; it is the sum of what was paid on the order lines.
Rule: the main fact is the largest dataset with a date and a summable amount of money whose name
says a sale (total, paid, amount, sales …) and not a part of one (tax, discount, cost, refund …).
Each is marked as a guess with its evidence.
"""

from __future__ import annotations

from dataclasses import replace

from bi_chat.semantics.drafting.balances import life_span
from bi_chat.semantics.model import Dataset, Field, Guess, MetricDefinition, SemanticModel
from bi_chat.semantics.naming import split, synonyms, words
from bi_chat.semantics.vocabulary import is_chinese

SAYS_SALE = {
    "revenue": 6,
    "sales": 6,
    "turnover": 6,
    "income": 5,
    "total": 4,
    "paid": 4,
    "amount": 3,
    "net": 2,
    "gross": 1,
    "payment": 2,
    "销售额": 6,
    "营收": 6,
    "收入": 5,
    "实付": 6,
    "实收": 6,
    "成交": 4,
    "总额": 4,
    "金额": 3,
    "支付": 2,
    "付款": 2,
}
NOT_A_SALE = frozenset(
    (
        "discount tax vat refund refunded cost fee shipping freight budget spend spent spending target goal "
        "limit salary wage bonus commission tip deposit balance expense expenses credit debit loss donation "
        "price rate 优惠 折扣 税 税额 退款 退货 成本 费用 运费 预算 花费 投放 目标 余额 佣金 工资 单价 标价 "
    ).split()
)
FACT_WORDS = frozenset(
    (
        "order orders sale sales purchase purchases transaction transactions invoice invoices bill bills "
        "payment payments booking bookings receipt receipts item items line lines 订单 销售 交易 账单 发票 流水 明细 "
    ).split()
)
DEAL_WORDS = frozenset("order sale purchase transaction invoice bill booking receipt 订单 交易 账单".split())
REVENUE = (
    "revenue",
    "sales",
    "turnover",
    "rev",
    "income",
    "sales amount",
    "sales revenue",
    "销售额",
    "营收",
    "收入",
    "销售金额",
    "业绩",
    "营业额",
)
VALUE = (
    "average order value",
    "avg order value",
    "AOV",
    "average basket",
    "basket size",
    "average transaction value",
    "客单价",
    "单均价",
    "平均订单金额",
)


UNITS = (
    "units sold",
    "units",
    "quantity sold",
    "qty sold",
    "items sold",
    "sales volume",
    "销量",
    "销售数量",
    "卖了多少件",
    "卖出数量",
    "订购数量",
)
MARGIN = ("gross margin", "gross profit", "margin", "profit", "毛利", "毛利额", "利润")
MARGIN_RATE = ("gross margin rate", "margin rate", "margin %", "gross margin %", "profit margin", "毛利率", "利润率")
CANCELLED = frozenset("cancelled canceled void voided 已取消 取消 作废 已作废".split())
QUANTITY = frozenset("qty quantity units pieces 数量 件数".split())
UNIT_COST = frozenset(
    (
        "unit cost",
        "cost price",
        "unit_cost",
        "purchase price",
        "进货价",
        "采购价",
        "采购单价",
        "成本价",
        "单位成本",
        "进价",
    )
)


def with_business_measures(model: SemanticModel) -> SemanticModel:
    """The model with revenue and average order value, where a main money fact stands out; else unchanged."""
    if any(m.name == "revenue" for m in model.metrics):
        return model
    found = _main_money(model)
    if found is None:
        return model
    dataset, field, score = found
    time = dataset.default_time if "." in dataset.default_time else f"{dataset.name}.{dataset.default_time}"
    column = f"{_quoted(dataset.name)}.{_quoted(field.name)}"
    evidence = f"{field.name} is the money that {dataset.name} says most plainly was earned"
    guess = Guess(evidence, min(0.9, 0.5 + score / 20))
    named = set(_all_names(model))
    revenue = MetricDefinition(
        "revenue",
        f"SUM({column})",
        "revenue",
        f"Sum of {field.label or field.name}",
        tuple(n for n in REVENUE[1:] if n not in named),
        time,
        None,
        field.unit,
        field.format or "currency",
        "additive",
        guess,
    )
    metrics = [revenue]
    deal = _deal(model, dataset)
    if deal is not None:
        key = f"{_quoted(deal[0])}.{_quoted(deal[1])}"
        metrics.append(
            replace(
                revenue,
                name="average order value",
                label="average order value",
                expression=f"SUM({column}) / COUNT(DISTINCT {key})",
                description=f"revenue for each {words(deal[0])[-1]}",
                synonyms=VALUE[1:],
                additivity="none",
            )
        )
    metrics += _sold(model, revenue, dataset, named)
    return replace(model, metrics=(*model.metrics, *metrics))


def _sold(model: SemanticModel, revenue: MetricDefinition, fact: Dataset, named: set[str]) -> list[MetricDefinition]:
    """Units sold, where the fact counts them; what is left after their cost, where the cost of one is known."""
    counted = [
        f for f in fact.fields if QUANTITY & {*split(f.name), *words(f.name)} and f.kind in ("measure", "number")
    ]
    if len(counted) != 1:
        return []
    quantity = f"{_quoted(fact.name)}.{_quoted(counted[0].name)}"
    plain = replace(revenue, unit="", format="integer", label="")
    units = replace(
        plain,
        name=UNITS[0],
        label=UNITS[0],
        expression=f"SUM({quantity})",
        description=f"Sum of {counted[0].label or counted[0].name}",
        synonyms=tuple(n for n in UNITS[1:] if n not in named),
    )
    cost = _unit_cost(model, fact)
    if cost is None:
        return [units]
    earned = revenue.expression.removeprefix("SUM(").removesuffix(")")
    left = f"SUM({earned} - {quantity} * {_quoted(cost[0])}.{_quoted(cost[1])}){_but_cancelled(fact)}"
    margin = replace(
        revenue,
        name=MARGIN[0],
        label=MARGIN[0],
        expression=left,
        description=f"revenue less {counted[0].name} times {cost[1]}",
        synonyms=tuple(n for n in MARGIN[1:] if n not in named),
    )
    rate = replace(
        margin,
        name=MARGIN_RATE[0],
        label=MARGIN_RATE[0],
        expression=f"{left} / SUM({earned})",
        description="gross margin for each unit of revenue",
        synonyms=tuple(n for n in MARGIN_RATE[1:] if n not in named),
        additivity="none",
        unit="%",
        format="percent",
    )
    return [units, margin, rate]


def _but_cancelled(fact: Dataset) -> str:
    """A filter that leaves out rows whose status says that nothing was sold, and so nothing was spent."""
    for field in fact.fields:
        over = [v for v in field.values if v.strip().lower() in CANCELLED]
        if field.kind == "category" and over:
            values = ", ".join("'" + v.replace("'", "''") + "'" for v in over)
            return f" FILTER (WHERE {_quoted(fact.name)}.{_quoted(field.name)} NOT IN ({values}))"
    return ""


def _unit_cost(model: SemanticModel, fact: Dataset) -> tuple[str, str] | None:
    """The one number that says what a unit cost: of the fact itself, or of what its rows refer to."""
    near = {r.to_dataset for r in model.relationships if r.from_dataset == fact.name}
    found = [
        (d.name, f.name)
        for d in model.datasets
        if d.name == fact.name or d.name in near
        for f in d.fields
        if UNIT_COST & {f.name.lower(), " ".join(words(f.name))}
    ]
    return found[0] if len(found) == 1 else None


def with_named_amounts(model: SemanticModel) -> SemanticModel:
    """The model where the only money of a table is also known by the table's name: "invoiced amount", 订单金额."""
    return replace(model, datasets=tuple(_with_named_amount(d) for d in model.datasets))


def _with_named_amount(dataset: Dataset) -> Dataset:
    money = [f for f in dataset.fields if f.format == "currency" and _sale_score(f) > 0]
    lines = "." in dataset.default_time  # the amount of an order's line is not the order's
    if len(money) != 1 or not dataset.default_time or lines or life_span(dataset) is not None:
        return dataset
    said = dataset.label or dataset.name
    also: tuple[str, ...] = (f"{said}金额", f"{said}额")
    if not is_chinese(said):
        translated = (f"{n}金额" for n in synonyms(words(dataset.name)) if is_chinese(n))
        also = (f"{said} amount", f"amount {said}", f"{said} value", *translated)
    known = {n.lower() for f in dataset.fields for n in (f.name, f.label, *f.synonyms)}
    named = replace(money[0], synonyms=(*money[0].synonyms, *(n for n in also if n.lower() not in known)))
    return replace(dataset, fields=tuple(named if f is money[0] else f for f in dataset.fields))


def _main_money(model: SemanticModel) -> tuple[Dataset, Field, float] | None:
    best: tuple[Dataset, Field, float] | None = None
    for dataset in model.datasets:
        named = {w.removesuffix("s") for w in (*split(dataset.name), *words(dataset.name))}
        if not dataset.default_time or NOT_A_SALE & named:
            continue  # amounts of expenses or refunds were not earned
        fact = 2.0 if FACT_WORDS & {*split(dataset.name), *words(dataset.name)} else 0.0
        fact += 1.0 if any(r.from_dataset == dataset.name for r in model.relationships) else 0.0
        for field in dataset.fields:
            score = _sale_score(field)
            if score > 0 and (best is None or score + fact > best[2]):
                best = (dataset, field, score + fact)
    return best if best is not None and best[2] >= 4 else None


def _sale_score(field: Field) -> float:
    if (
        field.kind != "measure"
        or field.additivity != "additive"
        or field.datatype not in ("Integer", "Decimal", "Float")
    ):
        return 0.0
    said = {*split(field.name), *words(field.name)}
    if any(w in NOT_A_SALE for w in said) or any(
        bad in field.name for bad in NOT_A_SALE if len(bad) <= 2 and not bad.isascii()
    ):
        return 0.0
    points = max((v for w, v in SAYS_SALE.items() if w in said or (not w.isascii() and w in field.name)), default=0)
    return points + (1.5 if field.format == "currency" else 0.0) if points else 0.0


def _deal(model: SemanticModel, fact: Dataset) -> tuple[str, str] | None:
    """Dataset and key column of one sale: the fact itself, or what its lines belong to."""
    if (
        DEAL_WORDS & set(words(fact.name))
        and len(fact.primary_key) == 1
        and not {"line", "item"} & set(words(fact.name))
    ):
        return fact.name, fact.primary_key[0]
    for rel in model.relationships:
        if (
            rel.from_dataset == fact.name
            and DEAL_WORDS & {w.rstrip("s") for w in words(rel.to_dataset)}
            and len(rel.from_columns) == 1
        ):
            return fact.name, rel.from_columns[0]
    return None


def _all_names(model: SemanticModel) -> list[str]:
    return [n.lower() for d in model.datasets for f in d.fields for n in (f.name, f.label, *f.synonyms)] + [
        d.name.lower() for d in model.datasets
    ]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
