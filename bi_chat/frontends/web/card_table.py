"""In: a turn with rows. Out: the table to sort and search, each column in its unit and format."""

from __future__ import annotations

from typing import cast

import polars as pl
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from bi_chat.conversation.views.words import column_label, columns_of, is_numeric
from bi_chat.frontends.web.state import Turn
from bi_chat.frontends.web.words import label
from bi_chat.language.display import is_label, show_cell
from bi_chat.values.query import ResultColumn
from bi_chat.values.result import Cell, Result

ROW = 35
MOST_HEIGHT = 420
MONEY = {"USD": "dollar", "EUR": "euro", "JPY": "yen"}


def table(turn: Turn, language: str) -> None:
    """The rows."""
    result = turn.answer.value.result
    if result is None:
        return
    shown, config = prepared(result, turn.answer.value.question.language)
    height = min(MOST_HEIGHT, ROW * (shown.height + 1) + 3)
    st.dataframe(
        shown, hide_index=True, column_config=config, height=height, key=f"table-{turn.number}", width="stretch",
        alt=turn.answer.text.partition("\n")[0] or None,
    )  # fmt: skip


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
