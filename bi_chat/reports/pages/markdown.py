"""In: a composed report. Out: it as Markdown: sentences, tables, and how each figure was made."""

from __future__ import annotations

import re

from bi_chat.conversation.views.words import paragraphs
from bi_chat.language.display import one_line
from bi_chat.reports.composed import Composed, Part
from bi_chat.reports.pages.html import about_lines, made_lines
from bi_chat.reports.pages.page import grid, many_cells, page, shown
from bi_chat.reports.words import word
from bi_chat.values.page import Page

_SIGNS = re.compile(r"([\\`*_{}\[\]<>()#+!|~$&@:.-])")
_NEEDED = re.compile(r"[\\`*_{}\[\]<>|~#$&@]|^\s*(?:[-+]|\d+[.)])\s|!\[|://|www\.", re.IGNORECASE)


def as_page(composed: Composed) -> Page:
    """Text of the data can't become markup, a link or HTML."""
    language = composed.language
    lines = [f"# {plain(composed.title)}", "", plain(" · ".join(about_lines(composed))), ""]
    if composed.summary:
        lines += [f"## {word('summary', language)}", ""]
    for line in composed.summary:
        first, *rest = (plain(s) for s in line.sentences)
        lines += [f"**{word(line.kind, language)}:** {first} \\[{line.source}\\]", ""]
        lines += [t for s in rest for t in (s, "")]
        lines += [t for w in line.careful for t in (f"> {plain(w)}", "")]
    for part in composed.parts:
        lines += _part(part, language)
    if composed.appendix:
        lines += [f"## {word('appendix', language)}", ""]
        for source in composed.sources:
            lines += [
                f"### {source.number} {plain(source.title)}",
                "",
                *(f"- {plain(x)}" for x in made_lines(source)),
                "",
            ]
            if source.answer.sql:
                fence = "`" * max(3, 1 + max(map(len, re.findall("`+", source.answer.sql)), default=0))
                lines += ["", f"{fence}sql", *source.answer.sql.splitlines(), fence, ""]
    return page(composed, "md", ("\n".join(lines).rstrip() + "\n").encode("utf-8"))


def plain(text: str) -> str:
    """A line in which no sign means anything."""
    said = one_line(text, 2_000)
    return _SIGNS.sub(r"\\\1", said) if _NEEDED.search(said) else said


def _part(part: Part, language: str) -> list[str]:
    if part.answer is None:
        if part.heading:
            return [f"## {plain(part.heading)}", ""]
        return [t for x in part.text.strip().splitlines() for t in (plain(x), "")]
    answer, show = part.answer.answer, shown(part)
    lines = [f"### {plain(part.answer.title)} \\[{part.answer.number}\\]", ""]
    if "told" in show:
        lines += [t for s in paragraphs(answer) for t in (plain(s), "")]
    lines += [t for w in answer.warnings for t in (f"> {plain(w)}", "")]
    if answer.result is not None and many_cells(answer) and ({"table", "chart"} & set(show)):
        table = grid(answer.result, language)
        lines.append("| " + " | ".join(map(plain, table.heads)) + " |")
        lines.append("|" + "|".join("---:" if r else ":---" for r in table.right) + "|")
        lines += ["| " + " | ".join(map(plain, row)) + " |" for row in table.rows]
        lines += ["", plain(table.more), ""] if table.more else [""]
    return lines
