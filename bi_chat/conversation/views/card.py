"""In: an answer's value. Out: it as one HTML card: sentences, warnings, chart, table, how it was read, SQL.

Nothing in it comes from the network. Everything that a person or the data wrote is escaped.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from html import escape
from importlib import resources
from typing import Literal

from bi_chat.conversation.views.words import (
    choices,
    column_label,
    columns_of,
    footer,
    heading,
    is_numeric,
    paragraphs,
    role_word,
    texts,
    ways_on,
)
from bi_chat.language.display import one_line
from bi_chat.values.answer import AnswerValue
from bi_chat.values.result import Result

MOST_ROWS = 200

Theme = Literal["auto", "light", "dark"]


def as_html(
    answer: AnswerValue,
    *,
    standalone: bool = True,
    theme: Theme = "auto",
    include_plotlyjs: bool | None = None,
) -> str:
    """A card. `standalone` makes a whole page of it; `include_plotlyjs` (by default as `standalone`) writes the chart

    library into it, which a page needs once (5 MB). Without the library the table stands in for the chart.
    """
    figures = _figures(answer, theme)
    library = standalone if include_plotlyjs is None else include_plotlyjs
    body = _card(answer, figures, theme)
    script = _plotly() if library and figures else ""
    if not standalone:
        return f"<style>{_part('card.css')}</style>{script}{body}"
    language, title = escape(answer.question.language), escape(one_line(answer.question.text, 80))
    ground = {"light": "#eef1f4", "dark": "#0d1116"}
    dark = f"@media (prefers-color-scheme:dark){{body{{background:{ground['dark']}}}}}" if theme == "auto" else ""
    style = f"body{{margin:0;padding:1px;background:{ground['dark' if theme == 'dark' else 'light']}}}{dark}"
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><title>{title}</title>'
        f"<style>{style}@media print{{body{{background:#fff}}}}{_part('card.css')}</style>{script}</head>"
        f"<body>{body}</body></html>"
    )


@cache
def _part(name: str) -> str:
    return resources.files("bi_chat.conversation.views").joinpath(name).read_text(encoding="utf-8")


def _plotly() -> str:
    from plotly.offline import get_plotlyjs

    return f"<script>{get_plotlyjs()}</script>"


def _figures(answer: AnswerValue, theme: Theme) -> dict[str, str]:
    """The chart as JSON for each theme that may be wanted; empty where the headline or a table says it better."""
    if answer.chart is None or answer.result is None or answer.chart.type in ("table", "number"):
        return {}
    from bi_chat.charts.draw import draw

    language = answer.question.language
    wanted: tuple[Literal["light", "dark"], ...] = ("light", "dark") if theme == "auto" else (theme,)
    drawn = {t: draw(answer.chart, answer.result, theme=t, language=language) for t in wanted}
    return {t: str(figure.to_json()) for t, figure in drawn.items()}


def _card(answer: AnswerValue, figures: dict[str, str], theme: Theme) -> str:
    data = "{" + ",".join(f"{json.dumps(t)}:{f}" for t, f in figures.items()) + "}"
    key = repr((answer.question, answer.sql, data))
    name = f"bi-card-{hashlib.sha256(key.encode('utf-8', 'replace')).hexdigest()[:12]}"
    language = answer.question.language
    parts = [_said(answer), _careful(answer, language)]
    if figures:
        # "<" can't end the script element when it is written as its number
        safe = data.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
        parts.append(f'<div class="chart"></div><script type="application/json">{safe}</script>')
    parts += [_choices(answer, language), _table(answer.result, language, folded=_is_told(answer, figures))]
    parts += [_reading(answer, language), _sql(answer, language), _ways(answer, language), _footer(answer)]
    start = f"<script>{_part('card.js').rstrip()}({json.dumps(name)});</script>" if figures else ""
    inside = "".join(parts)
    return (
        f'<section class="bi-card" id="{name}" data-theme="{theme}" lang="{escape(language)}">{inside}</section>{start}'
    )


def _said(answer: AnswerValue) -> str:
    told = paragraphs(answer)
    head = f'<p class="question">{escape(answer.question.text)}</p>'
    if told:
        head += f'<h2 class="headline">{_lines(told[0])}</h2>'
    return head + "".join(f'<p class="told">{_lines(t)}</p>' for t in told[1:])


def _lines(text: str) -> str:
    return "<br>".join(escape(line) for line in text.splitlines())


def _careful(answer: AnswerValue, language: str) -> str:
    if not answer.warnings:
        return ""
    rows = "".join(f"<li>{escape(w)}</li>" for w in answer.warnings)
    return f'<ul class="careful" role="alert"><li><b>{escape(heading("warnings", language))}</b></li>{rows}</ul>'


def _choices(answer: AnswerValue, language: str) -> str:
    found = choices(answer)
    if not found:
        return ""
    rows = "".join(f"<li>{escape(c)}</li>" for c in found)
    return f'<h3>{escape(heading("choose", language))}</h3><ol class="choose">{rows}</ol>'


def _reading(answer: AnswerValue, language: str) -> str:
    parts = []
    if answer.restatement:
        parts.append(
            f'<h3>{escape(heading("understood", language))}</h3><p class="read">{escape(answer.restatement)}</p>'
        )
    if answer.how_read:
        chips = "".join(
            f'<li title="{escape(role_word(p.role, language))}"><q>{escape(one_line(p.text, 60))}</q> → '
            f"{escape(one_line(p.meaning, 100))}</li>"
            for p in answer.how_read
        )
        parts.append(f'<h3>{escape(heading("how_read", language))}</h3><ul class="chips">{chips}</ul>')
    if answer.assumptions:
        rows = "".join(f"<li>{escape(a)}</li>" for a in answer.assumptions)
        parts.append(f'<h3>{escape(heading("assumptions", language))}</h3><ul class="assumed">{rows}</ul>')
    return "".join(parts)


def _is_told(answer: AnswerValue, figures: dict[str, str]) -> bool:
    """Whether the rows are seen already: as a chart, or as the single number of the headline."""
    single = answer.result is not None and answer.result.frame.shape == (1, 1)
    return bool(figures) or single


def _table(result: Result | None, language: str, *, folded: bool) -> str:
    """The rows; folded where a chart or the headline shows them, open where they are the answer."""
    if result is None or not result.frame.height:
        return ""
    count = min(MOST_ROWS, result.frame.height)
    heads, columns = [], []
    for column in columns_of(result):
        cells = result.frame.get_column(column.name).to_list()[:count]
        kind = ' class="number"' if is_numeric(column, cells) else ""
        heads.append(f'<th scope="col"{kind}>{escape(column_label(column))}</th>')
        columns.append([f"<td{kind}>{escape(t)}</td>" for t in texts(column, cells, language)])
    rows = "".join(f"<tr>{''.join(row)}</tr>" for row in zip(*columns, strict=True))
    more = result.frame.height - count
    rest = f'<p class="more">{escape(heading("more_rows", language, count=f"{more:,}"))}</p>' if more else ""
    table = (
        f'<div class="scroll"><table><thead><tr>{"".join(heads)}</tr></thead><tbody>{rows}</tbody></table></div>{rest}'
    )
    unfolded = "" if folded else " open"
    title = escape(heading("table", language))
    return f'<details class="rows"{unfolded}><summary>{title}</summary>{table}</details>'


def _sql(answer: AnswerValue, language: str) -> str:
    if not answer.sql:
        return ""
    title = escape(heading("sql", language))
    return f"<details><summary>{title}</summary><pre><code>{escape(answer.sql)}</code></pre></details>"


def _ways(answer: AnswerValue, language: str) -> str:
    found = ways_on(answer)
    if not found:
        return ""
    key = "next" if answer.status == "answered" else "suggestions"
    rows = "".join(f'<li class="way" title="{escape(s.text)}">{escape(s.label or s.text)}</li>' for s in found)
    return f'<h3>{escape(heading(key, language))}</h3><ul class="chips">{rows}</ul>'


def _footer(answer: AnswerValue) -> str:
    parts = footer(answer)
    return f"<footer>{escape(' · '.join(parts))}</footer>" if parts else ""
