"""In: a stage of raw text. Out: a typed table in the target database, and its report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bi_chat.sources import totals
from bi_chat.sources.columns import ColumnPlan, plan_columns, tokens_sql
from bi_chat.sources.names import column_names, quote_identifier, quote_literal
from bi_chat.sources.report import CHANGED, DOUBT, Message, TableReport, shorten
from bi_chat.sources.stage import Choices, Stage, fetch_ints
from bi_chat.sources.text_types import NULL_TOKENS, PLACEHOLDERS, TEXT_NULL_TOKENS

if TYPE_CHECKING:
    import duckdb

LONG_CELL = 32_767
MANY_COLUMNS = 500


def settle(con: duckdb.DuckDBPyConnection, stage: Stage, *, target: str, choices: Choices) -> TableReport:
    """Create table `target` (a bare name) in the attached database `out` from the stage, then drop the stage."""
    stage = _without_blank_columns(con, stage)
    names, name_messages = column_names(stage.headers)
    stage = replace(stage, headers=names)
    [rows] = fetch_ints(con, ["count(*)"], stage.table)
    stage, plans, total_messages = _plans(con, stage, rows, choices)
    plans = tuple(_at_midnight(con, stage, p) for p in plans)
    create(con, stage, plans, target)
    report = describe_table(con, target, stage.file)
    messages = (
        *stage.messages,
        *name_messages,
        *total_messages,
        *(m for p in plans for m in p.messages),
        *_new_nulls(con, stage, plans, report),
        *size_messages(report),
        *_long_cells(con, stage),
    )
    con.execute(f"DROP TABLE {stage.table}")
    return replace(report, messages=messages)


def _without_blank_columns(con: duckdb.DuckDBPyConnection, stage: Stage) -> Stage:
    # a delimiter at the end of every line makes a column without name and values: nobody's column
    blank = [c for c, h in zip(stage.columns, stage.headers, strict=True) if not h.strip()]
    counts = fetch_ints(con, [f"count(nullif(trim({c}), ''))" for c in blank], stage.table)
    dropped = [c for c, n in zip(blank, counts, strict=True) if n == 0]
    if not dropped or len(dropped) == len(stage.columns):
        return stage
    text = f"{len(dropped)} column{'s' * (len(dropped) > 1)} without a name and without any value left out."
    return stage.without(dropped, Message(CHANGED, "blank_columns", text))


def _plans(
    con: duckdb.DuckDBPyConnection, stage: Stage, rows: int, choices: Choices
) -> tuple[Stage, tuple[ColumnPlan, ...], tuple[Message, ...]]:
    found = totals.suspects(con, stage, rows)
    if not found or len(found) == rows:
        return stage, plan_columns(con, stage, choices), totals.subtotal_message(con, stage)
    stage = totals.set_aside(con, stage, found)
    plans = plan_columns(con, stage, choices)
    proven = tuple(s for s in found if totals.adds_up(con, stage, plans, s))
    kept = tuple(s for s in found if s not in proven)
    messages: tuple[Message, ...] = (totals.left_out_message(proven),) if proven else ()
    if kept:
        totals.put_back(con, stage, kept)
        plans = plan_columns(con, stage, choices)
        labelled = tuple(s for s in kept if s.label)
        messages += (totals.kept_message(labelled),) if labelled else ()
    return stage, plans, messages + totals.subtotal_message(con, stage)


def _at_midnight(con: duckdb.DuckDBPyConnection, stage: Stage, plan: ColumnPlan) -> ColumnPlan:
    """A workbook has no dates without a time: where every time is midnight, dates are what was meant."""
    if not stage.midnight_is_date or plan.kind != "timestamp":
        return plan
    [timed] = fetch_ints(con, [f"count(*) FILTER (CAST({plan.sql} AS TIME) <> TIME '00:00:00')"], stage.table)
    return plan if timed else replace(plan, type="DATE", sql=f"CAST({plan.sql} AS DATE)", kind="date")


def create(con: duckdb.DuckDBPyConnection, stage: Stage, plans: Sequence[ColumnPlan], target: str) -> None:
    """The typed table, rows in the order of the file, units as column comments."""
    selected = ", ".join(f"CAST({p.sql} AS {p.type}) AS {quote_identifier(p.header)}" for p in plans)
    name = f"out.main.{quote_identifier(target)}"
    con.execute(f"CREATE TABLE {name} AS SELECT {selected} FROM {stage.table}")  # noqa: S608
    for plan in plans:
        if plan.comment and plan.comment != "unit: ":
            con.execute(f"COMMENT ON COLUMN {name}.{quote_identifier(plan.header)} IS {quote_literal(plan.comment)}")


def describe_table(con: duckdb.DuckDBPyConnection, target: str, file: str) -> TableReport:
    """Rows, columns, types and nulls of a finished table in `out`."""
    name = f"out.main.{quote_identifier(target)}"
    described = con.execute(f"DESCRIBE {name}").fetchall()
    columns = tuple(str(r[0]) for r in described)
    [rows] = fetch_ints(con, ["count(*)"], name)
    filled = fetch_ints(con, [f"count({quote_identifier(c)})" for c in columns], name)
    return TableReport(
        target, file, rows, columns, tuple(str(r[1]) for r in described), tuple(rows - n for n in filled)
    )


def _new_nulls(
    con: duckdb.DuckDBPyConnection, stage: Stage, plans: Sequence[ColumnPlan], report: TableReport
) -> tuple[Message, ...]:
    """Cells that held something and became NULL: each is accounted for."""
    before = fetch_ints(
        con, [f"count({p.column}) - count(*) FILTER (trim({p.column}) = '')" for p in plans], stage.table
    )
    found: list[Message] = []
    for plan, filled, nulls in zip(plans, before, report.nulls, strict=True):
        if filled == report.rows - nulls:
            continue
        c = plan.column
        tokens = tuple(t for t in (TEXT_NULL_TOKENS if plan.kind == "text" else NULL_TOKENS) if t)
        gone = f"{c} IS NOT NULL AND trim({c}) <> '' AND ({plan.sql}) IS NULL"
        silent = tokens_sql(c, tokens)
        doubtful = tokens_sql(c, PLACEHOLDERS)
        title = f'"{plan.header}"'
        for level, code, condition, what in (
            (CHANGED, "null_tokens", f"{gone} AND {silent}", "stand for no value and became empty"),
            (
                DOUBT,
                "placeholders",
                f"{gone} AND NOT {silent} AND {doubtful}",
                "are no values of this column; they became empty",
            ),
            (DOUBT, "impossible_values", f"{gone} AND NOT {silent} AND NOT {doubtful}", _impossible(plan)),
        ):
            shown, count, line = _named(con, stage, c, condition)
            if count:
                text = f"{title}: {count:,} cell{'s' * (count > 1)} ({shown}) {what}."
                found.append(Message(level, code, text, line, plan.header))
    return tuple(found)


def _impossible(plan: ColumnPlan) -> str:
    what = "are no dates of the calendar" if plan.kind in ("date", "timestamp", "timestamptz") else "could not be read"
    return f"{what}; they became empty, none was shifted"


def _named(con: duckdb.DuckDBPyConnection, stage: Stage, column: str, condition: str) -> tuple[str, int, int | None]:
    """(examples with lines, count, first line) of the cells that meet a condition."""
    [count] = fetch_ints(con, [f"count(*) FILTER ({condition})"], stage.table)
    if not count:
        return "", 0, None
    sql = (
        f"SELECT {column}, min({stage.line or 'NULL'}) AS at FROM {stage.table} WHERE {condition} "  # noqa: S608
        f"GROUP BY {column} ORDER BY min(rowid) LIMIT 5"
    )
    examples = con.execute(sql).fetchall()
    shown = [f"{shorten(str(v))}, line {at}" if at else shorten(str(v)) for v, at in examples]
    return "; ".join(shown), count, examples[0][1]


def size_messages(report: TableReport) -> tuple[Message, ...]:
    """Doubts about a table without rows or with very many columns."""
    found = []
    if report.rows == 0:
        found.append(Message(DOUBT, "no_rows", "There are columns but no rows."))
    if len(report.columns) > MANY_COLUMNS:
        text = (
            f"The table has {len(report.columns):,} columns; questions are easier to read right over a narrower table."
        )
        found.append(Message(DOUBT, "many_columns", text))
    return tuple(found)


def _long_cells(con: duckdb.DuckDBPyConnection, stage: Stage) -> tuple[Message, ...]:
    found = []
    longest = fetch_ints(con, [f"max(strlen({c}))" for c in stage.columns], stage.table)
    for column, header, size in zip(stage.columns, stage.headers, longest, strict=True):
        if size > LONG_CELL:
            line = stage.line or "NULL"
            [(at, length)] = con.execute(
                f"SELECT {line}, length({column}) FROM {stage.table} ORDER BY strlen({column}) DESC NULLS LAST LIMIT 1"  # noqa: S608
            ).fetchall()
            where = f" in line {at}" if at else ""
            text = f'"{header}" holds a cell of {length:,} characters{where}; it is kept whole but will be shown cut.'
            found.append(Message(DOUBT, "long_cell", text, at, header))
    return tuple(found)
