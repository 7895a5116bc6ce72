"""In: an answer's value. Out: `Answer`, the same with its views: text, HTML, JSON, figure, frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bi_chat.values.answer import AnswerValue
from bi_chat.values.plan import Plan

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go
    import polars as pl

    from bi_chat.values.fact import Fact
    from bi_chat.values.forecast import Forecast


class Answer:
    """What a person gets: print it, show it in a notebook, take its frame or figure, or save its plan."""

    def __init__(self, value: AnswerValue) -> None:
        self.value = value

    @property
    def status(self) -> str:
        """answered, clarify or declined."""
        return self.value.status

    @property
    def text(self) -> str:
        """The sentences, or what stands in the way."""
        value = self.value
        if value.text:
            return value.text
        if value.status == "answered":
            return "\n".join(t for t in (value.narrative.headline, *value.narrative.sentences) if t)
        return "\n".join(t for i in value.issues for t in (i.understood, i.problem, i.exists) if t)

    @property
    def sql(self) -> str:
        """The statement that was run."""
        return self.value.sql

    @property
    def plan(self) -> Plan | None:
        """What was computed, as a plan that can be saved, changed and run again."""
        return self.value.plan

    @property
    def facts(self) -> tuple[Fact, ...]:
        """What the sentences say, each bound to the rows it came from."""
        return self.value.facts

    @property
    def forecast(self) -> tuple[Forecast, ...]:
        """The forecasts, one for each group; empty where none was asked for."""
        return self.value.forecasts

    @property
    def frame(self) -> pl.DataFrame:
        """The rows; an empty frame when there is no answer."""
        import polars as pl

        return self.value.result.frame if self.value.result is not None else pl.DataFrame()

    def to_pandas(self) -> pd.DataFrame:
        """The rows as a pandas frame (needs pandas)."""
        return self.frame.to_pandas()

    @property
    def figure(self) -> go.Figure | None:
        """The chart, drawn; None when a picture would not help."""
        value = self.value
        if value.chart is None or value.result is None or value.chart.type in ("table",):
            return None
        from bi_chat.charts.draw import draw

        return draw(value.chart, value.result, language=value.question.language)

    def to_html(self, *, standalone: bool = True) -> str:
        """The whole answer as HTML; standalone holds its own styles and chart library."""
        from bi_chat.conversation.views import as_html

        return as_html(self.value, standalone=standalone)

    def to_json(self) -> str:
        """The whole answer as JSON text."""
        from bi_chat.conversation.views import as_json

        return as_json(self.value)

    def __str__(self) -> str:
        from bi_chat.conversation.views import as_text

        return as_text(self.value)

    def __repr__(self) -> str:
        return f"<Answer {self.status}: {self.value.question.text!r}>"

    def _repr_html_(self) -> str:
        from bi_chat.conversation.views import as_html

        return as_html(self.value, standalone=False)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """Notebooks show the HTML; terminals the text."""
        return {"text/html": self._repr_html_(), "text/plain": str(self)}
