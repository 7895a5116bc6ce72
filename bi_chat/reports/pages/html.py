"""In: a composed report. Out: one HTML page that needs nothing else: interactive charts, tables, how each was made."""

from __future__ import annotations

from html import escape

from bi_chat.conversation.views.card import as_html
from bi_chat.conversation.views.words import footer, heading
from bi_chat.reports.composed import Composed, Line, Part, Source
from bi_chat.reports.pages.page import as_part, page, shown
from bi_chat.reports.words import word
from bi_chat.values.page import Page

_STYLE = """
body{margin:0;background:#eef1f4;color:#1f2933;font:16px/1.55 Inter,'Segoe UI','Helvetica Neue',Arial,
'Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif}
main{max-width:54rem;margin:0 auto;padding:2.5rem 1rem 4rem}
h1{font-size:1.9rem;line-height:1.2;margin:0 0 .3rem}h2{font-size:1.25rem;margin:2.2rem 0 .6rem}
.about{color:#5f6b77;margin:0 0 1.6rem;font-size:.92rem}
.summary{background:#fff;border:1px solid #dde3e9;border-left:4px solid #2f6fb0;border-radius:10px;padding:1rem 1.3rem}
.summary h2{margin:.1rem 0 .6rem}.summary h3{font-size:.8rem;letter-spacing:.05em;text-transform:uppercase;
color:#5f6b77;margin:1rem 0 .1rem}.summary p{margin:.15rem 0}.summary .main{font-weight:600}
.careful{color:#8a5a00;font-size:.88rem}.from{color:#2f6fb0;font-size:.78rem;text-decoration:none;white-space:nowrap;
vertical-align:super}.text{max-width:46rem}
.made{background:#fff;border:1px solid #dde3e9;border-radius:10px;padding:.8rem 1.2rem;margin:.7rem 0;font-size:.9rem}
.made h3{margin:.2rem 0 .4rem;font-size:1rem}.made p{margin:.2rem 0}.made pre{overflow-x:auto;background:#f6f8fa;
border-radius:6px;padding:.7rem;font-size:.8rem;line-height:1.45}
.bi-card{max-width:none!important;margin:.9rem 0!important}
@media (prefers-color-scheme:dark){body{background:#0d1116;color:#e6ebf0}.summary,.made{background:#151b22;
border-color:#2c3641;border-left-color:#6ba6e3}.made{border-left-color:#2c3641}.about,.summary h3{color:#9aa7b4}
.careful{color:#f0b656}.from{color:#6ba6e3}.made pre{background:#0d1116}}
@media print{body{background:#fff}main{max-width:none}}
""".strip().replace("\n", "")


def as_page(composed: Composed) -> Page:
    """The whole report as one file. Nothing in it comes from the network; everything written by people is escaped."""
    language = composed.language
    body = [_head(composed), _summary(composed.summary, language)]
    library = True  # the charts' library is written once, with the first chart
    for part in composed.parts:
        made, drawn = _part(part, library=library)
        body.append(made)
        library = library and not drawn
    if composed.appendix:
        body.append(_appendix(composed))
    title = escape(composed.title)
    made_page = (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{_STYLE}</style></head>'
        f"<body><main>{''.join(body)}</main></body></html>"
    )
    return page(composed, "html", made_page.encode("utf-8"))


def about_lines(composed: Composed) -> tuple[str, ...]:
    """The period, the day that questions count from, how fresh the data are, what could not be answered."""
    language = composed.language
    said = [word("period", language, words=composed.period)] if composed.period else []
    said.append(word("made", language, when=f"{composed.at:%Y-%m-%d %H:%M}"))
    if composed.as_of is not None:
        said.append(word("as_of", language, when=f"{composed.as_of:%Y-%m-%d %H:%M}"))
    if composed.unanswered:
        said.append(word("unanswered", language, titles="; ".join(composed.unanswered)))
    return tuple(said)


def made_lines(source: Source) -> tuple[str, ...]:
    """How an answer was made, but for its SQL."""
    answer, language = source.answer, source.answer.question.language
    phrases = " · ".join(f"“{p.text}” → {p.meaning}" for p in answer.how_read)
    named = (
        ("understood", (answer.restatement,)),
        ("how_read", (phrases,)),
        ("assumptions", answer.assumptions),
        ("warnings", answer.warnings),
        ("standing", (" · ".join(footer(answer)),)),
    )
    return tuple(f"{heading(key, language)}: {said}" for key, all_said in named for said in all_said if said)


def _head(composed: Composed) -> str:
    said = " · ".join(about_lines(composed))
    return f'<h1>{escape(composed.title)}</h1><p class="about">{escape(said)}</p>'


def _summary(lines: tuple[Line, ...], language: str) -> str:
    if not lines:
        return ""
    rows = []
    for line in lines:
        first, *rest = line.sentences
        rows.append(f"<h3>{escape(word(line.kind, language))}</h3>")
        rows.append(f'<p class="main">{escape(first)} {_from((line.source,))}</p>')
        rows += [f"<p>{escape(s)}</p>" for s in rest]
        rows += [f'<p class="careful">{escape(w)}</p>' for w in line.careful]
    return f'<section class="summary"><h2>{escape(word("summary", language))}</h2>{"".join(rows)}</section>'


def _from(numbers: tuple[int, ...]) -> str:
    return " ".join(f'<a class="from" href="#source-{n}">[{n}]</a>' for n in numbers)


def _part(part: Part, *, library: bool) -> tuple[str, bool]:
    """The part, and whether the charts' library was needed."""
    if part.answer is None:
        if part.heading:
            return f"<h2>{escape(part.heading)}</h2>", False
        lines = "<br>".join(escape(t) for t in part.text.strip().splitlines())
        return f'<p class="text">{lines} {_from(part.sources)}</p>', False
    show = shown(part)
    drawn = "chart" in show
    card = as_html(as_part(part.answer, show), standalone=False, include_plotlyjs=drawn and library)
    return card, drawn


def _appendix(composed: Composed) -> str:
    rows = []
    for source in composed.sources:
        said = "".join(f"<p>{escape(line)}</p>" for line in made_lines(source))
        sql = f"<pre><code>{escape(source.answer.sql)}</code></pre>" if source.answer.sql else ""
        rows.append(
            f'<div class="made" id="source-{source.number}"><h3>[{source.number}] {escape(source.title)}</h3>'
            f"{said}{sql}</div>"
        )
    return f"<h2>{escape(word('appendix', composed.language))}</h2>{''.join(rows)}"
