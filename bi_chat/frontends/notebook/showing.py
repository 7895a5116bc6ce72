"""In: an answer, or guidance. Out: what the notebook shows of it: a card with its chart, or plain sentences."""

from __future__ import annotations

from dataclasses import replace
from html import escape

from bi_chat.charts.choose import choose_chart
from bi_chat.conversation.answer import Answer
from bi_chat.errors import SettingsError
from bi_chat.values.chart import CHART_TYPES
from bi_chat.values.plan import Plan


class Told:
    """Guidance: sentences, no traceback."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        style = "border-left:3px solid #2f6fb0;padding:8px 14px;margin:8px 0;white-space:pre-wrap;line-height:1.5"
        return f'<div style="{style}">{escape(self.text)}</div>'


class Shown(Answer):
    """An answer with its chart; `library` puts the chart library before it, which a notebook needs once (5 MB)."""

    def __init__(self, made: Answer, *, library: bool = False) -> None:
        super().__init__(made.value)
        self._library = library

    def _repr_html_(self) -> str:
        from bi_chat.conversation.views.card import as_html

        return (_chart_library() if self._library else "") + as_html(self.value, standalone=False)

    def __repr__(self) -> str:
        return str(self)


def _chart_library() -> str:
    """Where a page has a module loader (classic notebooks, exports), the library would hide there: so it sees none."""
    from plotly.offline import get_plotlyjs

    return f"<script>(function (define, module, exports) {{\n{get_plotlyjs()}\n}}).call(window);</script>"


def with_chart(made: Answer, kind: str) -> Answer:
    """The same rows in another chart. Raises SettingsError for a type that there is not."""
    value = made.value
    if kind not in CHART_TYPES:
        raise SettingsError(f"There is no chart type {kind!r}. There are {', '.join(CHART_TYPES)}.")
    if value.chart is None or value.result is None:
        return made
    partial = value.chart.partial_from is not None
    drawn = choose_chart(value.result, value.plan or Plan(), requested=kind, partial_last=partial)
    return Answer(replace(value, chart=drawn))
