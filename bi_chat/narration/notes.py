"""In: a note (an assumption or a warning as a code with arguments). Out: its sentence in the asker's language."""

from __future__ import annotations

from bi_chat.narration.pack import knows, say
from bi_chat.values.query import Note


def say_note(note: Note, language: str) -> str:
    """The sentence of a note; a code without one is still said, with its arguments, rather than swallowed."""
    fields = dict(note.args)
    if knows(language, "notes", note.code) and note.code != "unknown":
        return say(language, "notes", note.code, **fields)
    gap = "、" if language == "zh" else ", "
    details = gap.join(f"{name}: {value}" for name, value in note.args)
    return say(language, "notes", "unknown", code=note.code.replace("_", " "), details=details)
