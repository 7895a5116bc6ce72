"""In: a turn with rows. Out: its tabs: chart with a switcher, table, SQL to change and run, details."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

import streamlit as st

from bi_chat.charts.choose import choose_chart
from bi_chat.charts.pick import PICKABLE, picked
from bi_chat.conversation.chips import Asked, drills
from bi_chat.conversation.views import to_csv
from bi_chat.frontends.web import style
from bi_chat.frontends.web.card_table import table
from bi_chat.frontends.web.state import Turn, Wish, wish, workspace
from bi_chat.frontends.web.words import html, label, say
from bi_chat.semantics.model import SemanticModel
from bi_chat.values.chart import Chart
from bi_chat.values.plan import Plan

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

NOT_DRAWN = ("number", "table")
CHART_OPTIONS = {"displaylogo": False, "modeBarButtonsToRemove": ["lasso2d", "select2d", "autoScale2d"]}


def tabs(turn: Turn, model: SemanticModel, language: str) -> None:
    """The tabs that this answer has."""
    types = _types(turn)
    names = (["chart"] if types else []) + ["table", "sql", "details"]
    places = dict(
        zip(names, st.tabs([say(f"tab.{n}", language) for n in names], key=f"tabs-{turn.number}"), strict=True)
    )
    if types:
        with places["chart"]:
            chart_tab(turn, types, model, language)
    with places["table"]:
        table(turn, language)
        _downloads(turn, language)
    with places["sql"]:
        _sql(turn, language)
    with places["details"]:
        _details(turn, language)


def _types(turn: Turn) -> tuple[str, ...]:
    """The chart's own type, then those that fit as well."""
    chart = turn.answer.value.chart
    if chart is None:
        return ()
    return tuple(t for t in (chart.type, *chart.alternatives) if t not in NOT_DRAWN)


@st.fragment
def chart_tab(turn: Turn, types: tuple[str, ...], model: SemanticModel, language: str) -> None:
    """The chart. Another type draws the same rows anew: nothing is computed again, and the rest of the page stays. A
    click on a bar, or a box over some, offers what to ask of just these."""
    if workspace().wish is not None:
        st.rerun()
    own = turn.answer.value.chart
    chosen = types[0] if own is None or own.type in NOT_DRAWN else own.type
    if len(types) > 1:
        picked = st.segmented_control(
            say("chart.type", language), types, default=chosen, format_func=lambda t: say(f"type.{t}", language),
            key=f"type-{turn.number}", required=True, label_visibility="collapsed",
        )  # fmt: skip
        chosen = str(picked or chosen)
    further = st.container(horizontal=True, gap="xsmall")
    figure = _figure(turn, chosen)
    told = turn.answer.text.partition("\n")[0]
    # plotly looks for pandas among the loaded modules and fails on one that another thread is still loading
    import_module("pandas")
    key = f"chart-{turn.number}-{chosen}"
    if chosen not in PICKABLE or turn.answer.plan is None:
        st.plotly_chart(figure, theme=None, key=key, config=CHART_OPTIONS, alt=told or chosen)
        return
    chosen_points = st.plotly_chart(
        figure, theme=None, key=key, config=CHART_OPTIONS, alt=told or chosen, on_select="rerun",
        selection_mode=("points", "box"),
    )  # fmt: skip
    marks = [p.get("customdata") for p in chosen_points["selection"]["points"]]
    if marks:
        with further:
            _drill(turn, _chart(turn, chosen), marks, model, language)


def _drill(turn: Turn, chart: Chart, marks: list[object], model: SemanticModel, language: str) -> None:
    """What was picked in the chart, as questions about just that."""
    value = turn.answer.value
    if value.plan is None or value.result is None:
        return
    spoken = value.question.language
    now = Asked(value.plan, model, spoken, value.question.asked_on)
    found = drills(now, value.result.columns, picked(chart, value.result, marks, spoken))
    for at, way in enumerate(found):
        made = Wish(way.said, plan=way.plan, language=spoken)
        st.button(label(way.said, 160), key=f"next-{turn.number}-picked-{at}", on_click=wish, args=(made,))


def _figure(turn: Turn, kind: str) -> Figure:
    """Drawn once for each type and theme."""
    from bi_chat.charts.draw import draw

    shade = style.theme()
    if (kind, shade) not in turn.drawn:
        value = turn.answer.value
        assert value.result is not None
        figure = draw(_chart(turn, kind), value.result, theme=shade, language=value.question.language)
        figure.update_layout(font_family=style.FONT)
        turn.drawn[kind, shade] = figure
    return cast("Figure", turn.drawn[kind, shade])


def _chart(turn: Turn, kind: str) -> Chart:
    value = turn.answer.value
    assert value.chart is not None and value.result is not None
    if value.chart.type == kind:
        return value.chart
    partial = value.chart.partial_from is not None
    return choose_chart(value.result, value.plan or Plan(), requested=kind, partial_last=partial)


def _downloads(turn: Turn, language: str) -> None:
    result = turn.answer.value.result
    if result is None:
        return
    number, answer = turn.number, turn.answer
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            say("csv", language), lambda: to_csv(result), f"answer-{number}.csv", "text/csv", key=f"csv-{number}",
            icon=":material/download:", on_click="ignore",
        )  # fmt: skip
        st.download_button(
            say("html", language), lambda: answer.to_html(), f"answer-{number}.html", "text/html", key=f"html-{number}",
            icon=":material/download:", on_click="ignore",
        )  # fmt: skip


def _sql(turn: Turn, language: str) -> None:
    """The statement, to copy; below it the same to change and run."""
    sql = turn.answer.sql
    st.code(sql, language="sql", wrap_lines=True)
    with st.popover(say("sql.edit", language), icon=":material/edit:"):
        key = f"sql-{turn.number}"
        st.text_area("SQL", sql, height=260, key=key, label_visibility="collapsed", width=640)
        st.caption(say("sql.checked", language))
        st.button(say("sql.run", language), type="primary", key=f"run-{turn.number}", on_click=_run_sql, args=(key,))


def _run_sql(key: str) -> None:
    wish(Wish("", sql=str(st.session_state[key])))


def _details(turn: Turn, language: str) -> None:
    """What was computed, how sure, from how many rows, how long each stage took."""
    value = turn.answer.value
    rows: list[tuple[str, str]] = []
    if value.restatement:
        rows.append((say("details.computed", language), value.restatement))
    if value.confidence:
        rows.append((say("details.confidence", language), f"{value.confidence:.0%}"))
    if value.result is not None:
        cut = f" ({say('details.cut', language, count=f'{value.result.cut_at:,}')})" if value.result.cut_at else ""
        rows.append((say("details.rows", language), f"{value.result.frame.height:,}{cut}"))
        if value.result.as_of is not None:
            rows.append((say("details.as_of", language), f"{value.result.as_of:%Y-%m-%d %H:%M}"))
    spent = [f"{t.stage} {t.seconds * 1000:,.0f}" for t in value.timings]
    total = sum(t.seconds for t in value.timings)
    said = f"{total * 1000:,.0f} {say('details.ms', language)} ({', '.join(spent)})"
    rows.append((say("details.time", language), said))
    cells = "".join(f"<tr><th>{html(k)}</th><td>{html(v)}</td></tr>" for k, v in rows)
    st.html(f'<table class="bi-table">{cells}</table>')
