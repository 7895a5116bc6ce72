"""In: the report of reading files. Out: it in the page: what was read, what was changed, what is doubtful."""

from __future__ import annotations

import streamlit as st

from bi_chat.frontends.web.words import html, say
from bi_chat.sources.report import Message, SourceReport

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
    tables = "".join(
        f"<li>{html(say('report.table', language, table=t.table, rows=f'{t.rows:,}', columns=str(len(t.columns))))}</li>"
        for t in report.tables
    )
    every = sorted(report.all_messages, key=lambda m: ORDER.index(m.level))
    careful = [m for m in every if m.level in ("error", "doubt")]
    quiet = [m for m in every if m.level not in ("error", "doubt")]
    st.html(f'{head}<ul class="bi-chips quiet" style="margin-top:.6rem">{tables}</ul>{_careful(careful, language)}'
            f"{_quiet(quiet, language)}")  # fmt: skip


def _careful(messages: list[Message], language: str) -> str:
    if not messages:
        return ""
    return f'<div class="bi-careful" role="alert"><b>{say("report.doubt", language)}</b><ul>{_rows(messages, language)}</ul></div>'


def _quiet(messages: list[Message], language: str) -> str:
    if not messages:
        return ""
    return f'<p class="bi-label">{say("report.changed", language)}</p><ul class="bi-assumed">{_rows(messages, language)}</ul>'


def _rows(messages: list[Message], language: str) -> str:
    rows = "".join(f"<li>{html(m.text)}</li>" for m in messages[:MOST])
    more = len(messages) - MOST
    return rows + (f"<li>{say('report.more', language, count=str(more))}</li>" if more > 0 else "")
