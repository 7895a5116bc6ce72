"""In: a composed report and a painter of pictures. Out: a PDF that is typeset: numbered pages, vector charts, contents.

The text of the report goes to the typesetter as data (JSON), never as its markup.
"""

from __future__ import annotations

import json
import re
import tempfile
from functools import cache
from importlib import resources
from pathlib import Path

from bi_chat.conversation.views.words import paragraphs
from bi_chat.errors import PictureError, ReportError
from bi_chat.language.display import one_line, visible
from bi_chat.ports import Pictures
from bi_chat.reports.composed import Composed, Part
from bi_chat.reports.pages.html import about_lines, made_lines
from bi_chat.reports.pages.page import grid, page, shown
from bi_chat.reports.words import word
from bi_chat.values.answer import AnswerValue
from bi_chat.values.page import Page
from bi_chat.values.result import Result
from bi_chat.values.serial import Json

LONG = 5  # headings from which a list of contents helps
CHART_WIDTH = 880
_LATIN = (
    "Source Sans 3",
    "Inter",
    "Noto Sans",
    "Open Sans",
    "Helvetica Neue",
    "Arial",
    "Liberation Sans",
    "DejaVu Sans",
)
_HAN_FONTS = (
    "Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans SC", "PingFang SC", "Microsoft YaHei", "Hiragino Sans GB",
    "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "SimHei", "SimSun", "Noto Serif CJK SC",
)  # fmt: skip
_HAN = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")
_FAMILY = re.compile(r"font-family:[^;\"]*(?:&quot;[^;]*&quot;[^;\"]*)*")


def as_page(composed: Composed, pictures: Pictures | None) -> Page:
    """The report as A4 or letter pages. Without pictures the tables stand in for charts, and the report says so.
    Raises ReportError where the typesetter or a font is missing."""
    try:
        import typst
    except ImportError:
        raise ReportError('PDF needs the typesetter: pip install "bi_chat[report]".') from None
    with tempfile.TemporaryDirectory(prefix="bi_chat_report_") as folder:
        home = Path(folder)
        data = _data(composed, pictures, home)
        text = json.dumps(data, ensure_ascii=False)
        data["fonts"] = list(fonts_for(text))
        (home / "report.json").write_text(json.dumps(data, ensure_ascii=False), "utf-8")
        template = resources.files("bi_chat.reports.pages").joinpath("report.typ").read_bytes()
        (home / "main.typ").write_bytes(template)
        try:
            made = typst.compile(home / "main.typ", root=home, format="pdf", timestamp=int(composed.at.timestamp()))
        except typst.TypstError as error:
            raise ReportError(f"The report could not be typeset: {one_line(str(error), 200)}") from error
    assert isinstance(made, bytes)
    return page(composed, "pdf", made)


def fonts_for(text: str) -> tuple[str, ...]:
    """Families that are here, for what is written. Raises ReportError where Chinese has none."""
    here = _families()
    latin = [f for f in _LATIN if f in here][:1]
    han = [f for f in _HAN_FONTS if f in here][:1]
    if not han and _HAN.search(text):
        raise ReportError(
            "The report has Chinese words, and no Chinese font is installed here. Install one, such as Noto Sans CJK "
            "(Debian: apt install fonts-noto-cjk)."
        )
    return (*latin, *han, "Libertinus Serif")


@cache
def _families() -> frozenset[str]:
    import typst

    return frozenset(typst.Fonts().families())


def _data(composed: Composed, pictures: Pictures | None, home: Path) -> dict[str, Json]:
    language = composed.language
    drawn = _Charts(pictures, home, language)
    parts: list[Json] = [_part(p, drawn, n, language) for n, p in enumerate(composed.parts)]
    about = [*about_lines(composed), *([word("no_pictures", language)] if drawn.failed else [])]
    words: dict[str, Json] = {k: word(k, language) for k in ("summary", "appendix", "contents", "page")}
    stand = word("as_of", language, when=f"{composed.as_of:%Y-%m-%d %H:%M}") if composed.as_of else ""
    return {
        "title": composed.title,
        "language": language,
        "paper": "us-letter" if composed.paper == "letter" else "a4",
        "period": composed.period,
        "stand": stand,
        "about": list(about),
        "words": words,
        "contents": sum(bool(p.heading) for p in composed.parts) >= LONG,
        "summary": [
            {
                "head": word(x.kind, language),
                "sentences": [*map(visible, x.sentences)],
                "source": x.source,
                "careful": [*x.careful],
            }
            for x in composed.summary
        ],
        "parts": parts,
        "numbers": [s.number for s in composed.sources],
        "sources": [
            {"number": s.number, "title": s.title, "lines": [*map(visible, made_lines(s))], "sql": s.answer.sql}
            for s in (composed.sources if composed.appendix else ())
        ],
    }


def _part(part: Part, charts: _Charts, number: int, language: str) -> Json:
    if part.answer is None:
        kind = "heading" if part.heading else "text"
        return {"kind": kind, "text": visible(part.heading or part.text).strip(), "sources": [*part.sources]}
    answer, show = part.answer.answer, shown(part)
    chart = charts.drawn(answer, number) if "chart" in show else ""
    table = answer.result is not None and ("table" in show or ("chart" in show and not chart))
    return {
        "kind": "answer",
        "title": one_line(part.answer.title, 120),
        "number": part.answer.number,
        "told": [visible(t) for t in paragraphs(answer)] if "told" in show else [],
        "careful": [*map(visible, answer.warnings)],
        "chart": chart,
        "table": _grid(answer.result, language) if table and answer.result is not None else None,
    }


def _grid(result: Result, language: str) -> Json:
    made = grid(result, language)
    rows: list[Json] = [[*row] for row in made.rows]
    return {"heads": [*made.heads], "right": [*made.right], "rows": rows, "more": made.more}


class _Charts:
    """Charts as vector files in a folder; `failed` once one could not be drawn."""

    def __init__(self, pictures: Pictures | None, home: Path, language: str) -> None:
        self._pictures = pictures
        self._home = home
        self._language = language
        self.failed = False

    def drawn(self, answer: AnswerValue, number: int) -> str:
        """The file's name; '' where there is no picture."""
        assert answer.chart is not None and answer.result is not None
        if self._pictures is None or self.failed:
            self.failed = True
            return ""
        try:
            made = self._pictures.picture(
                answer.chart, answer.result, form="svg", language=self._language, width=CHART_WIDTH
            )
        except PictureError:
            self.failed = True
            return ""
        name = f"chart-{number}.svg"
        families = ", ".join(f"'{f}'" for f in fonts_for(made.decode("utf-8")))
        (self._home / name).write_text(_FAMILY.sub(f"font-family: {families}", made.decode("utf-8")), "utf-8")
        return name
