"""In: the report of reading files. Out: it in the page: what was read, what was changed, what is doubtful."""

from __future__ import annotations

import streamlit as st

from bi_chat.frontends.web.words import html, say
from bi_chat.sources.report import Message, SourceReport, TableReport

ORDER = ("error", "doubt", "changed", "info")
MOST = 12


def report_box(report: SourceReport, language: str, *, folded: bool) -> None:
    """A box; folded it is a line to open."""
    if folded:
        with st.expander(say("report", language), icon=":material/fact_check:"):
            _inside(report, language)
        return
    with st.container(border=True, key="card-report"):
        _inside(report, language)


def _inside(report: SourceReport, language: str) -> None:
    head = f'<p class="bi-headline">{say("report." + report.outcome, language)}</p>'
    tables = "".join(f"<li>{html(_table(t, language))}</li>" for t in report.tables)
    every = sorted(report.all_messages, key=lambda m: ORDER.index(m.level))
    careful = _rows([m for m in every if m.level in ("error", "doubt")], language)
    quiet = _rows([m for m in every if m.level not in ("error", "doubt")], language)
    parts = [head, f'<div class="bi-gap"><ul class="bi-chips quiet">{tables}</ul></div>']
    if careful:
        parts.append(
            f'<div class="bi-careful" role="alert"><b>{say("report.doubt", language)}</b><ul>{careful}</ul></div>'
        )
    if quiet:
        parts.append(f'<p class="bi-label">{say("report.changed", language)}</p><ul class="bi-assumed">{quiet}</ul>')
    st.html("".join(parts))


def _table(table: TableReport, language: str) -> str:
    return say("report.table", language, table=table.table, rows=f"{table.rows:,}", columns=str(len(table.columns)))


def _rows(messages: list[Message], language: str) -> str:
    rows = "".join(f"<li>{html(m.text)}</li>" for m in messages[:MOST])
    more = len(messages) - MOST
    return rows + (f"<li>{say('report.more', language, count=str(more))}</li>" if more > 0 else "")
