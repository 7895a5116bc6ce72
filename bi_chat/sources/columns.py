"""In: a stage of raw text. Out: for each column the kind of value that every single cell bears out.

A kind is proposed from a sample and checked over all rows by the engine; cells that contradict it join the sample and
the proposal is made anew, so that a letter in the last row counts as much as one in the first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bi_chat.sources.dates import order_evidence_sql
from bi_chat.sources.names import quote_literal
from bi_chat.sources.numbers import (
    CURRENCIES,
    currency_sql,
    decimal_evidence,
    looks_like_number,
    number_shape,
    number_sql,
)
from bi_chat.sources.report import DOUBT, INFO, Message, shorten
from bi_chat.sources.stage import Choices, Stage, fetch_ints, fetch_row
from bi_chat.sources.text_types import (
    NULL_TOKENS,
    PLACEHOLDERS,
    TEXT,
    TEXT_NULL_TOKENS,
    Evidence,
    Kind,
    is_filled,
    propose,
)

if TYPE_CHECKING:
    import duckdb

_ROUNDS = 8
_WIDE = 300
_SAMPLE_CELLS = 400_000
_LABEL_HEADER = re.compile(
    r"(?:^|[_\W]|(?<=[a-z]))(?:id|ids|code|no|nr|num|number|key|zip|postal|postcode|sku|ref|phone|tel|account|serial)s?$"
    r"|编号|编码|代码|号$|邮编|电话|手机|证件",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """How to read one column: `sql` gives the typed value, `comment` its unit ("unit: USD") or ''."""

    column: str
    header: str
    type: str
    sql: str
    messages: tuple[Message, ...] = ()
    comment: str = ""
    kind: str = "text"


def tokens_sql(column: str, tokens: tuple[str, ...]) -> str:
    """SQL that is true where a cell is one of `tokens`."""
    return f"trim({column}) IN ({', '.join(quote_literal(t) for t in tokens)})"


def plan_columns(con: duckdb.DuckDBPyConnection, stage: Stage, choices: Choices) -> tuple[ColumnPlan, ...]:
    """A plan for each column of the stage."""
    samples = _samples(con, stage)
    all_sampled = fetch_ints(con, ["count(*)"], stage.table)[0] <= _sample_rows(stage)
    evidence = _evidence(samples, stage, choices)
    headers = dict(zip(stage.columns, stage.headers, strict=True))
    kinds: dict[str, Kind] = {}
    for _ in range(_ROUNDS):
        open_columns = [c for c in stage.columns if c not in kinds]
        proposals = {c: _propose(con, stage, c, headers[c], samples[c], evidence) for c in open_columns}
        kinds |= {c: k for c, k in proposals.items() if k.name == "text"}
        typed = [c for c in proposals if c not in kinds]
        # over hundreds of columns, checking by the engine what the sample holds whole takes longer than all the rest;
        # a cell that its kind would not take still shows as a new NULL in the report
        sure = len(stage.columns) > _WIDE and all_sampled
        misfits = (
            [0] * len(typed)
            if sure
            else fetch_ints(con, [_misfits(c, proposals[c]) for c in typed], stage.table, batch=60)
        )
        for column, count in zip(typed, misfits, strict=True):
            if count:
                samples[column] += _counterexamples(con, stage, column, proposals[column])
            else:
                kinds[column] = proposals[column]
        if len(kinds) == len(stage.columns):
            break
    plans = [_settled(con, stage, c, headers[c], kinds.get(c, TEXT), samples[c]) for c in stage.columns]
    return tuple(plans)


def _sample_rows(stage: Stage) -> int:
    return max(50, min(1000, _SAMPLE_CELLS // max(1, len(stage.columns))))


def _samples(con: duckdb.DuckDBPyConnection, stage: Stage) -> dict[str, list[str]]:
    rows = con.execute(
        f"SELECT {', '.join(stage.columns)} FROM {stage.table} LIMIT {_sample_rows(stage)}"  # noqa: S608
    ).fetchall()
    return {c: list(dict.fromkeys(r[i] for r in rows if r[i])) for i, c in enumerate(stage.columns)}


def _evidence(samples: dict[str, list[str]], stage: Stage, choices: Choices) -> Evidence:
    hints = {decimal_evidence([v for v in s if is_filled(v)]) for s in samples.values()} - {None}
    return Evidence(
        comma_decimal=next(iter(hints)) if len(hints) == 1 else None,
        comma_file=stage.comma_file,
        day_first=choices.day_first,
    )


def _propose(
    con: duckdb.DuckDBPyConnection, stage: Stage, column: str, header: str, sample: list[str], evidence: Evidence
) -> Kind:
    kind = propose(sample, header, evidence)
    if any(m.code in ("date_order", "date_order_chosen") for m in kind.messages):
        # the sample can't tell days from months: ask every row
        first, second = fetch_ints(con, order_evidence_sql(column), stage.table)
        kind = propose(sample, header, replace(evidence, first_days=first, second_days=second))
    return kind


def _misfits(column: str, kind: Kind) -> str:
    return f"count(*) FILTER (WHERE {_misfit_condition(column, kind)})"


def _misfit_condition(column: str, kind: Kind) -> str:
    known = tokens_sql(column, NULL_TOKENS + PLACEHOLDERS)
    condition = f"{column} IS NOT NULL AND ({kind.value(column)}) IS NULL AND NOT {known}"
    return condition + (f" AND NOT {kind.takes(column)}" if kind.accepts else "")


def _counterexamples(con: duckdb.DuckDBPyConnection, stage: Stage, column: str, kind: Kind) -> list[str]:
    sql = f"SELECT DISTINCT {column} FROM {stage.table} WHERE {_misfit_condition(column, kind)} LIMIT 200"  # noqa: S608
    return [str(r[0]) for r in con.execute(sql).fetchall()]


def _settled(
    con: duckdb.DuckDBPyConnection, stage: Stage, column: str, header: str, kind: Kind, sample: list[str]
) -> ColumnPlan:
    if kind.shape is not None and (kind.shape.currency or kind.shape.percent):
        return _with_unit(con, stage, column, header, kind)
    if kind.name != "text":
        return ColumnPlan(column, header, kind.type, kind.value(column), kind.messages, kind=kind.name)
    messages = kind.messages or _mostly_numbers(con, stage, column, header, sample)
    return _text_plan(column, header, messages)


def _text_plan(column: str, header: str, messages: tuple[Message, ...]) -> ColumnPlan:
    sql = f"CASE WHEN NOT {tokens_sql(column, TEXT_NULL_TOKENS)} THEN trim({column}, ' \u00a0\u3000') END"
    return ColumnPlan(column, header, "VARCHAR", sql, messages)


def _with_unit(con: duckdb.DuckDBPyConnection, stage: Stage, column: str, header: str, kind: Kind) -> ColumnPlan:
    """Numbers that carry a currency or percent sign, provided that all of them carry the same."""
    filled = f"{column} IS NOT NULL AND ({kind.value(column)}) IS NOT NULL"
    marks = con.execute(f"SELECT DISTINCT {currency_sql(column)} FROM {stage.table} WHERE {filled}").fetchall()  # noqa: S608
    codes = sorted({CURRENCIES[str(m[0])] for m in marks if m[0]})
    if len(codes) > 1:
        text = f'"{header}" mixes currencies ({", ".join(codes)}); it stays text so that nobody adds them up.'
        return _text_plan(column, header, (Message(DOUBT, "mixed_currencies", text, column=header),))
    signs, total = fetch_ints(
        con,
        [f"count(*) FILTER ({filled} AND regexp_matches({column}, '[%％‰]'))", f"count(*) FILTER ({filled})"],
        stage.table,
    )
    if 0 < signs < total:
        text = f'"{header}" mixes percentages ({signs:,}) and plain numbers ({total - signs:,}); it stays text.'
        return _text_plan(column, header, (Message(DOUBT, "mixed_percent", text, column=header),))
    unit = "%" if signs else codes[0] if codes else ""
    return ColumnPlan(column, header, kind.type, kind.value(column), kind.messages, f"unit: {unit}", kind.name)


def _mostly_numbers(
    con: duckdb.DuckDBPyConnection, stage: Stage, column: str, header: str, sample: list[str]
) -> tuple[Message, ...]:
    """A column that stays text although most of its cells are numbers: nothing is lost, but it can't be summed."""
    filled = [v for v in sample if is_filled(v)]
    numeric = [v for v in filled if looks_like_number(v)]
    if len(numeric) < 2 or len(numeric) == len(filled):
        return _label_note(header, numeric)
    shape = number_shape(numeric, comma_decimal=None, comma_file=stage.comma_file)
    if shape is None:
        return ()
    parsed = f"({number_sql(column, shape)}) IS NOT NULL"
    odd = f"{column} IS NOT NULL AND NOT {parsed} AND NOT {tokens_sql(column, NULL_TOKENS + PLACEHOLDERS)}"
    numbers, others, distinct = fetch_ints(
        con,
        [
            f"count(*) FILTER ({parsed})",
            f"count(*) FILTER ({odd})",
            f"approx_count_distinct({column}) FILTER ({parsed})",
        ],
        stage.table,
    )
    if others == 0 or numbers < others:
        return ()
    line = stage.line or "NULL"
    example, where = fetch_row(con, f"SELECT {column}, {line} FROM {stage.table} WHERE {odd} LIMIT 1")  # noqa: S608
    # few distinct whole numbers, or a header that says so, mean codes: text is what they should be
    codes = shape.whole and shape.plain and (distinct < 0.05 * numbers or _LABEL_HEADER.search(header.strip()))
    at = f" (line {where})" if isinstance(where, int) else ""
    text = (
        f'"{header}": {others:,} of {numbers + others:,} values are no numbers, such as "{shorten(str(example))}"{at}; '
        "the column stays text."
    )
    place = where if isinstance(where, int) else None
    return (Message(INFO if codes else DOUBT, "numbers_and_text", text, place, header),)


def _label_note(header: str, numeric: list[str]) -> tuple[Message, ...]:
    if len(numeric) < 2:
        return ()
    text = f'"{header}": digits such as {shorten(numeric[0])} are labels (leading zeros or too long); kept as text.'
    return (Message(INFO, "digits_kept_as_text", text, column=header),)
