"""In: a table of the data. Out: its profile: rows, columns with types, missing cells, ranges, shapes and top values."""

from __future__ import annotations

from datetime import date, datetime

import streamlit as st

from bi_chat.conversation.profiles import ColumnFacts, TableFacts
from bi_chat.conversation.session import Session
from bi_chat.frontends.web.state import Workspace
from bi_chat.frontends.web.words import called, html, label, say
from bi_chat.semantics.model import Dataset, Field, SemanticModel
from bi_chat.values.result import Cell
from bi_chat.wiring import Connection


def tables_part(place: Workspace, session: Session, connection: Connection, language: str) -> None:
    """One table at a time; each is counted once in a visit, and anew under other rights."""
    model, tables = connection.model, {t.name: t for t in connection.catalog.tables}
    if not tables:
        return
    chosen = st.selectbox(
        say("about.table", language), list(tables), key="about-table",
        format_func=lambda t: _titled(t, tables[t].rows, model, language),
    )  # fmt: skip
    key = f"{connection.catalog.fingerprint} {chosen}"
    if key not in place.profiles:
        with st.spinner(say("about.counting", language)):
            place.profiles[key] = session.profile(tables[chosen], language)
    _shown(place.profiles[key], _dataset(chosen, model), model, language)


def _dataset(table: str, model: SemanticModel) -> Dataset | None:
    return next((d for d in model.datasets if d.source.lower() == table.lower()), None)


def _titled(table: str, rows: int | None, model: SemanticModel, language: str) -> str:
    found = _dataset(table, model)
    named = called(found, model, language) if found is not None else table
    return f"{named} · {say('about.rows', language, count=f'{rows:,}')}" if rows is not None else named


def _shown(facts: TableFacts, dataset: Dataset | None, model: SemanticModel, language: str) -> None:
    said = [say("report.table", language, table=facts.table, rows=_count(facts.rows), columns=str(len(facts.columns)))]
    if dataset is not None:
        said += [say("about.key", language, columns=", ".join(dataset.primary_key))] if dataset.primary_key else []
        said += [dataset.description] if dataset.description else []
    st.html(f'<p class="bi-small">{html(" · ".join(said), 600)}</p>')
    if facts.issue is not None:
        st.info(label(" ".join((facts.issue.problem, facts.issue.exists)), 400), icon=":material/visibility_off:")
    fields = {f.expression.lower(): f for f in dataset.fields} if dataset is not None else {}
    rows = ""
    for column in facts.columns:
        field = _field(column.name.lower(), fields)
        named = called(field, model, language) if field is not None else column.name
        rows += _column(column, named, field, facts, language)
    with st.container(border=True, key="card-profile"):
        st.html(f'<ul class="bi-profile">{rows}</ul>')


def _field(column: str, fields: dict[str, Field]) -> Field | None:
    """The field that is just this column, however it is quoted."""
    quoted = '"' + column.replace('"', '""') + '"'
    return fields.get(column) or fields.get(quoted)


def _count(count: int | None) -> str:
    return f"{count:,}" if count is not None else "?"


def _column(column: ColumnFacts, named: str, field: Field | None, facts: TableFacts, language: str) -> str:
    kind = say(f"kind.{field.kind}", language) if field is not None else say("about.unused", language)
    head = (
        f"<b>{html(named, 60)}</b><span>{html(column.name, 60)} · {html(column.type.lower(), 30)} · {html(kind)}</span>"
    )
    return (
        f"<li><div>{head}</div><div>{_cells(column, facts, language)}</div><div>{_shape(column, language)}</div></li>"
    )


def _cells(column: ColumnFacts, facts: TableFacts, language: str) -> str:
    """How many cells are missing, and how many values differ."""
    if column.missing is None or column.distinct is None:
        return ""
    share = column.missing / facts.rows if facts.rows else 0.0
    missing = say("about.missing", language, share=_share(share)) if column.missing else say("about.full", language)
    about = "≈ " if facts.estimated else ""
    differ = say("about.distinct", language, count=f"{about}{column.distinct:,}")
    return f'<span class="{"some" if column.missing else ""}">{html(missing)}</span><span>{html(differ)}</span>'


def _share(share: float) -> str:
    return f"{share:.0%}" if share >= 0.01 else f"{share:.1%}" if share >= 0.001 else "< 0.1%"


def _shape(column: ColumnFacts, language: str) -> str:
    """Bars from low to high, or the most frequent values."""
    if column.masked:
        return f"<span>{html(say('lineage.masked', language))}</span>"
    if column.bars:
        ends = f"{_said(column.low)} – {_said(column.high)}"
        return f"{_bars(column.bars, ends, column.name)}<span>{html(ends)}</span>"
    if column.top:
        return "".join(f"<p>{html(value, 40)} <span>{count:,}</span></p>" for value, count in column.top)
    return f"<span>{html(_said(column.low))}</span>" if column.low is not None else ""


def _bars(counts: tuple[int, ...], ends: str, name: str) -> str:
    most = max(counts) or 1
    drawn = "".join(f'<i style="height:{max(100 * c / most, 4 if c else 0):.0f}%"></i>' for c in counts)
    said = html(f"{name}: {ends}", 120)
    return f'<div class="bi-bars" role="img" aria-label="{said}" title="{said}">{drawn}</div>'


def _said(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M}"
    if isinstance(cell, date):
        return f"{cell:%Y-%m-%d}"
    if isinstance(cell, float):
        return f"{cell:,.2f}".rstrip("0").rstrip(".")
    return f"{cell:,}" if isinstance(cell, int) and abs(cell) >= 10_000 else str(cell)
