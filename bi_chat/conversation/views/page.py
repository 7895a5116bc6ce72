"""In: a name and several answers: a board's, a conversation's. Out: one HTML page of them, JSON, or a notebook."""

from __future__ import annotations

import json
from datetime import datetime
from html import escape

from bi_chat.conversation.views.card import as_html
from bi_chat.conversation.views.plain_json import as_json
from bi_chat.conversation.views.words import heading
from bi_chat.language.display import one_line
from bi_chat.values.answer import AnswerValue

_STYLE = (
    "body{margin:0;background:#eef1f4;font-family:system-ui,'Noto Sans CJK SC',sans-serif;color:#1f2933}"
    "header{max-width:80rem;margin:0 auto;padding:1.5rem 1rem 0}h1{margin:0;font-size:1.6rem}header p{color:#5f6b77}"
    "main{max-width:80rem;margin:0 auto;display:grid;gap:1rem;padding:1rem;"
    "grid-template-columns:repeat(auto-fit,minmax(min(100%,30rem),1fr));align-items:start}"
    "main.talk,header.talk{max-width:56rem;grid-template-columns:minmax(0,1fr)}"
    "@media (prefers-color-scheme:dark){body{background:#0d1116;color:#e6ebf0}}"
)


def board_html(name: str, answers: tuple[tuple[str, AnswerValue], ...], as_of: datetime, language: str) -> str:
    """(title, answer) of each tile, in order. Nothing in it comes from the network."""
    return _page(name, answers, as_of, language, kind="board")


def conversation_html(name: str, answers: tuple[AnswerValue, ...], as_of: datetime, language: str) -> str:
    """The answers one below the other, each with its question."""
    return _page(name, tuple(("", a) for a in answers), as_of, language, kind="talk")


def conversation_json(name: str, answers: tuple[AnswerValue, ...]) -> str:
    """A title and the answers, each as it is by itself."""
    said = [json.loads(as_json(a)) for a in answers]
    return json.dumps({"schema": "bi_chat.conversation/1", "title": name, "answers": said}, ensure_ascii=False)


def conversation_notebook(name: str, answers: tuple[AnswerValue, ...], data: str) -> str:
    """The questions as a notebook (nbformat 4), to be asked again there; `data` is where they lie ('' is not known)."""
    asked = [one_line(a.question.text, 500) for a in answers if a.question.text]
    lines = ["%load_ext bi_chat", *([f"%ask_data {data}"] if data else []), *(f"%ask {q}" for q in asked)]
    cells: list[dict[str, object]] = [{"cell_type": "markdown", "id": "title", "metadata": {}, "source": [f"# {name}"]}]
    cells += [
        {"cell_type": "code", "id": f"c{n}", "metadata": {}, "execution_count": None, "outputs": [], "source": [line]}
        for n, line in enumerate(lines, 1)
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    made = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(made, ensure_ascii=False, indent=1)


def _page(name: str, answers: tuple[tuple[str, AnswerValue], ...], as_of: datetime, language: str, *, kind: str) -> str:
    drawn = [n for n, (_, a) in enumerate(answers) if a.chart is not None and a.chart.type not in ("table", "number")]
    cards = "".join(
        f"<div>{f'<h2>{escape(one_line(title, 120))}</h2>' if title else ''}"
        f"{as_html(answer, standalone=False, include_plotlyjs=drawn[:1] == [n])}</div>"
        for n, (title, answer) in enumerate(answers)
    )
    said = escape(one_line(name, 80))
    moment = escape(heading("as_of", language, when=f"{as_of:%Y-%m-%d %H:%M}"))
    return (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8"><title>{said}</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{_STYLE}</style></head>'
        f'<body><header class="{kind}"><h1>{said}</h1><p>{moment}</p></header><main class="{kind}">{cards}</main>'
        "</body></html>"
    )
