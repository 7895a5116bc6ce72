"""In: an answer, or guidance. Out: what the notebook shows of it: a card with its chart, or plain sentences."""

from __future__ import annotations

from contextvars import copy_context
from dataclasses import replace
from html import escape
from threading import Event, Thread
from time import monotonic

from bi_chat.charts.choose import choose_chart
from bi_chat.conversation.answer import Answer
from bi_chat.conversation.views.words import heading
from bi_chat.errors import SettingsError
from bi_chat.values.answer import AnswerValue
from bi_chat.values.chart import CHART_TYPES
from bi_chat.values.plan import Plan

A_MOMENT = 1.0


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


class Waiting:
    """Says what a long question is doing, once it takes longer than a moment; it is gone when the answer is there."""

    def __init__(self) -> None:
        self._since, self._line, self._stage = monotonic(), None, "reading"
        self._over = Event()
        self._teller = Thread(target=copy_context().run, args=(self._tell,), daemon=True)

    def __enter__(self) -> Waiting:
        self._teller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._teller.join()
        if self._line is not None:
            self._line.update({"text/plain": "", "text/html": ""}, raw=True)

    def told(self, stage: str) -> None:
        """A stage begins or goes on."""
        self._stage = stage

    def _tell(self) -> None:
        from IPython.display import display

        while not self._over.wait(A_MOMENT):
            doing = f"{self._stage[:1].upper()}{self._stage[1:]} … {monotonic() - self._since:.0f} s."
            said = Told(f"{doing} Interrupt the kernel to stop it; the conversation is kept.")
            if self._line is None:
                self._line = display(said, display_id=True)
            else:
                self._line.update(said)


def explained(value: AnswerValue) -> str:
    """How it was read, what was assumed and how long each stage took."""
    language = value.question.language
    read = [f"“{p.text}” → {p.meaning}" for p in value.how_read]
    took = ", ".join(f"{t.stage} {1000 * t.seconds:.0f} ms" for t in value.timings)
    parts = (
        (heading("understood", language), [value.restatement] if value.restatement else []),
        (heading("how_read", language), read),
        (heading("assumptions", language), list(value.assumptions)),
        (heading("warnings", language), list(value.warnings)),
    )
    lines = [f"{said}:\n" + "\n".join(f"  {line}" for line in listed) for said, listed in parts if listed]
    return "\n".join([*lines, took])


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
