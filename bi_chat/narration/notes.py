"""In: a note (an assumption or a warning as a code with arguments). Out: its sentence in the asker's language."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from bi_chat.language.display import one_line, show_date, show_number
from bi_chat.narration.pack import knows, say
from bi_chat.narration.periods import counted, span_words
from bi_chat.values.period import Grain, Period
from bi_chat.values.query import Note

# arguments that name a thing of the program, with where its word stands
_NAMED = {
    "grain": ("words", "grain."),
    "wished": ("words", "chart."),
    "shown": ("words", "chart."),
    "why": ("chart_why", ""),
    "how": ("words", "how."),
    "zones": ("words", "zone."),
}
_LISTS = ("times", "zones")
_NUMBERS = ("value", "count", "have", "need", "of", "before", "after")
_A_TIME = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d\S*)?")


def say_note(note: Note, language: str) -> str:
    """The sentence of a note; a code without one is still said, with its arguments, rather than swallowed."""
    fields = {name: _argument(name, value, language) for name, value in note.args}
    if note.code != "unknown" and knows(language, "notes", note.code):
        return say(language, "notes", note.code, **fields, **_further(note, language))
    gap = _gap(language)
    details = gap.join(f"{name}: {value}" for name, value in fields.items())
    return say(language, "notes", "unknown", code=note.code.replace("_", " "), details=details)


def _further(note: Note, language: str) -> dict[str, str]:
    """What follows from several arguments: a span of days, a step of so many grains, how many times are not named."""
    args = dict(note.args)
    found = {}
    if note.code.endswith("_resolved") or note.code.startswith("scenario_of"):
        found["span"] = span_words(_period(args), language)
    if "every" in args:
        found["step"] = counted(int(args["every"]), Grain(args["grain"]), language)
    more = int(args["count"]) - len(args["times"].split(", ")) if {"count", "times"} <= set(args) else 0
    if more > 0:
        found["more"] = show_number(more, language=language)
    return found


def _period(args: dict[str, str]) -> Period:
    """First and last day, either of which may be open."""
    start, last = (date.fromisoformat(args[k]) if args.get(k) else None for k in ("start", "end"))
    return Period(start, last + timedelta(days=1) if last else None)


def _argument(name: str, value: str, language: str) -> str:
    if name in _LISTS:
        return _gap(language).join(_one(name, part, language) for part in value.split(", "))
    return _one(name, value, language)


def _one(name: str, value: str, language: str) -> str:
    """Dates and numbers as the language writes them, grains and chart types translated, technical names readable."""
    section, prefix = _NAMED.get(name, ("", ""))
    if section and knows(language, section, prefix + value):
        return say(language, section, prefix + value)
    try:
        if name in _NUMBERS:
            return show_number(float(value) if set(value) & set(".e") else int(value), language=language)
        if name == "share":
            return show_number(float(value), language=language, format="percent")
        if _A_TIME.fullmatch(value):
            return show_date(datetime.fromisoformat(value), "", language)
    except ValueError:
        pass
    return one_line(value.replace("_", " "), 80)


def _gap(language: str) -> str:
    return "、" if language == "zh" else ", "
