"""In: a stage of raw text. Out: total lines told apart from data, so that no sum counts them twice."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bi_chat.sources.columns import ColumnPlan
from bi_chat.sources.report import DOUBT, Message, name_lines, shorten
from bi_chat.sources.stage import Stage, fetch_ints, fetch_row

if TYPE_CHECKING:
    import duckdb

_WORDS = (
    r"(?:(?:grand|sub|overall|running)?[ _-]*totals?|totale?s?|sums?|summe|gesamt(?:summe)?|insgesamt|somme|suma|"
    r"itogo|合计|总计|小计|总和|汇总|累计|合計|總計|小計)"
)
_LABEL = re.compile(rf"\s*{_WORDS}(?:\s*[:：]|\s+\(.*\))?\s*", re.IGNORECASE)
_SUB = r"(?i)\s*(?:sub[ _-]*totals?|小计|小計|zwischensumme)\b?.*"
_LAST = 3
_TOLERANCE = 0.02


@dataclass(frozen=True, slots=True)
class Suspect:
    """A row near the end that may be a total; `label` is '' when only its arithmetic could tell."""

    rowid: int
    line: int | None
    label: str
    cells: tuple[str | None, ...]


def suspects(con: duckdb.DuckDBPyConnection, stage: Stage, rows: int) -> tuple[Suspect, ...]:
    """Rows among the last three that carry a total's label, or whose first cell is blank."""
    if rows < 3 or len(stage.columns) < 2 or len(stage.columns) > 300:
        return ()
    line = stage.line or "NULL"
    found = con.execute(
        f"SELECT rowid, {line}, {', '.join(stage.columns)} FROM {stage.table} "  # noqa: S608
        f"WHERE rowid >= (SELECT max(rowid) - {_LAST - 1} FROM {stage.table}) ORDER BY rowid"
    ).fetchall()
    result = []
    for rowid, number, *cells in found:
        label = next((c for c in cells if c and _LABEL.fullmatch(c)), "")
        blank_first = not (cells[0] or "").strip() and sum(bool(c and c.strip()) for c in cells) < len(cells)
        if label or (blank_first and any(c and c.strip() for c in cells)):
            result.append(Suspect(int(rowid), number, label, tuple(cells)))
    return tuple(result)


def set_aside(con: duckdb.DuckDBPyConnection, stage: Stage, found: Sequence[Suspect]) -> Stage:
    """Take the suspects out of the stage; its lines are written down first, to stay true when rows come back."""
    if stage.line and stage.line != "line":
        con.execute(f"CREATE OR REPLACE TABLE {stage.table} AS SELECT *, {stage.line} AS line FROM {stage.table}")  # noqa: S608
        stage = replace(stage, line="line")
    con.execute(f"DELETE FROM {stage.table} WHERE rowid IN ({', '.join(str(s.rowid) for s in found)})")  # noqa: S608
    return stage


def put_back(con: duckdb.DuckDBPyConnection, stage: Stage, found: Sequence[Suspect]) -> None:
    """Return suspects that proved to be data; they were the last rows, so the order holds."""
    has_line = stage.line == "line"
    marks = ", ".join("?" for _ in range(len(stage.columns) + has_line))
    names = ", ".join([*stage.columns, *(["line"] if has_line else [])])
    for s in found:
        values = [*s.cells, *([s.line] if has_line else [])]
        con.execute(f"INSERT INTO {stage.table} ({names}) VALUES ({marks})", values)  # noqa: S608


def adds_up(con: duckdb.DuckDBPyConnection, stage: Stage, plans: Sequence[ColumnPlan], suspect: Suspect) -> bool:
    """Whether at least one number of the suspect is the sum of its column."""
    numeric = [(i, p) for i, p in enumerate(plans) if p.kind == "number" and (suspect.cells[i] or "").strip()]
    for index, plan in numeric:
        row = fetch_row(con, f"SELECT sum({plan.sql})::DOUBLE, count(DISTINCT {plan.sql}) FROM {stage.table}")  # noqa: S608
        literal = f"(SELECT {plan.sql} FROM (SELECT ? AS {plan.column}))"  # noqa: S608
        cell = con.execute(f"SELECT {literal}::DOUBLE", [suspect.cells[index]]).fetchall()
        total, distinct = row
        said = cell[0][0] if cell else None
        if not isinstance(total, float) or not isinstance(said, float) or not isinstance(distinct, int):
            continue
        # a column of zeros adds up to anything that is zero: no evidence
        if abs(total - said) <= max(_TOLERANCE, 1e-9 * abs(total)) and (distinct > 1 or total != 0):
            return True
    return False


def left_out_message(found: Sequence[Suspect]) -> Message:
    """Total lines that were taken out."""
    where = name_lines([s.line for s in found if s.line]) if all(s.line for s in found) else "the last row"
    label = next((s.label for s in found if s.label), "")
    named = f' ("{shorten(label)}")' if label else ""
    text = f"A total line{named} at {where} adds up the rows above; it was left out so that sums do not count it twice."
    return Message(DOUBT, "total_line", text, line=found[0].line)


def kept_message(found: Sequence[Suspect]) -> Message:
    """Rows with a total's label that do not add up and were kept."""
    where = name_lines([s.line for s in found if s.line]) if all(s.line for s in found) else "the end"
    label = shorten(found[0].label)
    text = f'A row labelled "{label}" at {where} may be a total, yet does not add up; it was kept as data.'
    return Message(DOUBT, "total_line_kept", text, line=found[0].line)


def subtotal_message(con: duckdb.DuckDBPyConnection, stage: Stage) -> tuple[Message, ...]:
    """A doubt about subtotal rows among the data, in the first three columns."""
    conditions = [f"regexp_full_match({c}, '{_SUB}')" for c in stage.columns[:3]]
    condition = " OR ".join(conditions)
    [count] = fetch_ints(con, [f"count(*) FILTER ({condition})"], stage.table)
    if not count:
        return ()
    lines: list[int] = []
    if stage.line:
        sql = f"SELECT {stage.line} FROM {stage.table} WHERE {condition} ORDER BY rowid LIMIT 5"  # noqa: S608
        lines = [int(r[0]) for r in con.execute(sql).fetchall()]
    where = f" ({name_lines(lines)})" if lines else ""
    text = f"{count:,} row{'s' * (count > 1)}{where} look like subtotals; sums over all rows count their values twice."
    return (Message(DOUBT, "subtotals", text, line=lines[0] if lines else None),)
