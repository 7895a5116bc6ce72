"""In: a composed report and a painter of pictures. Out: slides, one message each: the sentence, its chart or table.

How a figure was made stands in the notes of its slide.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from bi_chat.conversation.views.words import paragraphs
from bi_chat.errors import PictureError, ReportError
from bi_chat.language.display import one_line, visible
from bi_chat.ports import Pictures
from bi_chat.reports.composed import Composed, Line, Part, Source
from bi_chat.reports.pages.html import about_lines, made_lines
from bi_chat.reports.pages.page import Grid, grid, has_chart, page, shown
from bi_chat.reports.words import word
from bi_chat.values.answer import AnswerValue
from bi_chat.values.page import Page

if TYPE_CHECKING:
    from pptx.presentation import Presentation
    from pptx.slide import Slide

MOST_ROWS = 12
_WIDTH, _HEIGHT, _EDGE = 13.333, 7.5, 0.7  # inches
_INK, _MUTED, _ACCENT = "1F2933", "5F6B77", "2F6FB0"


def as_page(composed: Composed, pictures: Pictures | None) -> Page:
    """Wide slides. Without pictures tables stand in for charts. Raises ReportError where python-pptx is missing."""
    try:
        import pptx
        from pptx.util import Inches
    except ImportError:
        raise ReportError('Slides need python-pptx: pip install "bi_chat[report]".') from None
    deck = pptx.Presentation()
    deck.slide_width, deck.slide_height = Inches(_WIDTH), Inches(_HEIGHT)
    deck.core_properties.title = visible(composed.title)
    first = _slide(deck)
    _text(first, (composed.title,), (2.4, 1.2), size=36, bold=True)
    _text(first, about_lines(composed), (3.7, 1.5), size=14, colour=_MUTED)
    by_number = {s.number: s for s in composed.sources}
    for line in composed.summary:
        _summary(deck, line, by_number[line.source], (pictures, composed.language))
    heading = ""
    for part in composed.parts:
        heading = part.heading or heading
        if part.answer is not None:
            _answer(deck, part, heading, (pictures, composed.language))
    out = io.BytesIO()
    deck.save(out)
    return page(composed, "pptx", out.getvalue())


def _summary(deck: Presentation, line: Line, source: Source, drawing: tuple[Pictures | None, str]) -> None:
    """What the line says, with the chart that shows it where there is one."""
    slide = _slide(deck)
    first, *rest = line.sentences
    _text(slide, (word(line.kind, drawing[1]),), (0.4, 0.4), size=14, colour=_ACCENT, bold=True)
    _text(slide, (first,), (0.8, 1.1), size=24, bold=True)
    _text(slide, (*rest, *line.careful), (1.95, 1.7), size=13)
    if has_chart(source.answer):
        _picture(slide, source.answer, drawing, (3.75, 3.1))
    _stand(slide, source)


def _stand(slide: Slide, source: Source) -> None:
    """Where the figures come from: a line on the slide, the whole of it in its notes."""
    stand = f"[{source.number}] {source.answer.restatement}"
    _text(slide, (one_line(stand, 160),), (6.95, 0.35), size=10, colour=_MUTED)
    notes = slide.notes_slide.notes_text_frame
    if notes is not None:
        notes.text = visible("\n".join((*made_lines(source), "", source.answer.sql)))


def _answer(deck: Presentation, part: Part, heading: str, drawing: tuple[Pictures | None, str]) -> None:
    assert part.answer is not None
    answer, show = part.answer.answer, shown(part)
    slide = _slide(deck)
    told = paragraphs(answer) or [part.answer.title]
    _text(slide, (" · ".join(t for t in (heading, part.answer.title) if t),), (0.4, 0.4), size=12, colour=_ACCENT)
    _text(slide, told[:1], (0.75, 1.1), size=24, bold=True)
    _text(slide, (*told[1:3], *answer.warnings), (1.75, 0.8), size=13, colour=_MUTED)
    drawn = "chart" in show and _picture(slide, answer, drawing, (2.6, 4.2))
    if answer.result is not None and not drawn and ({"table", "chart"} & set(show)):
        _table(slide, grid(answer.result, drawing[1]))
    _stand(slide, part.answer)


def _slide(deck: Presentation) -> Slide:
    return deck.slides.add_slide(deck.slide_layouts[6])


def _text(
    slide: Slide,
    lines: tuple[str, ...] | list[str],
    place: tuple[float, float],
    *,
    size: int,
    bold: bool = False,
    colour: str = _INK,
) -> None:
    """Lines in a box; `place` is its top and height in inches."""
    from pptx.dml.color import RGBColor
    from pptx.enum.text import MSO_AUTO_SIZE
    from pptx.util import Inches, Pt

    box = slide.shapes.add_textbox(Inches(_EDGE), Inches(place[0]), Inches(_WIDTH - 2 * _EDGE), Inches(place[1]))
    frame = box.text_frame
    frame.word_wrap, frame.auto_size = True, MSO_AUTO_SIZE.TEXT_TO_FIT_SHAPE
    for number, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if not number else frame.add_paragraph()
        run = paragraph.add_run()
        run.text = visible(line)
        run.font.size, run.font.bold, run.font.color.rgb = Pt(size), bold, RGBColor.from_string(colour)


def _picture(
    slide: Slide, answer: AnswerValue, drawing: tuple[Pictures | None, str], place: tuple[float, float]
) -> bool:
    """Whether a picture of the chart is there now; it keeps its proportions. `place`: its top and height in inches."""
    from pptx.util import Inches

    pictures, language = drawing
    if pictures is None or answer.chart is None or answer.result is None:
        return False
    try:
        made = pictures.picture(answer.chart, answer.result, form="png", language=language, width=960)
    except PictureError:
        return False
    shape = slide.shapes.add_picture(io.BytesIO(made), Inches(_EDGE), Inches(place[0]), height=Inches(place[1]))
    if shape.width > Inches(_WIDTH - 2 * _EDGE):
        shape.height = int(shape.height * Inches(_WIDTH - 2 * _EDGE) / shape.width)
        shape.width = Inches(_WIDTH - 2 * _EDGE)
    shape.left = int((Inches(_WIDTH) - shape.width) / 2)
    return True


def _table(slide: Slide, table: Grid) -> None:
    from pptx.enum.text import PP_ALIGN
    from pptx.util import Inches, Pt

    rows = table.rows[:MOST_ROWS]
    if not table.heads:
        return
    if len(table.rows) > MOST_ROWS or table.more:
        _text(slide, ("…",), (6.6, 0.3), size=12, colour=_MUTED)
    width, height = Inches(_WIDTH - 2 * _EDGE), Inches(0.32 * (len(rows) + 1))
    size = (len(rows) + 1, len(table.heads), Inches(_EDGE), Inches(2.6), width, height)
    made = slide.shapes.add_table(*size).table
    for y, cells in enumerate((table.heads, *rows)):
        for x, cell in enumerate(cells):
            paragraph = made.cell(y, x).text_frame.paragraphs[0]
            run = paragraph.add_run()
            run.text, run.font.size, run.font.bold = visible(cell), Pt(12), y == 0
            paragraph.alignment = PP_ALIGN.RIGHT if table.right[x] else PP_ALIGN.LEFT
