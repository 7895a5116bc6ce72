"""In: a plan that asks which values stand together. Out: its SELECT: each pair, and in how many groups both are found.

Example: "products bought together" within an order. Rule: the rows' distinct (group, value) meet themselves; of two
values the smaller stands first, so that each pair is there once and no value is paired with itself.
"""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from bi_chat.sql import nodes
from bi_chat.sql.compile.columns import dimension_column, uniquely_named
from bi_chat.sql.compile.lists import compile_list
from bi_chat.sql.compile.ordering import Key, Sorting, sort_and_cut
from bi_chat.sql.compile.scope import shown
from bi_chat.sql.compile.state import Compilation
from bi_chat.sql.refusal import Refusal
from bi_chat.values.plan import Dimension, Pairs, Plan
from bi_chat.values.query import ResultColumn


def compile_pairs(c: Compilation, plan: Plan, asked: Pairs) -> tuple[exp.Select, list[ResultColumn]]:
    """The statement of a plan with pairs. What else a plan may hold has no meaning here and is refused."""
    if plan.measures or plan.dimensions or plan.calculations or plan.comparison or plan.having:
        raise Refusal("unsupported", what="pairs together with other figures")
    rows = Plan(
        base=asked.base,
        dimensions=(Dimension(asked.within, "held_in"), Dimension(asked.item, "item")),
        where=plan.where,
        window=plan.window,
        distinct=True,
    )
    held = c.add_cte("held", compile_list(c, rows).select)
    one, two = "one", "two"
    same = exp.EQ(this=nodes.column("held_in", one), expression=nodes.column("held_in", two))
    apart = exp.LT(this=nodes.column("item", one), expression=nodes.column("item", two))
    label = dimension_column(c, Dimension(asked.item), listed=False)
    counted = ResultColumn("", "measure", shown(c, c.dataset(asked.within.dataset).name), format="integer")
    columns = uniquely_named([label, label, replace(counted, name=counted.label, additive=False)])
    nodes_of = [nodes.column("item", one), nodes.column("item", two), exp.Count(this=exp.Star(), big_int=True)]
    select = exp.Select(
        expressions=[nodes.alias(n, x.name) for n, x in zip(nodes_of, columns, strict=True)],
        from_=exp.From(this=nodes.table(held, one)),
        joins=[nodes.join(nodes.table(held, two), nodes.every([same, apart]), "INNER")],
        group=exp.Group(expressions=[exp.Literal.number(1), exp.Literal.number(2)]),
    )
    named = [nodes.column(x.name) for x in columns]
    keys: tuple[Key, ...] = ((nodes_of[2], True), (nodes_of[0], False), (nodes_of[1], False))
    called: tuple[Key, ...] = ((named[2], True), (named[0], False), (named[1], False))
    return sort_and_cut(select, plan, Sorting(keys, called), nodes_of[:2]), columns
