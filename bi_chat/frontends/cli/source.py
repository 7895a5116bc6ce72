"""In: a file. Out: how it would be read, as text or JSON; 2 when nothing of it can be read."""

from __future__ import annotations

from bi_chat.frontends.cli.arguments import Options
from bi_chat.sources.check import check_file
from bi_chat.sources.report import Message, SourceReport

OUTCOMES = {
    "load": "Can be read.",
    "load_with_warning": "Can be read; look at what is marked with !",
    "ask": "Can be read, but a question is open: see what is marked with ?",
    "error": "Can't be read.",
}
MARKS = {"info": "·", "changed": "~", "doubt": "!", "error": "✗"}


def run(options: Options) -> int:
    """Check a file."""
    report = check_file(options.file)
    print(report.to_json() if options.json else as_text(report))
    return 2 if report.outcome == "error" else 0


def as_text(report: SourceReport) -> str:
    """The report for a terminal."""
    lines = [OUTCOMES[report.outcome], *(_line(m) for m in report.messages)]
    for table in report.tables:
        lines.append(f"\n{table.table}: {table.rows:,} rows, {len(table.columns)} columns")
        wide = max((len(c) for c in table.columns), default=0)
        for column, kind, nulls in zip(table.columns, table.types, table.nulls, strict=True):
            lines.append(f"  {column:<{wide}}  {kind}{f', {nulls:,} empty' if nulls else ''}")
        lines += [_line(m) for m in table.messages]
    return "\n".join(lines)


def _line(message: Message) -> str:
    return f"  {MARKS.get(message.level, '·')} {message.text}"
