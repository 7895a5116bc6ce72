"""In: a turn with rows. Out: the table to sort and search, each column in its unit and format, and its totals."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import polars as pl
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from bi_chat.conversation.views.words import column_label, columns_of, is_numeric
from bi_chat.frontends.web.state import Turn
from bi_chat.frontends.web.words import html, label, say
from bi_chat.language.display import is_label, show_cell
from bi_chat.values.query import ResultColumn
from bi_chat.values.result import Cell, Result

ROW = 35
MOST_HEIGHT = 35 * 13 + 3
SEARCHED = 12  # rows above which there is something to look for
EAGER = 1_000  # rows that are sent at once; of more, those that are looked at
MONEY = {"USD": "dollar", "EUR": "euro", "JPY": "yen"}


def table_tab(turn: Turn, language: str) -> None:
    """The rows; where there are many, with a search. Below them the totals of what is shown."""
    result, spoken = turn.answer.value.result, turn.answer.value.question.language
    if result is None:
        return
    if result.frame.height > SEARCHED:
        said = say("table.search", language)
        wanted = st.text_input(
            said, key=f"find-{turn.number}", placeholder=said, icon=":material/search:", label_visibility="collapsed"
        )
        result = replace(result, frame=matching(result, wanted, spoken)) if wanted.strip() else result
    shown, config = prepared(result, spoken)
    height = min(MOST_HEIGHT, ROW * (shown.height + 1) + 3)
    st.dataframe(
        shown, hide_index=True, column_config=config, height=height, key=f"table-{turn.number}", width="stretch",
        lazy=shown.height > EAGER, alt=turn.answer.text.partition("\n")[0] or None,
    )  # fmt: skip
    st.html(f'<p class="bi-small">{html(_summed(result, spoken, language), 600)}</p>')


def matching(result: Result, wanted: str, language: str) -> pl.DataFrame:
    """The rows in which every word is found, as cells are shown or as they are kept, without regard to case."""
    columns = columns_of(result)
    words = wanted.casefold().split()

    def has(row: tuple[Cell, ...]) -> bool:
        cells = [f"{show_cell(cell, c, language)} {cell}" for cell, c in zip(row, columns, strict=True)]
        text = " ".join(cells).casefold()
        return all(w in text for w in words)

    kept = [has(row) for row in result.frame.select([c.name for c in columns]).iter_rows()]
    return result.frame.filter(pl.Series(kept, dtype=pl.Boolean))


def _summed(result: Result, spoken: str, language: str) -> str:
    """How many rows, and the sums of those columns whose values may be added up."""
    count = result.frame.height
    cut = f" ({say('details.cut', language, count=f'{result.cut_at:,}')})" if result.cut_at else ""
    said = say("table.rows", language, count=f"{count:,}") + cut
    added = []
    for column in columns_of(result):
        series = result.frame.get_column(column.name)
        if count > 1 and column.role == "measure" and column.additive and series.dtype.is_numeric():
            added.append(f"{column_label(column)} {show_cell(cast(Cell, series.sum()), column, spoken)}")
    return f"{said} · {say('table.total', language)}: {' · '.join(added)}" if added else said


def prepared(result: Result, language: str) -> tuple[pl.DataFrame, dict[str, ColumnConfig]]:
    """The visible columns and how to show each. Numbers stay numbers, so that they sort; periods are written out."""
    columns = columns_of(result)
    shown: list[pl.Series] = []
    config: dict[str, ColumnConfig] = {}
    for column in columns:
        cells = cast("list[Cell]", result.frame.get_column(column.name).to_list())
        series = result.frame.get_column(column.name)
        if is_numeric(column, cells):
            series = series.cast(pl.Float64, strict=False) if series.dtype.is_decimal() else series
            config[column.name] = st.column_config.NumberColumn(_heading(column), format=_format(column))
        else:
            if column.role == "time":
                series = pl.Series(column.name, [show_cell(c, column, language) for c in cells], pl.String)
            config[column.name] = st.column_config.Column(label(column_label(column)))
        shown.append(series)
    return pl.DataFrame(shown), config


def _heading(column: ResultColumn) -> str:
    """The name, with the unit where the cells do not show it."""
    shown = column.format in ("percent", "integer", "date", "text") or column.unit in MONEY or not column.unit
    return label(column_label(column) if shown else f"{column_label(column)} ({column.unit})")


def _format(column: ResultColumn) -> str:
    """One of the table's own formats; they group thousands as the browser's country does."""
    if is_label(column):
        return "%d"
    if column.format == "percent":
        return "percent"
    return MONEY.get(column.unit, "localized")
