"""In: a composed report. Out: the body of a mail: plain text, HTML with its styles inside, charts as pictures in it."""

from __future__ import annotations

from html import escape

from bi_chat.conversation.views.words import paragraphs
from bi_chat.errors import PictureError
from bi_chat.language.display import visible
from bi_chat.ports import Pictures
from bi_chat.reports.composed import Composed, Line, Part
from bi_chat.reports.pages.html import about_lines
from bi_chat.reports.pages.page import KINDS, Grid, grid, shown
from bi_chat.reports.words import word
from bi_chat.values.answer import AnswerValue
from bi_chat.values.page import Page

MOST_PICTURES = 12
SHOWN, DRAWN = 600, 800  # pixels: what mail programs show, and what leaves names room beside each other
_FONT = "font-family:Inter,'Segoe UI',Arial,'Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif"
_SMALL = "margin:14px 0 2px;font-size:12px;color:#5f6b77"
_CELL = "padding:4px 10px 4px 0;border-bottom:1px solid #e8ecf0;font-size:13px"


def as_text(composed: Composed) -> str:
    """The summary and what each answer tells, without markup."""
    language, lines = composed.language, [composed.title, *about_lines(composed), ""]
    for line in composed.summary:
        lines += [word(line.kind, language), *(f"  {s}" for s in (*line.sentences, *line.careful)), ""]
    for part in composed.parts:
        if part.answer is None:
            lines += ["", part.heading or part.text.strip()]
        elif "told" in shown(part):
            lines += ["", part.answer.title, *(f"  {s}" for s in paragraphs(part.answer.answer))]
            lines += [f"  ! {w}" for w in part.answer.answer.warnings]
    return "\n".join(map(visible, lines)).strip() + "\n"


def as_body(composed: Composed, pictures: Pictures | None) -> tuple[str, tuple[Page, ...]]:
    """HTML that mail programs show as it is meant, and the pictures in it; a table where one can't be drawn."""
    drawn = _Drawn(pictures, composed.language)
    rows = [f'<h1 style="font-size:22px;margin:0 0 4px">{escape(composed.title)}</h1>']
    rows.append(f'<p style="{_SMALL}">{escape(" · ".join(about_lines(composed)))}</p>')
    rows += [_line(x, composed.language) for x in composed.summary]
    rows += [_part(p, drawn, composed.language) for p in composed.parts]
    body = (
        f'<!doctype html><html lang="{escape(composed.language)}"><head><meta charset="utf-8"></head>'
        f'<body style="margin:0;padding:20px;background:#fff;color:#1f2933;font-size:14px;line-height:1.5;{_FONT}">'
        f'<div style="max-width:640px;margin:0 auto">{"".join(rows)}</div></body></html>'
    )
    return body, tuple(drawn.pages)


def _line(line: Line, language: str) -> str:
    first, *rest = line.sentences
    said = (
        f'<p style="{_SMALL}">{escape(word(line.kind, language))}</p><p style="margin:2px 0"><b>{escape(first)}</b></p>'
    )
    said += "".join(f'<p style="margin:2px 0">{escape(s)}</p>' for s in rest)
    return said + "".join(_careful(w) for w in line.careful)


def _careful(text: str) -> str:
    return f'<p style="margin:2px 0;color:#8a5a00;font-size:12px">{escape(text)}</p>'


def _part(part: Part, drawn: _Drawn, language: str) -> str:
    if part.answer is None:
        if part.heading:
            return f'<h2 style="font-size:17px;margin:26px 0 6px">{escape(part.heading)}</h2>'
        return f'<p style="margin:8px 0">{"<br>".join(map(escape, part.text.strip().splitlines()))}</p>'
    answer, show = part.answer.answer, shown(part)
    said = f'<p style="{_SMALL}">{escape(part.answer.title)}</p>'
    if "told" in show:
        first, *rest = paragraphs(answer) or [""]
        said += f'<p style="margin:2px 0"><b>{escape(first)}</b></p>'
        said += "".join(f'<p style="margin:2px 0">{escape(s)}</p>' for s in rest)
    said += "".join(map(_careful, answer.warnings))
    picture = drawn.picture(answer, part.answer.title) if "chart" in show else ""
    if answer.result is not None and ("table" in show or ("chart" in show and not picture)):
        said += _table(grid(answer.result, language))
    return said + picture


def _table(table: Grid) -> str:
    sides = ["right" if r else "left" for r in table.right]

    def row(cells: tuple[str, ...], tag: str) -> str:
        made = (
            f'<{tag} style="{_CELL};text-align:{side}">{escape(c)}</{tag}>'
            for c, side in zip(cells, sides, strict=True)
        )
        return f"<tr>{''.join(made)}</tr>"

    inside = "".join(row(r, "td") for r in table.rows)
    more = f'<p style="{_SMALL}">{escape(table.more)}</p>' if table.more else ""
    return f'<table style="border-collapse:collapse;margin:8px 0">{row(table.heads, "th")}{inside}</table>{more}'


class _Drawn:
    """Pictures that the body shows, as they are drawn."""

    def __init__(self, pictures: Pictures | None, language: str) -> None:
        self._pictures = pictures
        self._language = language
        self.pages: list[Page] = []

    def picture(self, answer: AnswerValue, title: str) -> str:
        """The element that shows a chart; '' where there is none."""
        if self._pictures is None or answer.chart is None or answer.result is None or len(self.pages) >= MOST_PICTURES:
            return ""
        try:
            made = self._pictures.picture(answer.chart, answer.result, form="png", language=self._language, width=DRAWN)
        except PictureError:
            self._pictures = None
            return ""
        name = f"chart-{len(self.pages) + 1}"
        self.pages.append(Page(f"{name}.png", KINDS["png"], made))
        return f'<img src="cid:{name}" width="{SHOWN}" alt="{escape(title)}" style="max-width:100%;margin:8px 0">'
