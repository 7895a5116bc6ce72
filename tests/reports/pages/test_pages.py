"""In: a composed report. Out of its pages, as other programs read them: the same facts, and text that is only text."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import datetime
from html.parser import HTMLParser

import polars as pl
import pytest
from openpyxl import load_workbook

from bi_chat.errors import PictureError, ReportError
from bi_chat.ports import Pictures
from bi_chat.reports.composed import Composed, Line, Part, Source
from bi_chat.reports.pages import typst
from bi_chat.reports.pages.mail import as_body, as_text
from bi_chat.reports.pages.page import file_stem
from bi_chat.reports.rendering import rendered
from bi_chat.values.answer import AnswerValue, Narrative
from bi_chat.values.chart import Chart
from bi_chat.values.query import ResultColumn
from bi_chat.values.question import Question
from bi_chat.values.result import Result

EVIL = (
    '<script>alert(1)</script>"#eval("1")#image("x.png")$x$ =1+1 [l](http://x) `c` |a| {{b}} \\u{41} @all\x1b[31m\u202e'
)
NOW = datetime(2025, 10, 18, 8)


def evil_report() -> Composed:
    frame = pl.DataFrame({EVIL: [EVIL, "=1+1"], "n": [1.5, 2.5]})
    result = Result(frame, (ResultColumn(EVIL, "dimension", label=EVIL), ResultColumn("n", "measure", unit=EVIL)))
    question = Question(EVIL, NOW)
    answer = AnswerValue(
        question, "answered", sql=EVIL, result=result, chart=Chart("bar", x=EVIL, y=("n",)), narrative=Narrative(EVIL),
        restatement=EVIL, warnings=(EVIL,), assumptions=(EVIL,),
    )  # fmt: skip
    source = Source(1, EVIL, answer)
    parts = (Part(heading=EVIL), Part(text=EVIL, sources=(1,)), Part(answer=source, show=("told", "chart", "table")))
    return Composed("r", EVIL, "en", NOW, EVIL, (Line("changed", (EVIL, EVIL), 1, (EVIL,)),), parts, (source,))


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def tags(text: str) -> Tags:
    found = Tags()
    found.feed(text)
    return found


def pdf_text(content: bytes) -> tuple[int, str]:
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    try:
        pages = [document[n] for n in range(len(document))]
        said = []
        for page in pages:
            words = page.get_textpage()
            said.append(words.get_text_bounded())
            words.close()
            page.close()
        return len(pages), re.sub(r"\s+", " ", " ".join(said))
    finally:
        document.close()


class TestPlain:
    def test_one_page_that_needs_nothing_else(self, weekly: Composed, pictures: Pictures) -> None:
        page = rendered(weekly, "html", pictures)
        assert page.name == "weekly-sales-review-2025-10-18-0800.html"
        text = page.content.decode("utf-8")
        assert "€10,583.51, +7.5% against €9,847.71" in text and "SELECT" in text
        found = tags(text)
        outside = [
            a for _, a in found.seen for k, v in a.items() if k in ("src", "href") and not str(v).startswith("#")
        ]
        assert outside == []
        assert text.count("plotly.js v") <= 2  # the charts' library is written once

    def test_references_lead_to_the_appendix(self, weekly: Composed, pictures: Pictures) -> None:
        text = rendered(weekly, "html", pictures).content.decode("utf-8")
        ids = set(re.findall(r'id="(source-\d+)"', text))
        assert ids and set(re.findall(r'href="#(source-\d+)"', text)) <= ids

    def test_the_workbook_holds_each_answer(self, weekly: Composed, pictures: Pictures) -> None:
        book = load_workbook(io.BytesIO(rendered(weekly, "xlsx", pictures).content))
        assert book.sheetnames[1] == "2 Revenue by product group" and book.sheetnames[-1] == "How it was read"
        assert len(book.sheetnames) >= 4
        assert book.worksheets[0]["A2"].value == pytest.approx(10583.51)

    def test_markdown_reads_as_it_is_meant(self, weekly: Composed, pictures: Pictures) -> None:
        from markdown_it import MarkdownIt

        text = rendered(weekly, "md", pictures).content.decode("utf-8")
        html = MarkdownIt("commonmark").enable("table").render(text)
        assert "<h1>Weekly sales review</h1>" in html and html.count("<table>") == 3
        assert "Fern Valley Sencha</td>" in html and '<code class="language-sql">' in html


class TestPdf:
    @pytest.fixture(autouse=True)
    def _typst(self) -> None:
        pytest.importorskip("typst", reason="typst is missing")
        pytest.importorskip("pypdfium2", reason="pypdfium2 is missing")

    def test_pages_are_numbered_and_say_what_the_report_says(self, weekly: Composed, pictures: Pictures) -> None:
        page = rendered(weekly, "pdf", pictures)
        count, text = pdf_text(page.content)
        assert count >= 2 and f"Page 1 of {count}" in text and f"Page {count} of {count}" in text
        assert "€10,583.51, +7.5% against €9,847.71" in text and "SELECT" in text and "Fern Valley Sencha" in text

    def test_charts_stay_vectors(self, weekly: Composed, pictures: Pictures) -> None:
        import pypdfium2

        content = rendered(weekly, "pdf", pictures).content
        document = pypdfium2.PdfDocument(content)
        kinds = {o.type for n in range(len(document)) for o in document[n].get_objects(max_depth=4)}
        document.close()
        assert pypdfium2.raw.FPDF_PAGEOBJ_IMAGE not in kinds and pypdfium2.raw.FPDF_PAGEOBJ_PATH in kinds

    def test_the_same_report_is_the_same_file(self, weekly: Composed, pictures: Pictures) -> None:
        assert rendered(weekly, "pdf", pictures) == rendered(weekly, "pdf", pictures)

    def test_long_reports_have_a_list_of_contents(self, weekly: Composed, pictures: Pictures) -> None:
        more = tuple(Part(heading=f"Chapter {n}") for n in range(5))
        assert "Contents" not in pdf_text(rendered(weekly, "pdf", pictures).content)[1]
        text = pdf_text(rendered(replace(weekly, parts=(*more, *weekly.parts)), "pdf", pictures).content)[1]
        assert "Contents" in text and text.count("Chapter 3") == 2

    def test_without_pictures_tables_stand_in_and_it_says_so(self, weekly: Composed) -> None:
        _, text = pdf_text(rendered(weekly, "pdf", None).content)
        assert "tables stand in" in text and "Whole bean" in text

    def test_a_browser_that_fails_is_no_end(self, weekly: Composed) -> None:
        class Broken:
            def picture(self, *args: object, **named: object) -> bytes:
                raise PictureError("no browser")

            def close(self) -> None: ...

        assert "tables stand in" in pdf_text(rendered(weekly, "pdf", Broken()).content)[1]

    def test_chinese_needs_a_chinese_font_or_says_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(typst, "_families", lambda: frozenset({"DejaVu Sans"}))
        assert typst.fonts_for("only letters") == ("DejaVu Sans", "Libertinus Serif")
        with pytest.raises(ReportError, match="Chinese font"):
            typst.fonts_for("市场周报")


class TestTextIsData:
    @pytest.mark.parametrize("form", ["html", "md", "xlsx", "pdf", "pptx"])
    def test_every_form_can_be_made_of_anything(self, form: str, pictures: Pictures) -> None:
        if form in ("pdf", "pptx"):
            pytest.importorskip({"pdf": "typst", "pptx": "pptx"}[form], reason="a library is missing")
        page = rendered(evil_report(), form, pictures)
        assert re.fullmatch(r"[\w-]+-2025-10-18-0800\.\w+", page.name) and page.content

    def test_html_holds_no_element_of_theirs(self, pictures: Pictures) -> None:
        text = rendered(evil_report(), "html", pictures).content.decode("utf-8")
        assert "alert(1)</script>" not in text.replace("&lt;", "<").split("<main>")[0]
        body = text.partition("<main>")[2]
        assert "<script>alert" not in body and not {"img", "iframe", "object"} & {t for t, _ in tags(body).seen}

    def test_a_mail_holds_no_element_of_theirs(self, pictures: Pictures) -> None:
        html, shown = as_body(evil_report(), pictures)
        found = tags(html).seen
        assert not {"script", "iframe", "a", "style", "link"} & {t for t, _ in found}
        assert [a["src"] for t, a in found if t == "img"] == ["cid:chart-1"] and len(shown) == 1
        assert "\x1b" not in as_text(evil_report()) and "\u202e" not in as_text(evil_report())

    def test_markdown_holds_no_markup_of_theirs(self, pictures: Pictures) -> None:
        from markdown_it import MarkdownIt

        text = rendered(evil_report(), "md", pictures).content.decode("utf-8")
        html = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
        seen = {t for t, _ in tags(html).seen}
        assert not seen & {"script", "a", "img"} and html.count("<table>") == 1

    def test_a_pdf_shows_their_signs_as_they_are(self, pictures: Pictures) -> None:
        pytest.importorskip("typst", reason="typst is missing")
        pytest.importorskip("pypdfium2", reason="pypdfium2 is missing")
        _, text = pdf_text(rendered(evil_report(), "pdf", pictures).content)
        assert '#eval("1")#image("x.png")$x$' in text and "<script>alert(1)</script>" in text

    @pytest.mark.parametrize(
        ("title", "stem"),
        [
            ("../../etc/passwd", "etc-passwd"),
            ("CON:\\x", "con-x"),
            ("市场周报 / 10月", "市场周报-10月"),
            ("!!!", "report"),
        ],
    )
    def test_names_of_files_hold_no_folder(self, title: str, stem: str) -> None:
        assert file_stem(title) == stem


class TestSlides:
    @pytest.fixture(autouse=True)
    def _pptx(self) -> None:
        pytest.importorskip("pptx", reason="python-pptx is missing")

    def test_one_message_on_each(self, weekly: Composed, pictures: Pictures) -> None:
        from pptx import Presentation

        deck = Presentation(io.BytesIO(rendered(weekly, "pptx", pictures).content))
        said = [[s.text_frame.text for s in slide.shapes if s.has_text_frame] for slide in deck.slides]
        assert len(said) == 1 + len(weekly.summary) + 3
        assert said[0][0] == "Weekly sales review" and "7.5% up" in said[1][1]
        kinds = [{s.shape_type for s in slide.shapes} for slide in deck.slides]
        assert sum(any("PICTURE" in str(k) for k in of) for of in kinds) == 3  # two of the summary
        assert sum(any("TABLE" in str(k) for k in of) for of in kinds) == 2
        assert "SELECT" in deck.slides[len(said) - 1].notes_slide.notes_text_frame.text

    def test_everything_lies_on_the_slide(self, weekly: Composed, pictures: Pictures) -> None:
        from pptx import Presentation

        deck = Presentation(io.BytesIO(rendered(weekly, "pptx", pictures).content))
        for slide in deck.slides:
            for shape in slide.shapes:
                assert shape.left >= 0 and shape.left + shape.width <= deck.slide_width
                assert shape.top >= 0 and shape.top + shape.height <= deck.slide_height
