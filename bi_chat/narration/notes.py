"""In: a note (an assumption or a warning as a code with arguments). Out: its sentence in the asker's language."""

from __future__ import annotations

from datetime import date, timedelta

from bi_chat.language.display import one_line, show_date
from bi_chat.narration.pack import knows, say
from bi_chat.narration.periods import span_words
from bi_chat.values.period import Period
from bi_chat.values.query import Note

# arguments that name a thing of the program, with where its word stands
_NAMED = {
    "grain": ("words", "grain."),
    "wished": ("words", "chart."),
    "shown": ("words", "chart."),
    "why": ("chart_why", ""),
}


def say_note(note: Note, language: str) -> str:
    """The sentence of a note; a code without one is still said, with its arguments, rather than swallowed."""
    fields = {name: _argument(name, value, language) for name, value in note.args}
    fields |= {"span": span_words(_period(dict(note.args)), language)} if note.code.endswith("_resolved") else {}
    if note.code != "unknown" and knows(language, "notes", note.code):
        return say(language, "notes", note.code, **fields)
    gap = "、" if language == "zh" else ", "
    details = gap.join(f"{name}: {value}" for name, value in fields.items())
    return say(language, "notes", "unknown", code=note.code.replace("_", " "), details=details)


def _period(args: dict[str, str]) -> Period:
    """First and last day, either of which may be open."""
    start, last = (date.fromisoformat(args[k]) if args.get(k) else None for k in ("start", "end"))
    return Period(start, last + timedelta(days=1) if last else None)


def _argument(name: str, value: str, language: str) -> str:
    """Dates are spelled out, grains and chart types translated, technical names made readable."""
    section, prefix = _NAMED.get(name, ("", ""))
    if section and knows(language, section, prefix + value):
        return say(language, section, prefix + value)
    try:
        return show_date(date.fromisoformat(value), "day", language)
    except ValueError:
        return one_line(value.replace("_", " "), 80)
