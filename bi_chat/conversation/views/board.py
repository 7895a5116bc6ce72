"""In: a board's name and its tiles' answers. Out: one HTML page that holds all of them, to send to somebody."""

from __future__ import annotations

from datetime import datetime
from html import escape

from bi_chat.conversation.views.card import as_html
from bi_chat.conversation.views.words import heading
from bi_chat.language.display import one_line
from bi_chat.values.answer import AnswerValue

_STYLE = (
    "body{margin:0;background:#eef1f4;font-family:system-ui,'Noto Sans CJK SC',sans-serif;color:#1f2933}"
    "header{max-width:80rem;margin:0 auto;padding:1.5rem 1rem 0}h1{margin:0;font-size:1.6rem}header p{color:#5f6b77}"
    "main{max-width:80rem;margin:0 auto;display:grid;gap:1rem;padding:1rem;"
    "grid-template-columns:repeat(auto-fit,minmax(min(100%,30rem),1fr));align-items:start}"
    "@media (prefers-color-scheme:dark){body{background:#0d1116;color:#e6ebf0}}"
)


def board_html(name: str, answers: tuple[tuple[str, AnswerValue], ...], as_of: datetime, language: str) -> str:
    """(title, answer) of each tile, in order. Nothing in it comes from the network."""
    drawn = [n for n, (_, a) in enumerate(answers) if a.chart is not None and a.chart.type not in ("table", "number")]
    cards = "".join(
        f"<div><h2>{escape(one_line(title, 120))}</h2>"
        f"{as_html(answer, standalone=False, include_plotlyjs=drawn[:1] == [n])}</div>"
        for n, (title, answer) in enumerate(answers)
    )
    said = escape(one_line(name, 80))
    moment = escape(heading("as_of", language, when=f"{as_of:%Y-%m-%d %H:%M}"))
    return (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8"><title>{said}</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{_STYLE}</style></head>'
        f"<body><header><h1>{said}</h1><p>{moment}</p></header><main>{cards}</main></body></html>"
    )
