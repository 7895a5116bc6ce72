"""In: a turn that was answered. Out: its tables and joins, what a policy keeps back, how it was computed."""

from __future__ import annotations

import streamlit as st

from bi_chat.conversation.lineage import JoinRead, Lineage, TableRead, lineage
from bi_chat.frontends.web.state import Turn, workspace
from bi_chat.frontends.web.words import html, say

_MOST_COLUMNS = 12


def lineage_tab(turn: Turn, language: str) -> None:
    """Tables that were read, then the joins, then what is known of the answer."""
    session = workspace().session
    if session is None:
        return
    tools = session.tools
    found = lineage(turn.answer.sql, tools.catalog, tools.model, tools.access)
    parts = [_tables(found, language), _joins(found, language), _facts(turn, found, language)]
    st.html("".join(parts))


def _tables(found: Lineage, language: str) -> str:
    if not found.tables:
        return f'<p class="bi-told">{say("lineage.none", language)}</p>'
    of = {"rows": ' class="number"'}
    heads = "".join(f"<th{of.get(h, '')}>{say(f'lineage.{h}', language)}</th>" for h in ("table", "rows", "columns"))
    rows = "".join(_table(t, language) for t in found.tables)
    head = f'<div class="bi-wide"><table class="bi-table"><thead><tr>{heads}</tr></thead>'
    return f"{head}<tbody>{rows}</tbody></table></div>"


def _table(table: TableRead, language: str) -> str:
    named = html(table.label) + ("" if table.label == table.name else f" <span>{html(table.name)}</span>")
    count = f"{table.rows:,}" if table.rows is not None else "?"
    if table.filtered:
        count = f"{count} · {say('lineage.filtered', language)}"
    more = len(table.columns) - _MOST_COLUMNS
    listed = [
        f"{html(c)} ({say('lineage.masked', language)})" if c in table.masked else html(c)
        for c in table.columns[:_MOST_COLUMNS]
    ]
    said = ", ".join([*listed, *([f"+{more}"] if more > 0 else [])])
    return f'<tr><td>{named}</td><td class="number">{count}</td><td>{said or "–"}</td></tr>'


def _joins(found: Lineage, language: str) -> str:
    if not found.joins:
        return ""
    called = {t.name: t.label for t in found.tables}
    rows = "".join(f"<li>{_join(j, called, language)}</li>" for j in found.joins)
    return f'<p class="bi-label">{say("lineage.joins", language)}</p><ul class="bi-assumed">{rows}</ul>'


def _join(join: JoinRead, called: dict[str, str], language: str) -> str:
    on = ", ".join(f"{a} = {b}" for a, b in join.on)
    said = f"{called.get(join.left, join.left)} → {called.get(join.right, join.right)}: {on}"
    return html(said) + (f" · {say('lineage.keeps', language)}" if join.keeps_all else "")


def _facts(turn: Turn, found: Lineage, language: str) -> str:
    """What was computed, how sure, from how many rows, how fresh, how long each stage took."""
    value = turn.answer.value
    rows = [(say("details.policy", language), say("lineage.ruled" if found.ruled else "lineage.free", language))]
    if value.restatement:
        rows.insert(0, (say("details.computed", language), value.restatement))
    if value.confidence:
        rows.append((say("details.confidence", language), f"{value.confidence:.0%}"))
    if value.result is not None:
        cut = f" ({say('details.cut', language, count=f'{value.result.cut_at:,}')})" if value.result.cut_at else ""
        rows.append((say("details.rows", language), f"{value.result.frame.height:,}{cut}"))
        if value.result.as_of is not None:
            rows.append((say("details.as_of", language), f"{value.result.as_of:%Y-%m-%d %H:%M}"))
    spent = ", ".join(f"{say(f'spent.{t.stage}', language)} {t.seconds * 1000:,.0f}" for t in value.timings)
    total = sum(t.seconds for t in value.timings)
    rows.append((say("details.time", language), f"{total * 1000:,.0f} {say('details.ms', language)} ({spent})"))
    cells = "".join(f"<tr><th>{html(k)}</th><td>{html(v)}</td></tr>" for k, v in rows)
    return f'<p class="bi-label">{say("lineage.computed", language)}</p><table class="bi-table">{cells}</table>'
