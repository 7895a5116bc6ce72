"""In: a turn with rows. Out: its tabs: chart with a switcher, table, SQL to change and run, where it comes from."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

import streamlit as st

from bi_chat.charts.choose import choose_chart
from bi_chat.charts.describe import described
from bi_chat.charts.pick import PICKABLE, picked
from bi_chat.charts.theme import theme_named
from bi_chat.conversation.chips import Asked, drills
from bi_chat.frontends.web import style
from bi_chat.frontends.web.card_lineage import lineage_tab
from bi_chat.frontends.web.card_sql import sql_tab
from bi_chat.frontends.web.card_table import table_tab
from bi_chat.frontends.web.state import Turn, Wish, wish, workspace
from bi_chat.frontends.web.words import label, say
from bi_chat.semantics.model import SemanticModel
from bi_chat.values.chart import Chart
from bi_chat.values.plan import Plan

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

NOT_DRAWN = ("number", "table")
CHART_OPTIONS = {"displaylogo": False, "modeBarButtonsToRemove": ["lasso2d", "select2d", "autoScale2d"]}


@st.fragment
def tabs(turn: Turn, model: SemanticModel, language: str) -> None:
    """The tabs that this answer has. Only the open one is made: fifty answers stay as quick as one."""
    if workspace().wish is not None:
        st.rerun()
    types = drawn_types(turn)
    plan = turn.answer.plan
    listed = plan is not None and not plan.measures and plan.analysis is None  # rows as they are: no figure to draw
    names = [*(["table", "chart"] if listed else ["chart", "table"]), "sql", "lineage"]
    names = names if types else [n for n in names if n != "chart"]
    said = [say(f"tab.{n}", language) for n in names]
    places = dict(zip(names, st.tabs(said, key=f"tabs-{turn.number}", on_change="rerun"), strict=True))
    shown = next((n for n in names if places[n].open), names[0])
    with places[shown]:
        if shown == "chart":
            _chart_tab(turn, types, model, language)
        elif shown == "table":
            table_tab(turn, language)
        elif shown == "sql":
            sql_tab(turn, language)
        else:
            lineage_tab(turn, language)


def drawn_types(turn: Turn) -> tuple[str, ...]:
    """The chart's own type, then those that fit as well."""
    chart = turn.answer.value.chart
    if chart is None or turn.answer.value.result is None:
        return ()
    return tuple(t for t in (chart.type, *chart.alternatives) if t not in NOT_DRAWN)


def _chart_tab(turn: Turn, types: tuple[str, ...], model: SemanticModel, language: str) -> None:
    """The chart. Another type draws the same rows anew: nothing is computed again, and the rest of the page stays. A
    click on a bar, or a box over some, offers what to ask of just these."""
    own = turn.answer.value.chart
    chosen = types[0] if own is None or own.type in NOT_DRAWN else own.type
    if len(types) > 1:
        picked = st.segmented_control(
            say("chart.type", language), types, default=chosen, format_func=lambda t: say(f"type.{t}", language),
            key=f"type-{turn.number}", required=True, label_visibility="collapsed",
        )  # fmt: skip
        chosen = str(picked or chosen)
    further = st.container(horizontal=True, gap="xsmall")
    figure, alt = _figure(turn, chosen)
    # plotly looks for pandas among the loaded modules and fails on one that another thread is still loading
    import_module("pandas")
    key = f"chart-{turn.number}-{chosen}"
    if chosen not in PICKABLE or turn.answer.plan is None:
        st.plotly_chart(figure, theme=None, key=key, config=CHART_OPTIONS, alt=alt)
        return
    chosen_points = st.plotly_chart(
        figure, theme=None, key=key, config=CHART_OPTIONS, alt=alt, on_select="rerun",
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


def _figure(turn: Turn, kind: str) -> tuple[Figure, str]:
    """Drawn, and said in words, once for each type and theme."""
    from bi_chat.charts.draw import draw

    shade = style.theme()
    if (kind, shade) not in turn.drawn:
        value = turn.answer.value
        assert value.result is not None
        figure = draw(_chart(turn, kind), value.result, theme=shade, language=value.question.language)
        # saved as a picture it stands on other paper: the theme's own goes with it
        figure.update_layout(font_family=style.FONT, paper_bgcolor=theme_named(shade).ground)
        turn.drawn[kind, shade] = figure, described(_chart(turn, kind), value.result, value.question.language)
    return cast("tuple[Figure, str]", turn.drawn[kind, shade])


def _chart(turn: Turn, kind: str) -> Chart:
    value = turn.answer.value
    assert value.chart is not None and value.result is not None
    if value.chart.type == kind:
        return value.chart
    partial = value.chart.partial_from is not None
    return choose_chart(value.result, value.plan or Plan(), requested=kind, partial_last=partial)
